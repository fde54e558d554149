"""Records in parts, and the status of single debts."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema
from sqlalchemy import Connection

from api.models import MOST_NAMES, MOST_ROWS, Body, Line
from api.operations import Operation
from api.parts import Call
from api.problems import Flaw, flaws_of_rows
from backend.imports.file_formats import CUSTOMERS, DEBTS, METERS, SITES, WINDOWS, ImportFile
from backend.imports.importer import ImportReport
from backend.imports.json_rows import row_schema
from backend.imports.push import push_records
from backend.interface.codes import DebtStatus, Scope
from backend.records.debt_status import set_debt_statuses


def _rows(file: ImportFile) -> WithJsonSchema:
    """The rows' schema, from the columns that check them."""
    return WithJsonSchema({"type": "array", "maxItems": MOST_ROWS, "items": row_schema(file)})


_Rows = list[Annotated[dict[str, Any], Field(max_length=MOST_NAMES)]]
_Few = Field(max_length=MOST_ROWS)


class RecordsPart(Body):
    """A part of the records: rows of some of the five tables, with the columns of the CSV files.

    Rows are added, or changed by their keys. ``meters`` lists all registers of each site that it
    names, and a window takes the place of those that it overlaps; nothing else is taken out.
    """

    customers: Annotated[_Rows, _Few, _rows(CUSTOMERS)] = Field(default=[])
    sites: Annotated[_Rows, _Few, _rows(SITES)] = Field(default=[])
    windows: Annotated[_Rows, _Few, _rows(WINDOWS)] = Field(default=[])
    meters: Annotated[_Rows, _Few, _rows(METERS)] = Field(default=[])
    debts: Annotated[_Rows, _Few, _rows(DEBTS)] = Field(default=[])
    dry_run: bool = Field(default=False, description="Only check; nothing is changed.")


class RecordsTaken(BaseModel):
    """How many rows of each table came in, and what staff should look at."""

    rows: dict[str, int]
    warnings: list[Flaw]
    warning_count: int


class StatusOfCase(Body):
    """What has become of a debt."""

    case_id: Line
    status: Literal["open", "paid", "disputed", "agreed", "proceedings", "assigned"]


class StatusesOfCases(Body):
    """Debts by their cases; of a case that is there twice the last one counts."""

    debts: list[StatusOfCase] = Field(min_length=1, max_length=MOST_ROWS)


class StatusesSet(BaseModel):
    """How many debts had another status before."""

    changed: int


def push(call: Call, part: RecordsPart) -> RecordsTaken:
    rows = {name: getattr(part, name) for name in RecordsPart.model_fields if name != "dry_run"}
    report = push_records(
        call.parts.engine,
        rows,
        call.by,
        call.now,
        dry_run=part.dry_run,
        end=lambda connection, report: call.keep(connection, _taken(report)),
    )
    return _taken(report)


def set_statuses(call: Call, asked: StatusesOfCases) -> StatusesSet:
    statuses = [(each.case_id, DebtStatus(each.status)) for each in asked.debts]

    def act(connection: Connection) -> StatusesSet:
        return StatusesSet(changed=set_debt_statuses(connection, statuses, call.by, call.now))

    return call.once(act)


def _taken(report: ImportReport) -> RecordsTaken:
    return RecordsTaken(
        rows={name.removesuffix(".csv"): count for name, count in report.rows.items()},
        warnings=flaws_of_rows(report.warnings),
        warning_count=report.warning_count,
    )


OPERATIONS = (
    Operation(
        "POST",
        "/records",
        "push_records",
        push,
        RecordsPart,
        RecordsTaken,
        (Scope.RECORDS_WRITE, Scope.DEBTS_WRITE),
        "Send a part of the records: all of it is taken over, or nothing.",
        changes=True,
    ),
    Operation(
        "POST",
        "/debts/statuses",
        "set_debt_statuses",
        set_statuses,
        StatusesOfCases,
        StatusesSet,
        (Scope.DEBTS_WRITE,),
        "Say what has become of debts, such as paid or disputed.",
        changes=True,
    ),
)
