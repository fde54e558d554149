"""What speaks against each row, the first that applies: case, debt, person, number, stops, limits.

Each step is one statement over all rows, so that the database does the work and keeps the memory.
"""

import hashlib
from collections.abc import Callable, Container
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    case,
    false,
    func,
    insert,
    literal,
    null,
    select,
)

from backend.db.bulk_insert import insert_rows
from backend.db.driver import driver_of
from backend.db.tables.messages import stops
from backend.db.tables.records import customers, debts
from backend.interface.codes import MessageKind
from backend.records.suppression.stop_keys import StopKeys
from common.csv_files.reading import Progress
from common.timezone import local_date
from messages.campaigns.exclusion_reasons import OF_DEBT_STATUS, Reason
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.duplicates import find_duplicates
from messages.campaigns.recipients.limits import find_too_soon
from messages.campaigns.recipients.number_checks import is_hungarian_mobile, why_not
from messages.campaigns.recipients.temp_tables import (
    BATCH,
    add_index,
    analyze,
    found,
    judged,
    odd_numbers,
    protected,
    repeated,
    source,
    too_soon,
)

_STOPS = (Reason.WRONG_ADDRESSEE, Reason.OPTED_OUT, Reason.UNREACHABLE)
"""The weightiest first, as ``backend.records.suppression.stops.stopped_for`` has it."""


_BEGIN = 2
"""Bytes of a key: so many kinds of them take no memory worth a word, however many stops."""


def judge(
    connection: Connection,
    policy: SendingPolicy,
    kind: MessageKind,
    now: datetime,
    keys: StopKeys,
    progress: Progress,
) -> None:
    """Fill ``judged`` from ``source``: each row once, with its reason or none.

    ``keys`` are those of the stops. For a service message the state of the debt, protection and the
    limits on reminders do not hold.
    """
    steps: list[Callable[[], None]] = [
        lambda: _match(connection, kind, local_date(now)),
        lambda: _look_numbers_up(connection, policy),
        lambda: find_too_soon(connection, policy.limits if kind is MessageKind.DEBT else (), now),
        lambda: _weigh(connection, keys),
        lambda: find_duplicates(connection),
    ]
    for done, step in enumerate(steps):
        progress("judging", done, len(steps))
        step()
    progress("judging", len(steps), len(steps))


def _match(connection: Connection, kind: MessageKind, today: date) -> None:
    """Find each row's debt; what the records say by themselves (CO-10, ``protected`` of C.2)."""
    _gather_repeated(connection)
    phone = func.coalesce(source.c.phone, debts.c.phone)
    against: list[tuple[ColumnElement[bool], Reason]] = [
        (debts.c.case_id.is_(None), Reason.UNKNOWN_CASE),
        (source.c.line > repeated.c.first, Reason.DUPLICATE),
    ]
    if kind is MessageKind.DEBT:
        _gather_protected(connection)
        against += [(debts.c.status == status, why) for status, why in OF_DEBT_STATUS.items()]
        against.append((debts.c.overdue_since > today, Reason.NOT_OVERDUE))
        against.append((protected.c.customer_id.is_not(None), Reason.PROTECTED))
    against.append((phone.is_(None), Reason.NO_NUMBER))
    reason = case(*((condition, why.value) for condition, why in against), else_=null())
    matched = (
        select(
            source.c.line,
            source.c.case_id,
            debts.c.customer_id,
            phone,
            func.coalesce(phone == debts.c.phone, false()),
            reason,
        )
        .outerjoin_from(source, debts, debts.c.case_id == source.c.case_id)
        .outerjoin(repeated, repeated.c.case_id == source.c.case_id)
        .outerjoin(protected, protected.c.customer_id == debts.c.customer_id)
    )
    if connection.dialect.name == "sqlite":
        # In the order of the cases, in which they lie in the index; by chance costs much more.
        matched = matched.order_by(source.c.case_id)
    connection.execute(insert(found).from_select(list(found.columns.keys()), matched))
    analyze(connection, found)


