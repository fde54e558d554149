"""``zoldszam worker`` and ``reconcile``: the processes that talk to the carrier."""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from random import SystemRandom

import click
from sqlalchemy import Engine

from backend.db.clock import DatabaseClock
from backend.desks import load_calendar, load_desks
from backend.hooks.delivery import EventDelivery
from backend.logs import configure_logging
from backend.records.suppression.stop_keys import require_stop_keys
from backend.records_metrics import RecordsCollector
from backend.retention import job
from backend.staff.background_jobs.job_runner import JobRunner
from cli.support.common import counted
from cli.support.database import database_option, ready
from console.export_jobs import ExportJobs
from messages.campaigns.counting import keep_delivered
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.planning.plan_jobs import PlanJobs
from messages.delivery.gateway import CarrierRefusesError, CarrierUnavailableError, Gateway
from messages.delivery.reconciling import reconcile
from messages.delivery.sending_context import SendingContext
from messages.delivery.task_queue import open_engine
from messages.delivery.worker import Retention, Worker
from settings import Settings
from settings_environment import logs_as_json
from sms.error_codes import load_codes
from sms.twilio_gateway import TwilioGateway
from telemetry.metrics import start as start_metrics
from telemetry.readers import Readers
from telemetry.server import serve_metrics
from telemetry.tracing import start_tracing

logger = logging.getLogger(__name__)


@click.command("worker")
@click.option(
    "--threads",
    type=click.IntRange(2, 64),
    default=4,
    show_default=True,
    help="Requests to the carrier at the same time, one of them for texts that callers ask for.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65535),
    help="Port for /metrics; without it there is none.",
)
@click.option(
    "--metrics-host",
    default="127.0.0.1",
    show_default=True,
    help="Address for /metrics.",
)
@database_option
def worker_command(
    threads: int, metrics_port: int | None, metrics_host: str, database: str
) -> None:
    """Send what runs, find out what is unknown and do jobs of staff, until Ctrl-C or SIGTERM.

    Any number of workers may run, on any number of machines with PostgreSQL; they share the rate
    limit of a sender and send nothing twice. A worker that dies is taken over from by the others,
    or by the next one that starts.
    """
    configure_logging(as_json=logs_as_json())
    settings = Settings.from_environment()
    if settings.traces_endpoint is not None:
        start_tracing(settings.traces_service or "zoldszam-worker")
    stopping = threading.Event()
    with ready(database) as engine:
        require_stop_keys(engine)
        context = _context(engine, settings, stopping.wait)
        worker = Worker(
            open_engine(database, settings.broker_url),
            context,
            threads,
            stopping,
            _jobs(context),
            EventDelivery(engine, context.clock),
            _retention(context, settings),
        )
        _require_credentials(context.gateway)
        if metrics_port is not None:
            records = RecordsCollector(engine, context.clock)
            _serve_metrics(metrics_host, metrics_port, settings.metrics_readers, records)
        click.echo(f"Sending with {counted(threads, 'thread')}; Ctrl-C ends it gently.")
        worker.run()
    click.echo("Stopped.")


@click.command("reconcile")
@database_option
def reconcile_command(database: str) -> None:
    """Settle what is unknown by the carrier's own list of messages.

    Only what became unknown longer ago than RECONCILE_AFTER is judged; workers do the same by
    themselves. Safe to repeat.
    """
    settings = Settings.from_environment()
    with ready(database) as engine:
        gateway = _gateway(settings)
        try:
            gateway.check()
            done = reconcile(engine, gateway, settings.sending_policy, DatabaseClock(engine, _now))
        except CarrierRefusesError as error:
            raise click.ClickException(str(error)) from error
        except CarrierUnavailableError as error:
            raise click.ClickException(
                f"The carrier does not answer ({error}), so nothing was judged. Look whether this "
                "machine reaches it and TWILIO_API_URL is right; then run this again, or start a "
                "worker."
            ) from error
    click.echo(
        f"{done.found} found at the carrier, {done.absent} proved absent and queued again, "
        f"{done.for_people} left to people, {done.undecided} not to be judged yet."
    )


def _context(engine: Engine, settings: Settings, wait: Callable[[float], bool]) -> SendingContext:
    desks = load_desks(settings.desks)
    return SendingContext(
        engine=engine,
        gateway=_gateway(settings),
        policy=settings.sending_policy,
        calendar=load_calendar(settings.calendar),
        facts=lambda kind: desk_facts(desks, kind),
        public_url=settings.callback_url,
        clock=DatabaseClock(engine, _now),
        wait=wait,
        rng=SystemRandom(),
    )


def _jobs(context: SendingContext) -> JobRunner:
    plans = PlanJobs(
        engine=context.engine,
        policy=context.policy,
        facts=context.facts,
        clock=context.clock,
        rng=context.rng,
    )
    exports = ExportJobs(engine=context.engine, clock=context.clock, rng=context.rng)
    return JobRunner(
        context.engine,
        context.rng.randbytes(8).hex(),
        context.clock,
        plans.handlers() | exports.handlers(),
    )


def _retention(context: SendingContext, settings: Settings) -> Retention:
    limits, periods = settings.identification_limits, settings.periods

    def forget(going_on: Callable[[], bool]) -> None:
        done = asdict(job.run(context.engine, context.clock(), limits, periods, going_on))
        while going_on() and keep_delivered(context.engine, context.clock()):
            pass
        logger.info(
            "retention: %s",
            ", ".join(f"{kind} {number}" for kind, number in done.items() if number) or "nothing",
            extra={"event": "retention_done"},
        )

    return forget


def _gateway(settings: Settings) -> TwilioGateway:
    return TwilioGateway(
        settings.account, load_codes(settings.carrier_codes), settings.sending_policy.send_timeout
    )


def _serve_metrics(host: str, port: int, readers: Readers, records: RecordsCollector) -> None:
    start_metrics("worker")
    try:
        serve_metrics(host, port, readers, [records])
    except OSError as error:
        raise click.ClickException(
            f"/metrics cannot be served on {host}, port {port}: {error.strerror}. "
            "Choose another --metrics-port."
        ) from error


def _require_credentials(gateway: Gateway) -> None:
    """A worker with a revoked token would pause every campaign: better not to start."""
    try:
        gateway.check()
    except CarrierRefusesError as error:
        raise click.ClickException(str(error)) from error
    except CarrierUnavailableError as error:
        click.echo(f"The carrier does not answer yet ({error}); trying on.", err=True)


def _now() -> datetime:
    return datetime.now(UTC)
