"""A store as it is after years: a million rows of the outbox and a hundred thousand calls."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from backend.db.tables.messages import acts, campaigns, exclusions, inbound_messages, outbox, tasks
from backend.db.tables.records import calls, requests, turns
from backend.db.transactions import write
from backend.records.suppression.stop_keys import stop_keys
from benchmarks.millions.recipient_records import CAMPAIGN, put_in
from messages.campaigns.counting import keep_delivered
from messages.campaigns.template_library import find_template

LARGE = {"LARGEDNE": ("done", 600_000), "LARGERUN": ("running", 300_000)}
"""Two campaigns by their ids; the rest of the million is of many small ones."""
SMALL, SMALL_ROWS = 50, 2_000
EXCLUDED = 50_000
CALLS, DAYS, TURNS = 100_000, 90, 5
ACTS, TASKS, OPEN_TASKS = 100_000, 20_000, 300
_PATHS = ("-", "5", "5.1", "5.3", "2", "2.1", "2.1.1", "2.1.1.2", "3", "3.3", "6", "6.4")
_OUTCOMES = ("completed", "talked", "informed", "abandoned", "abandoned_before_confirm")
_STATES = ("delivered", "failed", "sent", "suppressed", "unknown")
_SHARES = (90, 5, 3, 1, 1)

_Row = dict[str, Any]
_Moment = Callable[[timedelta], str]


def fill(engine: Engine, now: datetime, tree_hash: str) -> None:
    """Put it all in by the driver's fastest way; the calls went through that version of a tree."""

    def ago(since: timedelta) -> str:
        moment = (now - since).astimezone(UTC).replace(tzinfo=None)
        return moment.isoformat(" ", "microseconds")

    with write(engine) as connection:
        stop_keys(connection)
        find_template(connection, CAMPAIGN["template"], now=now - timedelta(days=DAYS))
        connection.execute(insert(campaigns), list(_campaigns(now)))
        put_in(connection, outbox, _outbox(ago))
        put_in(connection, exclusions, _exclusions())
        put_in(connection, calls, _calls(ago, tree_hash))
        put_in(connection, turns, _turns(ago))
        put_in(connection, requests, _requests(ago))
        put_in(connection, acts, _acts(ago))
        put_in(connection, tasks, _tasks(ago))
        put_in(connection, inbound_messages, _replies(ago))
        _count_on(connection)
    _tidy_up(engine)
    while keep_delivered(engine, now):
        pass


