"""Handing requests over to a back office that asks for them: read what waits, then acknowledge it.

What was read and not acknowledged is there again, so a system that dies in between loses nothing;
it knows a receipt that it has had before. The file of ``ledger_export`` and this one mark the same.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from backend.db.tables.records import requests
from backend.interface.codes import Scope
from backend.records.requests.ledger import Entry, Filters, page_of_requests
from backend.staff.api_access.api_keys import require_scope
from backend.staff.audit import record_act
from common.csv_files.problems import quoted
from common.error_codes import ErrorCode
from common.errors import RecordsError


def read_ledger(
    connection: Connection, by: str, now: datetime, *, waiting: bool, after: int, limit: int
) -> list[Entry]:
    """The oldest requests behind that number; with ``waiting`` only what was not handed over yet.

    Who has read how many is recorded, as a download is; nothing where there are none.

    Transactions may end in another order than their numbers: who must not miss one reads what is
    ``waiting`` from the beginning. One more than ``limit`` tells that there are more. Raises
    ``UserError`` for a key without the scope.
    """
    require_scope(connection, by, Scope.REQUESTS_READ)
    filters = Filters(exported=False if waiting else None)
    found = page_of_requests(connection, filters, after=after, limit=limit + 1)
    given = found[:limit]
    if given:
        record_act(connection, by, "requests read", "requests", str(len(given)), now)
    return found


def acknowledge(connection: Connection, receipts: Collection[str], by: str, now: datetime) -> int:
    """Mark requests, a thousand or so, as handed over by their receipts; how many were not before.

    Twice is harmless. Raises ``UserError`` for a key without the scope, ``RecordsError`` with the
    first receipt that no request has; nothing is marked then.
    """
    require_scope(connection, by, Scope.REQUESTS_WRITE)
    mine = requests.c.receipt.in_(set(receipts))
    # All held at once in the order of their numbers, as the export holds them.
    held = select(requests.c.receipt).where(mine).order_by(requests.c.number).with_for_update()
    found = set(connection.scalars(held))
    for row, receipt in enumerate(receipts, 1):
        if receipt not in found:
            raise RecordsError(
                f"No request has the receipt number {quoted(receipt)}.",
                code=ErrorCode.RECEIPT_UNKNOWN,
                row=row,
                array="receipts",
            )
    waiting = update(requests).where(mine, requests.c.exported_at.is_(None))
    marked = connection.execute(waiting.values(exported_at=now)).rowcount
    record_act(connection, by, "requests acknowledge", "requests", str(marked), now)
    return marked
