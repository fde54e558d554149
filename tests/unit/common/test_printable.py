"""Text of others on a terminal and in a log."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Köszönöm, Őrsi Ágnes! 🙂 👩\u200d👧 5\u00a0kWh", None),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("one\r\ntwo\ttab", r"one\r\ntwo\ttab"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("\x9b31m \u2028 \ud83d", r"\x9b31m \u2028 \ud83d"),
        ("zero\u200bwidth\u200c\ufeff", r"zero\u200bwidth\u200c\ufeff"),
    ],
)
def test_signs_that_are_not_drawn_are_written_out(text: str, shown: str | None) -> None:
    assert printable(text) == (text if shown is None else shown)


@given(st.text())
def test_what_is_shown_is_one_line_without_control_characters(text: str) -> None:
    shown = printable(text)
    assert {unicodedata.category(sign) for sign in shown}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
