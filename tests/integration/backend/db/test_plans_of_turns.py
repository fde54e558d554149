"""The statements of every turn find their rows by an index, on both databases."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.calls import call_ends, call_log, caller_profiles, transcripts
from backend.db.driver import driver_of
from backend.db.prepared import Prepared
from backend.db.transactions import write
from backend.records import attempts, site_rows
from tests.support.databases.database import Database

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
SINCE = NOW - timedelta(hours=1)
SMALL = {"extra_windows", "notices"}
"""What the utility tells everybody of an area: a few rows, all of which are read."""

STATEMENTS: dict[str, tuple[Prepared, dict[str, Any]]] = {
    "site": (site_rows._ALL, {"site_id": "20293811", "service": "electricity"}),
    "attempts": (
        attempts._BEFORE,
        {
            "sid": "CA1",
            "caller": "a",
            "site": "b",
            **dict.fromkeys(("caller_since", "site_since", "site_latest", "asked_since"), SINCE),
        },
    ),
    "caller": (
        caller_profiles._KNOWN,
        {"caller": "a", "service": "electricity", "since": SINCE, "now": NOW},
    ),
    "close": (call_ends._CLOSE, {"sid": "CA1", "at": NOW}),
    "path": (call_log._PATH, {"sid": "CA1"}),
}


def scanned(database: Database, sql: str, values: list[Any]) -> set[str]:
    """The tables that the statement reads as a whole."""
    with write(database.engine) as connection:
        driver = driver_of(connection)
        if database.kind == "sqlite":
            plan = "\n".join(
                str(row[3]) for row in driver.rows(f"EXPLAIN QUERY PLAN {sql}", values)
            )
            # A sub-query's own rows are no table's.
            return set(re.findall(r"^SCAN (?!CONSTANT ROW|anon)(\w+)", plan, re.MULTILINE))
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        for place in reversed(range(len(values))):
            sql = sql.replace(f"${place + 1}", _literal(values[place]))
        plan = "\n".join(str(row[0]) for row in driver.connection.execute(f"EXPLAIN {sql}"))
    return set(re.findall(r"Seq Scan on (\w+)", plan))


def _literal(value: Any) -> str:
    return f"'{value.isoformat()}'" if isinstance(value, datetime) else f"'{value}'"


def as_executed(database: Database, name: str) -> tuple[str, list[Any]]:
    """The statement of that name as its driver gets it, with its values."""
    statement, parameters = STATEMENTS[name]
    compiled = statement._compile(database.engine.dialect)
    values = [
        {**compiled.constants, **parameters}[each] if convert is None else convert(parameters[each])
        for each, convert in compiled.parameters
    ]
    return compiled.sql, values


@pytest.mark.both_databases
def test_no_statement_of_a_turn_reads_a_table_as_a_whole(database: Database) -> None:
    plans = {name: scanned(database, *as_executed(database, name)) for name in STATEMENTS}
    next_turn = [2, NOW, "main", "[]", 1, "CA1", "[]"]
    for name, add in {
        "next turn": transcripts._ADD_NEXT_TURN,
        "last": transcripts._ADD_LAST_NEXT_TURN,
    }.items():
        plans[name] = scanned(database, add[database.kind], next_turn)
    plans["turns"] = scanned(database, transcripts._READ_TURNS[database.kind], [1, "CA1"])
    assert not {name: tables - SMALL for name, tables in plans.items() if tables - SMALL}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_site_that_many_ask_about_is_no_more_work_to_identify(database: Database) -> None:
    sql, values = as_executed(database, "attempts")
    with write(database.engine) as connection:
        plan = driver_of(connection).rows(f"EXPLAIN QUERY PLAN {sql}", values)
    searched = [row[3].removeprefix("SEARCH ") for row in plan if row[3].startswith("SEARCH")]
    of_site = [search for search in searched if "site_key" in search]
    assert len(searched) == 6
    assert of_site
    assert all("INDEX ix_identification_failures_failed" in search for search in of_site)
