"""What the tests' guard of the log finds, and what it lets pass."""

import logging

import pytest

from ivr.dialogue.transcript import Keys
from tests.support.runs.log_guard import LogGuard, personal_in
from tests.support.runs.tables import each_of


@each_of(
    "line",
    [
        "sent to +36301234567",
        "sent to 06 30/123-4567, again",
        "sent to 0036 70 123 4569",
        "site 20293811 is locked",
        "meter 0048213402",
        "customer c-1003",
        "Ügyfelünk, minta ügyfél 3",
        "written to minta1@example.com",
        "invoice TH-2026/104711",
        "heard 41530",
        "a caller from 301112222",
    ],
)
def test_what_is_about_a_person_or_was_typed_is_found(line: str) -> None:
    assert personal_in(line, {"41530", "301112222"}) is not None


@each_of(
    "line",
    [
        "the sender +36209383838 slows down",
        "call CA20293811aa0630123456706301234567 began",
        "the line +3680202938 answers at 127.0.0.1:41531",
        "41.530 of 2026-11-21 10:00:00.202938",
        "campaign TEST0001, row 12",
    ],
)
def test_ids_of_the_carrier_times_and_own_numbers_pass(line: str) -> None:
    assert personal_in(line, {"41530"}) is None


def test_a_record_is_read_with_its_traceback_and_its_fields() -> None:
    logger = logging.getLogger("ivr.example")
    for arguments, named, traceback in (
        (("site %s", "20293811"), {}, None),
        (("a fault",), {"extra": {"row": "C-1001"}}, None),
        (("a fault",), {}, ValueError("no such meter: 48213377")),
        (("typed %s", "99887"), {}, None),
    ):
        guard = LogGuard()
        guard.note("+36301112222", Keys("99887"))
        info = None if traceback is None else (type(traceback), traceback, None)
        record = logger.makeRecord(
            logger.name, logging.INFO, __file__, 1, arguments[0], arguments[1:], info, **named
        )
        guard.read(record)
        with pytest.raises(pytest.fail.Exception, match=r"in the log of ivr\.example"):
            guard.fail_if_found()
        guard.fail_if_found()