def _tidy_up(engine: Engine) -> None:
    """As PostgreSQL does by itself where it is not told otherwise."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        on_postgresql = connection.dialect.name == "postgresql"
        connection.execute(text("VACUUM (ANALYZE)" if on_postgresql else "ANALYZE"))


def _count_on(connection: Connection) -> None:
    """On PostgreSQL rows that bring their numbers leave the counter where it was."""
    if connection.dialect.name != "postgresql":
        return
    for table in (outbox, requests, acts, tasks):
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'number'), "  # noqa: S608
                f"(SELECT max(number) FROM {table.name}))"
            )
        )


def _sizes() -> Iterator[tuple[str, str, int]]:
    for campaign_id, (state, rows) in LARGE.items():
        yield campaign_id, state, rows
    for number in range(SMALL):
        yield f"SMALL{number:03}", "done", SMALL_ROWS


def _campaigns(now: datetime) -> Iterator[_Row]:
    for age, (campaign_id, state, rows) in enumerate(_sizes()):
        created = now - timedelta(days=7 * age, hours=1)
        yield CAMPAIGN | {
            "campaign_id": campaign_id,
            "name": f"Emlékeztető {age}",
            "state": state,
            "recipients": rows,
            "source_rows": rows,
            "created_at": created,
            "created_by": "sender",
            "started_at": created,
            "ended_at": created if state == "done" else None,
        }


def _outbox(ago: _Moment) -> Iterator[_Row]:
    rng = Random(1)  # noqa: S311 - the same store each time
    number = 0
    for campaign_id, state, rows in _sizes():
        for line in range(rows):
            number += 1
            waits = state == "running" and line > rows // 3
            (reached,) = ("queued",) if waits else rng.choices(_STATES, _SHARES)
            at = None if waits else ago(timedelta(seconds=number % 5_000_000))
            yield {
                "number": number,
                "campaign_id": campaign_id,
                "line": line + 2,
                "case_id": f"ESET-{line:07d}",
                "customer_id": f"C-{line:07d}",
                "phone": _phone(line),
                "phone_is_of_case": True,
                "state": reached,
                "reason": {"suppressed": "paid", "unknown": "needs_person"}.get(reached),
                "code": 30005 if reached == "failed" else None,
                "attempt": int(not waits),
                "attempted_at": at,
                "settled_at": at,
                "message_sid": None if waits else f"SM{number:032x}",
            }


def _phone(number: int) -> str:
    """In order, as the judging stores them too: their indexes are filled from one end."""
    return f"+3630{number:07d}"


def _exclusions() -> Iterator[_Row]:
    for campaign_id in LARGE:
        for line in range(EXCLUDED):
            reason = ("landline", "paid", "too_soon", "opted_out")[line % 4]
            row = {"line": 1_000_000 + line, "case_id": f"ESET-{line}", "reason": reason}
            yield {"campaign_id": campaign_id, **row}


def _call(number: int) -> tuple[str, timedelta, str]:
    """Its id, how long ago it began, and its outcome."""
    since = timedelta(days=DAYS) * (1 - number / CALLS) + timedelta(minutes=5)
    return f"CAf{number:031x}", since, _OUTCOMES[number % len(_OUTCOMES)]


def _calls(ago: _Moment, tree_hash: str) -> Iterator[_Row]:
    for number in range(CALLS):
        call_sid, since, outcome = _call(number)
        talked = outcome == "talked"
        yield {
            "call_sid": call_sid,
            "reference": f"{number:06}",
            "caller_key": f"key {number % 30_000}",
            "dialled": "+3680202938" if number % 4 else "+3680000010",
            "tree_hash": tree_hash,
            "began_at": ago(since),
            "agent_at": ago(since - timedelta(seconds=70)) if talked else None,
            "ended_at": ago(since - timedelta(minutes=3)),
            "outcome": outcome,
            "desk": "complaints" if talked else None,
        }


def _turns(ago: _Moment) -> Iterator[_Row]:
    for number in range(CALLS):
        call_sid, since, _outcome = _call(number)
        for turn in range(TURNS):
            path = _PATHS[(number + turn * (1 + number % 3)) % len(_PATHS)]
            at = ago(since - timedelta(seconds=20 * turn))
            yield {"call_sid": call_sid, "turn": turn, "at": at, "place": f"{path} menu prompt"}


def _requests(ago: _Moment) -> Iterator[_Row]:
    for number in range(0, CALLS, 3):
        call_sid, since, _outcome = _call(number)
        kind = ("meter_reading", "payment_day", "callback")[number % 7 % 3]
        yield {
            "number": number + 1,
            "receipt": f"{10_000_000 + number}",
            "kind": kind,
            "customer_id": f"C-{number:07d}",
            "site_id": f"{20_000_000 + number}",
            "data": json.dumps({"day": 1 + number % 27}),
            "channel": "ivr",
            "call_sid": call_sid,
            "created_at": ago(since - timedelta(minutes=1)),
            "flags": "[]",
            "exported_at": ago(since - timedelta(hours=20)) if since > timedelta(days=1) else None,
        }


def _acts(ago: _Moment) -> Iterator[_Row]:
    for number in range(ACTS):
        yield {
            "number": number + 1,
            "at": ago(timedelta(minutes=ACTS - number)),
            "by": ("sender", "approver", "admin")[number % 3],
            "act": ("task finish", "login", "campaign start", "task show")[number % 4],
            "subject": "LARGEDNE" if number % 5_000 == 0 else str(number),
        }


def _tasks(ago: _Moment) -> Iterator[_Row]:
    for number in range(TASKS):
        is_open = number >= TASKS - OPEN_TASKS
        opened = timedelta(minutes=20 * (TASKS - number))
        yield {
            "number": number + 1,
            "kind": "read_message" if number % 2 else "verify_opt_out",
            "phone": _phone(number),
            "message_sid": f"SMin{number:028x}",
            "opened_at": ago(opened),
            "done_at": None if is_open else ago(opened - timedelta(minutes=19)),
            "done_by": None if is_open else "sender",
            "outcome": None if is_open else "done",
        }


def _replies(ago: _Moment) -> Iterator[_Row]:
    for number in range(TASKS):
        yield {
            "message_sid": f"SMin{number:028x}",
            "received_at": ago(timedelta(minutes=20 * (TASKS - number))),
            "phone": _phone(number),
            "body": "Kérem, hívjanak vissza.",
            "meaning": "other",
            "acknowledged": False,
            "counted_parts": 0,
            "task_number": number + 1,
            "pictures": 0,
        }
