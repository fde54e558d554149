"""What speaks against each row, the first that applies: case, debt, person, number, stops, limits.

Each step is one statement over all rows, so that the database does the work and keeps the memory.
"""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    case,
    false,
    func,
    insert,
    null,
    select,
)

from backend.db.bulk_insert import insert_rows
from backend.db.tables.records import customers, debts
from backend.interface.codes import MessageKind
from backend.records.suppression.stop_keys import StopKeys
from backend.records.suppression.stop_search import StopSearch
from common.csv_files.reading import Progress
from common.timezone import local_date
from messages.campaigns.exclusion_reasons import OF_DEBT_STATUS, Reason
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.duplicates import find_duplicates, gather_shared
from messages.campaigns.recipients.limits import find_too_soon
from messages.campaigns.recipients.mobile_shape import is_hungarian_mobile
from messages.campaigns.recipients.number_checks import why_not
from messages.campaigns.recipients.stopped import begin_search, exclude_stopped
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
    limits = policy.limits if kind is MessageKind.DEBT else ()
    with StopSearch(keys.salt, keys.secret) as search:
        steps: list[Callable[[], None]] = [
            lambda: _match(connection, kind, local_date(now)),
            lambda: begin_search(connection, search),
            lambda: _look_numbers_up(connection, policy),
            lambda: find_too_soon(connection, limits, now),
            lambda: _weigh(connection),
            lambda: gather_shared(connection),
            lambda: exclude_stopped(connection, search),
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


def _weigh(connection: Connection) -> None:
    """Add what numbers and limits say, and put the rows in the order of their numbers."""
    reason = func.coalesce(
        found.c.reason,
        odd_numbers.c.reason,
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
        .outerjoin(too_soon, too_soon.c.line == found.c.line)
        .order_by(found.c.phone, found.c.line)
    )
    connection.execute(insert(judged).from_select(list(judged.columns.keys()), rows))
    analyze(connection, judged)
