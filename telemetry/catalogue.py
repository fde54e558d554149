"""All metrics; docs/metrics.md has a row of each, and alerts and board use no others.

No label holds a number, a name, an id or anything else of a person; each has few values.
"""

from common.error_codes import ErrorCode
from telemetry.instruments import Counter, Gauge, Histogram, Instrument

FAULT = "fault"
"""The code of an error that has none: a fault of the program."""

ERROR_CODES = (
    FAULT,
    "transcript-mismatch",
    ErrorCode.DATABASE_UNREACHABLE.value,
    ErrorCode.DATABASE_BUSY.value,
    ErrorCode.CONNECTION_LOST.value,
    ErrorCode.DISK_FULL.value,
)
"""The usual codes, which are there from the start so that the first error is seen as a rise."""

_ANSWER = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 15)
"""A turn gives up after 8 seconds, a carrier after 15."""

BUILD = Gauge("zoldszam_build_info", "1; the version in its labels.", {"version": (), "python": ()})

# Calls and messages that come in.
WEBHOOK_SECONDS = Histogram(
    "zoldszam_webhook_seconds",
    "Time from a webhook's verified arrival to its answer, by what it reports.",
    {
        "kind": (
            *("incoming", "keys", "silence", "dial", "end", "fallback"),
            *("receipt", "inbound"),
        )
    },
    by=("webhooks",),
    buckets=_ANSWER,
)
WEBHOOK_REFUSALS = Counter(
    "zoldszam_webhook_refusals_total",
    "Requests that were refused before anything was done, by reason.",
    {
        "reason": (
            *("signature_missing", "signature_wrong", "token_missing"),
            *("body_late", "body_large", "overload", "call_missing", "message_missing"),
        )
    },
    by=("webhooks",),
)
ERRORS = Counter(
    "zoldszam_errors_total",
    "Work that failed, by what it was and the error's code.",
    {"work": ("call", "message", "console", "api", "job", "task"), "code": ERROR_CODES},
)
CALLS_ENDED = Counter(
    "zoldszam_calls_ended_total",
    "Calls that ended, by outcome.",
    {
        "outcome": (
            *("completed", "informed", "talked", "abandoned", "abandoned_before_confirm"),
            "abandoned_in_transfer",
        )
    },
    by=("webhooks",),
)
AGENT_SECONDS = Histogram(
    "zoldszam_agent_seconds",
    "Time from a call's beginning to the answer of a person, of calls that reached one.",
    by=("webhooks",),
    buckets=(15, 30, 60, 90, 120, 180, 240, 300, 450, 600, 900),
)
RECEIPTS = Counter(
    "zoldszam_receipts_total",
    "Delivery receipts that came in, by the state that they report.",
    {"state": ("accepted", "sent", "delivered", "failed", "other")},
    by=("webhooks",),
)

# Messages that go out, and other work.
SENDS = Counter(
    "zoldszam_sends_total",
    "Messages by what came of one attempt.",
    {
        "outcome": (
            *("accepted", "refused", "later", "misconfigured", "unknown"),
            *("suppressed", "unfit", "lost"),
        )
    },
    by=("worker",),
)
SEGMENTS = Counter(
    "zoldszam_segments_total",
    "Segments that the carrier has accepted: the pace that is kept.",
    by=("worker",),
)
PACE = Gauge(
    "zoldszam_pace_segments_per_second",
    "Segments a second that a sender may send over all workers: the pace that is set.",
    by=("worker",),
)
CARRIER_SECONDS = Histogram(
    "zoldszam_carrier_seconds",
    "Time that the carrier took to answer a request to send.",
    by=("worker",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
TICK = Gauge(
    "zoldszam_tick_timestamp_seconds",
    "When this worker last looked for what is due, in seconds since 1970.",
    by=("worker",),
)
JOBS_ENDED = Counter(
    "zoldszam_jobs_ended_total",
    "Jobs of staff that this worker ended, by state.",
    {"state": ("done", "failed")},
    by=("worker",),
)
CONSOLE_SECONDS = Histogram(
    "zoldszam_console_seconds",
    "Time of the console's pages, by the first digit of the answer's status.",
    {"status": ("2xx", "3xx", "4xx", "5xx")},
    by=("console",),
    buckets=_ANSWER,
)
API_SECONDS = Histogram(
    "zoldszam_api_seconds",
    "Time of the API's operations, by the first digit of the answer's status.",
    {"status": ("2xx", "3xx", "4xx", "5xx")},
    by=("api",),
    buckets=_ANSWER,
)
EVENTS = Counter(
    "zoldszam_events_total",
    "Attempts to tell other systems of events, by what came of them.",
    {"outcome": ("delivered", "failed", "given_up")},
    by=("worker",),
)

# Read from the records at each scrape; every process tells the same.
DATABASE_UP = Gauge(
    "zoldszam_database_up", "Whether the records could be read for this scrape (1 or 0)."
)
CALLS_IN_PROGRESS = Gauge(
    "zoldszam_calls_in_progress", "Calls that began within four hours and have not ended."
)
OUTBOX = Gauge(
    "zoldszam_outbox_messages",
    "Messages of campaigns that are scheduled, running or paused, by state; claimed and unknown "
    "ones of all campaigns.",
    {"state": ()},
)
OUTBOX_OLDEST = Gauge(
    "zoldszam_outbox_oldest_seconds",
    "Age of the oldest by state: queued, since its running campaign was started; requested, a "
    "text that a caller or a colleague's reply waits for; unknown, since it became so.",
    {"state": ("queued", "requested", "unknown")},
)
CAMPAIGNS = Gauge(
    "zoldszam_campaigns",
    "Campaigns that are not over, by state.",
    {"state": ("scheduled", "running", "paused")},
)
JOBS = Gauge(
    "zoldszam_jobs",
    "Jobs of staff by state, as long as they are kept.",
    {"state": ("waiting", "running", "done", "failed")},
)
JOBS_OLDEST = Gauge(
    "zoldszam_jobs_oldest_waiting_seconds", "Age of the oldest job that no worker has begun."
)
TASKS = Gauge("zoldszam_tasks_open", "Tasks that wait for a colleague.")
TASKS_OLDEST = Gauge("zoldszam_tasks_oldest_seconds", "Age of the oldest open task.")
EVENTS_WAITING = Gauge("zoldszam_events_waiting", "Events of which a receiver is still to be told.")
EVENTS_OLDEST = Gauge(
    "zoldszam_events_oldest_seconds", "Age of the oldest event of which a receiver is to be told."
)
WORKERS = Gauge("zoldszam_workers", "Workers that were seen within a minute.")

ALL_METRICS: dict[str, Instrument] = {
    metric.name: metric for metric in list(globals().values()) if isinstance(metric, Instrument)
}
FROM_RECORDS = (
    *(DATABASE_UP, CALLS_IN_PROGRESS, OUTBOX, OUTBOX_OLDEST, CAMPAIGNS),
    *(JOBS, JOBS_OLDEST, TASKS, TASKS_OLDEST, EVENTS_WAITING, EVENTS_OLDEST, WORKERS),
)


def error_code(fault: BaseException) -> str:
    """The code of an error, for the label: one of ``ErrorCode`` or of ``ERROR_CODES``."""
    code = getattr(fault, "code", None)
    return code.value if isinstance(code, ErrorCode) else getattr(fault, "metrics_code", FAULT)
