"""No line of the log holds a number, a name, an id, a serial or what somebody typed: in any test.

Every record that a test causes in this process is read as the log would show it, with its traceback
and its fields, and so is what started processes write to the standard error that they inherit. A
test that leaves something personal there fails, whatever else it is about.
"""

import copy
import csv
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.logs import ROOMS, without_outage_traceback
from ivr.call_handler import CallHandler
from ivr.dialogue.transcript import Keys
from telemetry.log_context import bound_ids

_UTILITY = Path(__file__).parents[2] / "data" / "utility"

_OWN_NUMBERS = {"209383838"}
"""The utility's sender is nobody's."""

_TYPED = re.compile(r"\d{4,}")
"""A shorter run of digits is a count, a key or a status more often than anybody's secret."""

_IN_PLAN = 9
"""Digits of a Hungarian mobile without its prefix."""

_STARTING = ("tests/integration/process", "tests/integration/delivery", "tests/crash")
"""Tests whose started processes log to the standard error of the tests; others call commands,
which may tell people what they have written."""

_MOBILE = re.compile(
    r"(?<![\w.])(?:\+|00)?(?:36|06)[ /-]?\(?((?:20|30|31|50|70)\)?[ /-]?\d{3}[ -]?\d{4})(?!\w)"
)
_DIGITS = re.compile(r"(?<!\w)\d{4,}(?!\w)")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _rows(name: str) -> list[dict[str, str]]:
    with (_UTILITY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _words_of_utility() -> set[str]:
    words = {"Minta Ügyfél", "Minta utca"}
    for row in _rows("customers.csv"):
        words |= {row["customer_id"], row["email"], *row["invoice_numbers"].split()}
    words |= {row["site_id"] for row in _rows("sites.csv")}
    words |= {row["serial"] for row in _rows("meters.csv")}
    words |= {row["case_id"] for row in _rows("debts.csv")}
    return words - {""}


_WORDS = re.compile(
    r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(_words_of_utility()))) + r")(?!\w)", re.I
)


def personal_in(text: str, typed: frozenset[str] | set[str] = frozenset()) -> str | None:
    """The first thing in a text that is about a person, or that was typed; ``None`` if nothing."""
    if found := _WORDS.search(text):
        return found[0]
    for found in _MOBILE.finditer(text):
        if "".join(filter(str.isdigit, found[1])) not in _OWN_NUMBERS:
            return found[0]
    for found in _DIGITS.finditer(text):
        if found[0] in typed or found[0][-_IN_PLAN:] in typed:
            return found[0]
    return None


class LogGuard:
    """The plugin of the tests that reads every record."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._typed: set[str] = set()

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Let the program say what it says in a service, and read it before any handler does."""
        for room in ROOMS:
            logging.getLogger(room).setLevel(logging.INFO)
        handle, hear = logging.Logger.handle, CallHandler.hear

        def read_and_handle(logger: logging.Logger, record: logging.LogRecord) -> None:
            self.read(record)
            handle(logger, record)

        def note_and_hear(
            handler: CallHandler, call_sid: str, caller: str, number: int, heard: Any
        ) -> Any:
            self.note(caller, heard)
            return hear(handler, call_sid, caller, number, heard)

        patch.setattr(logging.Logger, "handle", read_and_handle)
        patch.setattr(CallHandler, "hear", note_and_hear)

    def note(self, caller: str, heard: Any) -> None:
        """Keep who called and what they typed until the test is over."""
        if caller[1:].isdigit():
            self._typed.add(caller[-_IN_PLAN:])
        if isinstance(heard, Keys):
            self._typed.update(_TYPED.findall(heard.keys))

    def read(self, record: logging.LogRecord) -> None:
        """Look at a record as the log would show it."""
        shown = copy.copy(record)
        without_outage_traceback(shown)
        parts = [shown.getMessage()]
        if shown.exc_info:
            parts.append(logging.Formatter().formatException(shown.exc_info))
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        parts += map(str, (fields | bound_ids()).values())
        self._look(f"{record.name} {record.pathname}:{record.lineno}", "\n".join(parts))

    def _look(self, where: str, text: str) -> None:
        if (found := personal_in(text, self._typed)) is not None:
            self._found.append(f"{found!r} in the log of {where}:\n{text}")

    def fail_if_found(self) -> None:
        """Fail the test in whose time something was found; then nothing is found any more."""
        found, self._found = self._found, []
        if found:
            pytest.fail("\n\n".join(found), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Fail the test that logged it, where it has not failed by itself."""
        yield
        self.fail_if_found()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Read what came after the test, and what its processes have written."""
        yield
        if item.nodeid.startswith(_STARTING):
            for _when, stream, text in item._report_sections:
                if stream == "stderr":
                    self._look("a started process", text)
        self.fail_if_found()
        self._typed.clear()
