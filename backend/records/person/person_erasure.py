"""Erasing one person from the records (GDPR art. 17), and what is kept of them and why.

The records of the utility itself are elsewhere: who is erased here and not there comes back with
the next import. What proves what was done stays without the person.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    cast,
    delete,
    func,
    literal,
    select,
    update,
)

from backend.db.sqlite.sqlite_engine import empty_log
from backend.db.tables.messages import campaigns, exclusions, inbound_messages, outbox, stops, tasks
from backend.db.tables.records import (
    callers,
    calls,
    customers,
    debts,
    identification_failures,
    meters,
    proven_callers,
    readings,
    requests,
    sites,
    windows,
)
from backend.db.tables.staff import jobs
from backend.db.transactions import write
from backend.interface.codes import DebtStatus, Role
from backend.records.person.person_rows import (
    Person,
    PersonError,
    find_person,
    mentions,
    rows_about,
)
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.encryption import keyed_hash

KEPT_FOR: Mapping[str, str] = {
    "requests": "the ledger proves what was done and handed over; it is kept without the person",
    "outbox": "it proves that a message was sent, and counts stay right; kept without the number",
    "exclusions": "counts of past campaigns stay right; kept without the case",
    "calls": "calls are counted until KEEP_CALLS; kept without the number",
    "tasks": "what colleagues did is kept until KEEP_TASKS, without the number",
    "stops": "a number that wants no message must not get one later; it is a keyed hash",
    "campaigns": "what a colleague wrote is taken out, that something was sent is kept",
}
"""Why something is not deleted, by table."""

_DELETED = (
    *(readings, windows, meters, sites, inbound_messages),
    *(callers, proven_callers, identification_failures),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, or would be: rows by table, deleted or kept without the person."""

    deleted: Mapping[str, int]
    kept_without: Mapping[str, int]
    kept: Mapping[str, int]
    log_is_empty: bool = True
    """Whether SQLite's log, where the former content can be read, could be emptied at once."""


class _RehearsedError(Exception):
    def __init__(self, found: Erased) -> None:
        super().__init__()
        self.found = found


def erase(
    engine: Engine,
    customer_id: str | None,
    phone: str | None,
    secret: bytes,
    by: str,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Erased:
    """Erase a customer, or a number (E.164) alone; ``dry_run`` only counts.

    Only an administrator may; who did is recorded. Raises ``UserError``, and ``PersonError`` while
    something about the person is still going on.
    """
    try:
        with write(engine) as connection:
            require_role(connection, by, Role.ADMIN)
            person = find_person(connection, customer_id, phone, secret)
            found = _erase(connection, person, secret)
            if dry_run:
                raise _RehearsedError(found)
            detail = str(sum(found.deleted.values()) + sum(found.kept_without.values()))
            what = "customer" if customer_id else "number"
            record_act(connection, by, "person erase", what, detail, now)
    except _RehearsedError as rehearsed:
        return rehearsed.found
    emptied = empty_log(engine)
    return Erased(found.deleted, found.kept_without, found.kept, emptied)


def _erase(connection: Connection, person: Person, secret: bytes) -> Erased:
    about = rows_about(person)
    _require_nothing_open(connection, person, about)
    mentioning = list(mentions(connection, person))
    token = "erased-" + keyed_hash(secret, "erased", person.customer_id or min(person.phones))[:12]
    deleted, without = Counter[str](), Counter[str]()
    # First what others refer to by what is taken out of them.
    without["requests"] = _requests(connection, person, about[requests], token)
    for table, changed in (
        (outbox, _outbox(person, token)),
        (exclusions, {"case_id": token}),
        (calls, {"caller_key": None}),
        (tasks, {"phone": "", "subject": None}),
    ):
        statement = update(table).where(about[table]).values(changed)
        without[table.name] = connection.execute(statement).rowcount
    for table, key in mentioning:
        counts = without if table is campaigns else deleted
        counts[table.name] += _mentioning(connection, table, key, token)
    for table in _DELETED:
        deleted[table.name] += connection.execute(delete(table).where(about[table])).rowcount
    for table in (debts, customers):
        if person.customer_id is None:
            # The number was on record for somebody else: only the number goes.
            numbers = update(table).where(about[table]).values(phone=None)
            without[table.name] += connection.execute(numbers).rowcount
        else:
            deleted[table.name] += connection.execute(delete(table).where(about[table])).rowcount
    return Erased(+deleted, +without, {"stops": _count(connection, stops, about[stops])})


def _require_nothing_open(
    connection: Connection, person: Person, about: Mapping[Table, ColumnElement[bool]]
) -> None:
    for table, condition, hint in (
        (requests, requests.c.exported_at.is_(None), "Hand the requests over"),
        (
            outbox,
            outbox.c.state.in_(("queued", "claimed", "unknown")),
            "End the campaign",
        ),
        (tasks, tasks.c.done_at.is_(None), "Finish the open task"),
        (calls, calls.c.ended_at.is_(None), "Wait for the end of the call, or run retention"),
        (debts, debts.c.status == DebtStatus.OPEN, "Wait until the case is closed"),
    ):
        if table is debts and person.customer_id is None:
            # A wrong number goes, whatever becomes of the case that it was on record for.
            continue
        if open_ones := _count(connection, table, about[table] & condition):
            raise PersonError(
                f"Nothing was erased: {open_ones} rows of {table.name} are about what still goes "
                f"on. {hint} first."
            )


def _count(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()


def _requests(
    connection: Connection, person: Person, condition: ColumnElement[bool], token: str
) -> int:
    whose = {} if person.customer_id is None else {"customer_id": token, "site_id": None}
    rows = connection.execute(select(requests.c.number, requests.c.data).where(condition)).all()
    for number, data in rows:
        left = {name: value for name, value in data.items() if not person.is_mentioned(str(value))}
        connection.execute(
            update(requests).where(requests.c.number == number).values(data=left, **whose)
        )
    return len(rows)


def _outbox(person: Person, token: str) -> dict[str, Any]:
    # A campaign has a number once only, so each row has a mark of its own.
    mark = literal(f"{token}-") + cast(outbox.c.number, Text)
    whose = {} if person.customer_id is None else {"customer_id": None, "case_id": None}
    return {"phone": mark, **whose}


def _mentioning(connection: Connection, table: Table, key: tuple[str, ...], token: str) -> int:
    same = [column == value for column, value in zip(table.primary_key, key, strict=True)]
    if table is campaigns:
        connection.execute(update(table).where(*same).values(message="", name=token))
        return 1
    if table is jobs:
        same.append(jobs.c.finished_at.is_not(None))
    return connection.execute(delete(table).where(*same)).rowcount
