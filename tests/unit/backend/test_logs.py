"""An outage is one line; what a programmer has to look for keeps its traceback."""

import logging
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.logs import ROOMS, without_outage_traceback
from common.errors import ConnectionLostError
from settings import HERE


def logged(fault: Exception) -> str:
    try:
        raise fault
    except Exception:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "call %s failed", ("CA1",), sys.exc_info()
        )
    assert without_outage_traceback(record)
    return logging.Formatter("%(message)s").format(record)


def locked(folder: Path) -> sqlite3.OperationalError:
    first, second = (sqlite3.connect(folder / "x.db", timeout=0) for _ in range(2))
    first.execute("CREATE TABLE t (c)")
    first.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError) as caught:
        second.execute("INSERT INTO t VALUES (1)")
    first.close()
    second.close()
    return caught.value


def test_an_outage_is_one_line_that_names_its_cause(tmp_path: Path) -> None:
    gone = psycopg.OperationalError("server closed the connection")
    for fault, cause in (
        (OperationalError("SELECT 1", None, gone), "OperationalError"),
        (gone, "OperationalError"),
        (ConnectionLostError("closed"), "ConnectionLostError"),
        (PoolTimeoutError(), "TimeoutError"),
        (locked(tmp_path), "OperationalError"),
    ):
        assert logged(fault) == f"call CA1 failed: the database fails ({cause})"


def test_other_failures_keep_their_traceback() -> None:
    missing = psycopg.errors.UndefinedTable("no such table")
    no_table = sqlite3.OperationalError("no such table: x")
    for fault in (ValueError("x"), ProgrammingError("SELECT 1", None, missing), no_table):
        assert "Traceback" in logged(fault)


def test_every_room_that_has_a_logger_of_its_own_is_heard_from_info_on() -> None:
    packages = {file.parent for file in HERE.glob("*/__init__.py")} - {HERE / "tests"}
    speak = {
        package.name
        for package in packages
        if any("getLogger(__name__)" in file.read_text() for file in package.rglob("*.py"))
    }
    assert "messages" in speak
    assert speak <= set(ROOMS)
