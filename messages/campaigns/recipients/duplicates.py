"""Deduplication by number and by customer: the first row that is in stays in.

Whether a row is in depends on the earlier ones that are, so the rows that share something are
taken one after the other, in their order, into a table in which number and customer are unique.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, Table, func, insert, or_, select, update

from backend.db.tables.records import debts
from backend.db.transactions import upserting
from messages.campaigns.exclusion_reasons import Reason
from messages.campaigns.recipients.temp_tables import (
    analyze,
    contested,
    duplicates,
    judged,
    shared_customers,
    shared_phones,
    taken,
)

MANY = 100_000
"""Rows from which on all of the register's debts are looked through for customers of several."""


def gather_shared(connection: Connection) -> None:
    """Gather the numbers and customers of which ``judged`` has several rows.

    Of these rows some may still be left out: see ``find_duplicates``.
    """
    let_in = select(judged).where(judged.c.reason.is_(None)).subquery()
    _gather_shared(connection, shared_phones, let_in.c.phone)
    _gather_shared(connection, shared_customers, _customers(connection, let_in))


def find_duplicates(connection: Connection) -> None:
    """Give the later ones of a person's rows in ``judged`` their reason, after all others have."""
    sharing = (
        select(judged.c.line, judged.c.phone, judged.c.customer_id)
        .outerjoin_from(judged, shared_phones, shared_phones.c.phone == judged.c.phone)
        .outerjoin(shared_customers, shared_customers.c.customer_id == judged.c.customer_id)
        .where(
            judged.c.reason.is_(None),
            or_(shared_phones.c.phone.is_not(None), shared_customers.c.customer_id.is_not(None)),
        )
    )
    connection.execute(insert(contested).from_select(list(contested.columns.keys()), sharing))
    analyze(connection, contested)
    _take_in_order(connection)
    left_out = (
        select(contested.c.line)
        .outerjoin_from(contested, taken, taken.c.line == contested.c.line)
        .where(taken.c.line.is_(None))
    )
    connection.execute(insert(duplicates).from_select(["line"], left_out))
    analyze(connection, duplicates)
    later = judged.c.line.in_(select(duplicates.c.line))
    connection.execute(update(judged).where(later).values(reason=Reason.DUPLICATE.value))


def _customers(connection: Connection, let_in: Subquery) -> ColumnElement[Any]:
    """The column in which a customer of several rows is there several times."""
    rows = connection.execute(select(func.count()).select_from(let_in)).scalar_one()
    # All debts lie in the order of their customers; to sort many rows takes ten times as long.
    return debts.c.customer_id if rows >= MANY else let_in.c.customer_id


def _gather_shared(connection: Connection, table: Table, column: ColumnElement[Any]) -> None:
    shared = select(column).group_by(column).having(func.count() > 1)
    connection.execute(insert(table).from_select([column.name for column in table.columns], shared))
    analyze(connection, table)


def _take_in_order(connection: Connection) -> None:
    rows = select(contested).order_by(contested.c.line)
    into = upserting(connection, taken).from_select(list(taken.columns.keys()), rows)
    connection.execute(into.on_conflict_do_nothing())
    analyze(connection, taken)
