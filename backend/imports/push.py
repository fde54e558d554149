"""Records that another system sends in parts: each part all or nothing, on record under its key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from backend.db.tables.records import debts
from backend.db.transactions import read
from backend.imports.importer import ImportReport, import_source
from backend.imports.json_rows import JsonRow, json_source
from backend.interface.codes import Scope
from backend.staff.api_access.api_keys import require_scope
from backend.staff.audit import record_act
from common.errors import RecordsError
from common.timezone import local_date

_SUBJECT = "records"


def push_records(
    engine: Engine,
    rows: Mapping[str, Sequence[JsonRow]],
    by: str,
    now: datetime,
    *,
    dry_run: bool = False,
    end: Callable[[Connection, ImportReport], None] = lambda _connection, _report: None,
) -> ImportReport:
    """Take rows over as an import does, by the names of their tables such as ``customers``.

    Nothing that the rows do not name is taken out, but the registers of a site whose meters they
    list, and windows that they overlap. ``end`` is called last in the transaction. Raises
    ``UserError`` for a key without the scope, ``RecordsError`` for no rows at all and
    ``ImportRefusedError`` with everything that is wrong.
    """
    source = json_source(rows)
    with read(engine) as connection:
        require_scope(connection, by, *_scopes(rows))
    if not source.present:
        raise RecordsError("There are no rows in it. Send rows of one table at least.")

    def record(connection: Connection, report: ImportReport) -> None:
        told = ", ".join(f"{name}: {count}" for name, count in report.rows.items())
        record_act(connection, by, "records import", _SUBJECT, told, now)
        end(connection, report)

    return import_source(engine, source, today=local_date(now), dry_run=dry_run, end=record)


def _scopes(rows: Mapping[str, Sequence[JsonRow]]) -> set[Scope]:
    """Debts are another desk's than records; whoever sends both needs both scopes."""
    sent = {name for name, each in rows.items() if each}
    return {Scope.DEBTS_WRITE if name == debts.name else Scope.RECORDS_WRITE for name in sent}