def _gather_repeated(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # With all of the columns, so that the rows themselves are not looked up.
        add_index(connection, source, "case_id", "line", "phone")
    analyze(connection, source)
    several = (
        select(source.c.case_id, func.min(source.c.line))
        .group_by(source.c.case_id)
        .having(func.count() > 1)
    )
    connection.execute(insert(repeated).from_select(["case_id", "first"], several))
    analyze(connection, repeated)


def _gather_protected(connection: Connection) -> None:
    rows = select(customers.c.customer_id).where(customers.c.protected)
    rows = rows.order_by(customers.c.customer_id)
    connection.execute(insert(protected).from_select(["customer_id"], rows))
    analyze(connection, protected)


def _look_numbers_up(connection: Connection, policy: SendingPolicy) -> None:
    """Ask the numbering plan about every number that is not plainly a Hungarian mobile."""
    mobile = is_hungarian_mobile(found.c.phone, connection.dialect.name)
    odd = (
        select(found.c.phone)
        .where(found.c.reason.is_(None), ~mobile)
        .distinct()
        .order_by(found.c.phone)
    )
    rows = connection.execute(odd, execution_options={"yield_per": BATCH})
    for batch in rows.partitions():
        answers = ((phone, why_not(phone, voip_allowed=policy.voip_allowed)) for (phone,) in batch)
        insert_rows(connection, odd_numbers, answers)
    analyze(connection, odd_numbers)


def _weigh(connection: Connection, keys: StopKeys) -> None:
    """Add what numbers, stops and limits say, and put the rows in the order of their numbers."""
    stopped = _stopped()
    key = stop_key(connection, keys, found.c.phone)
    reason = func.coalesce(
        found.c.reason,
        odd_numbers.c.reason,
        stopped.c.reason,
        case((too_soon.c.line.is_not(None), Reason.TOO_SOON.value), else_=null()),
    )
    rows = (
        select(
            found.c.line,
            found.c.case_id,
            found.c.customer_id,
            found.c.phone,
            found.c.phone_is_of_case,
            reason,
        )
        .outerjoin_from(found, odd_numbers, odd_numbers.c.phone == found.c.phone)
        .outerjoin(stopped, stopped.c.phone_key == key)
        .outerjoin(too_soon, too_soon.c.line == found.c.line)
        .order_by(found.c.phone, found.c.line)
    )
    connection.execute(insert(judged).from_select(list(judged.columns.keys()), rows))
    analyze(connection, judged)


def stop_key(
    connection: Connection, keys: StopKeys, phone: ColumnElement[str]
) -> ColumnElement[str]:
    """``StopKeys.of`` of a column: by PostgreSQL itself, or by Python inside SQLite.

    On SQLite it is NULL for most of the numbers that are not stopped, which need no look for it.
    """
    if connection.dialect.name == "postgresql":
        salted = func.sha256(func.convert_to(literal(f"{keys.salt}:") + phone, "UTF8"))
        inner, outer = _hmac_blocks(keys.secret)
        # HMAC by hand (RFC 2104): the extension that has it is not everywhere.
        told = func.convert_to(func.encode(salted, "hex"), "UTF8")
        mixed = func.sha256(literal(inner).concat(told))
        return func.encode(func.sha256(literal(outer).concat(mixed)), "hex")
    known = connection.execute(select(stops.c.phone_key)).scalars()
    begins = {bytes.fromhex(key[: 2 * _BEGIN]) for key in known}
    driver_of(connection).connection.create_function(
        "stop_key",
        1,
        _computed_by_python(keys, begins),
        deterministic=True,
    )
    return func.stop_key(phone)


def _computed_by_python(
    keys: StopKeys, begins: Container[bytes]
) -> Callable[[str | None], str | None]:
    """``StopKeys.of`` from hashes that are begun once: two thirds of its time, a million times."""
    inner, outer = map(hashlib.sha256, _hmac_blocks(keys.secret))
    salt = hashlib.sha256(f"{keys.salt}:".encode())

    def key(number: str | None) -> str | None:
        if number is None:
            return None
        salted, mixed, result = salt.copy(), inner.copy(), outer.copy()
        salted.update(number.encode())
        mixed.update(salted.hexdigest().encode())
        result.update(mixed.digest())
        found = result.digest()
        return found.hex() if found[:_BEGIN] in begins else None

    return key


def _hmac_blocks(secret: bytes) -> tuple[bytes, bytes]:
    block = secret.ljust(64, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def _stopped() -> Subquery:
    weights = {why.value: weight for weight, why in enumerate(_STOPS)}
    weightiest = func.min(case(weights, value=stops.c.reason))
    names = {weight: name for name, weight in weights.items()}
    return (
        select(stops.c.phone_key, case(names, value=weightiest).label("reason"))
        .group_by(stops.c.phone_key)
        .subquery()
    )
