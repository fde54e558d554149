"""The log as JSON: an object a line, with the line's name and the ids of the work it belongs to."""

import ast
import json
import logging
import re
import sys
from logging.config import dictConfig
from typing import Any

import pytest

from backend.logs import ROOMS, without_outage_traceback
from common.errors import ConnectionLostError
from settings import HERE
from telemetry.json_lines import FIELDS, formatter
from telemetry.log_context import NAMES, bound, bound_ids, next_request
from telemetry.server_log import SERVER_CONFIG
from telemetry.work import Work
from tests.support.project.project_files import calls
from tests.support.runs.forks import told_by_a_fork

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def line(fault: Exception | None = None, **extra: Any) -> dict[str, Any]:
    exc_info = None
    if fault is not None:
        try:
            raise fault
        except Exception:
            exc_info = sys.exc_info()
    record = logging.LogRecord(
        "ivr.webhooks", logging.ERROR, __file__, 1, "call %s failed: %s", ("CA1", "ő"), exc_info
    )
    record.created = 1_700_000_000.25
    vars(record).update(extra)
    assert without_outage_traceback(record)
    text = formatter().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    assert set(found) <= {*FIELDS, *NAMES}
    return found


def test_a_line_has_its_name_its_moment_in_utc_and_the_ids_of_its_work() -> None:
    with bound(request="r-1"), Work("call", None, call="CA1"):
        found = line(event="call_failed")
    assert found.pop("process") > 0
    assert found == {
        "timestamp": "2023-11-14T22:13:20.250Z",
        "level": "error",
        "event": "call_failed",
        "message": "call CA1 failed: ő",
        "logger": "ivr.webhooks",
        "call": "CA1",
        "request": "r-1",
    }
    assert bound_ids() == {}


def test_a_librarys_line_goes_the_same_way_and_a_traceback_is_within_the_line() -> None:
    found = line(ValueError("x"))
    assert found["event"] == "library"
    assert "Traceback" in found["exception"]
    outage = line(ConnectionLostError("closed"), event="call_failed")
    assert outage["message"].endswith("the database fails (ConnectionLostError)")
    assert "exception" not in outage


def test_the_server_logs_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    own = json.loads(SERVER_CONFIG.read_text("utf-8"))
    server = logging.getLogger("_granian")
    before = server.handlers[:], server.propagate
    try:
        dictConfig({"version": 1, "disable_existing_loggers": False, **own})
        server.error("Unexpected exit from worker-1")
        assert json.loads(capsys.readouterr().err)["message"] == "Unexpected exit from worker-1"
    finally:
        server.handlers, server.propagate = before


def test_every_request_has_an_id_of_its_own() -> None:
    assert next_request() != next_request()
    # Workers are forks of one process, and each begins to count where that one is.
    begun = next_request().partition("-")[0]
    assert told_by_a_fork(lambda: next_request().partition("-")[0]) != begun


def test_every_line_of_our_own_has_a_name() -> None:
    """A search for an event finds it whatever its sentence says by then."""
    # The last is no file, but the name that the service logs under.
    rooms = [room for room in ROOMS if room != "zoldszam"]
    lines = [
        (file.name, call)
        for file, call in calls(*rooms, of=LEVELS)
        if isinstance(call.func, ast.Attribute) and is_logger(call.func.value)
    ]
    assert len(lines) > 30
    nameless = [f"{name}:{node.lineno}" for name, node in lines if not has_name(node)]
    assert nameless == []


def is_logger(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id.strip("_").lower() in {"logger", "log"}


def has_name(call: ast.Call) -> bool:
    extra = [word.value for word in call.keywords if word.arg == "extra"]
    return bool(extra) and re.search(r"'event': '?[a-z_]+'?", ast.unparse(extra[0])) is not None


def test_every_field_is_explained_for_operators() -> None:
    text = (HERE / "docs" / "metrics.md").read_text("utf-8")
    section = text.partition("\n## Log\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", section, re.M))))
    assert named == {*FIELDS, *NAMES}
