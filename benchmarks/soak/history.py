"""The whole history of one recipient, for whoever got two messages or none.

What each change of the outbox came to is kept by a trigger, because workers are killed and clocks
are wrong; what came to the carrier is kept by the simulator. Both go by this machine's clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Engine, text

from backend.db.transactions import read, write
from simulator.messages import MessageService

_KEPT = (
    *("number", "phone", "state", "attempt", "worker", "attempted_at", "settled_at"),
    *("first_asked_at", "asked_until", "lease_until", "reason"),
)
_TABLE = f"CREATE TABLE outbox_history (at TEXT, {', '.join(f'{name} TEXT' for name in _KEPT)})"
_NEW = ", ".join(f"NEW.{name}" for name in _KEPT)
_BEGIN = {
    "sqlite": [
        f"""CREATE TRIGGER keep_outbox_history AFTER UPDATE ON outbox BEGIN
        INSERT INTO outbox_history VALUES (strftime('%Y-%m-%d %H:%M:%f', 'now'), {_NEW}); END"""  # noqa: S608 - names of columns alone
    ],
    "postgresql": [
        f"""CREATE FUNCTION keep_outbox_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO outbox_history VALUES (to_char(
            clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'), {_NEW});
        RETURN NEW; END $$""",  # noqa: S608 - as above
        """CREATE TRIGGER keep_outbox_history AFTER UPDATE ON outbox
        FOR EACH ROW EXECUTE FUNCTION keep_outbox_history()""",
    ],
}


_END = {
    "sqlite": ["DROP TRIGGER keep_outbox_history", "DROP TABLE outbox_history"],
    "postgresql": [
        "DROP TRIGGER keep_outbox_history ON outbox",
        "DROP FUNCTION keep_outbox_history",
        "DROP TABLE outbox_history",
    ],
}


class Event(NamedTuple):
    """Something that happened to a recipient's message, and when (UTC)."""

    at: str
    what: str


@contextmanager
def keeping(engine: Engine) -> Iterator[None]:
    """Keep every change of the outbox during the block, and leave nothing of it behind."""
    _run(engine, [_TABLE, *_BEGIN[engine.dialect.name]])
    try:
        yield
    finally:
        _run(engine, _END[engine.dialect.name])


def _run(engine: Engine, statements: list[str]) -> None:
    with write(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def history(engine: Engine, carrier: MessageService, phone: str) -> list[Event]:
    """What happened to the messages to a number, oldest first; to be asked inside ``keeping``."""
    events = [*_of_ledger(engine, phone), *_of_carrier(carrier, phone)]
    return sorted(events, key=lambda event: event.at)


def _of_ledger(engine: Engine, phone: str) -> Iterator[Event]:
    changes = text("SELECT * FROM outbox_history WHERE phone = :phone")
    with read(engine) as connection:
        for row in connection.execute(changes, {"phone": phone}).mappings():
            told = [f"{name} {row[name]}" for name in _KEPT[3:] if row[name] is not None]
            yield Event(row["at"], f"ledger: {row['state']}, {', '.join(told)}")


def _of_carrier(carrier: MessageService, phone: str) -> Iterator[Event]:
    asked = [
        ("asked to send" if each.method == "POST" else "asked for the list", each)
        for each in carrier.requests
        if each.about == phone
    ]
    for what, request in asked:
        waited = request.read_at - request.came_at
        yield Event(_moment(request.came_at), f"carrier: {what}, read {waited:.3f} s later")
    for message in carrier.messages:
        if message.to == phone:
            yield Event(_moment(message.created_at), f"carrier: took {message.sid}")
    for what, request in asked:
        if request.answered_at is not None:
            answer = f"carrier: {what}, answer: {request.answer}"
            yield Event(_moment(request.answered_at), answer)


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"
