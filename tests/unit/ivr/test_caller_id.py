"""Who is counted as a caller, and who cannot be told apart from others."""

import pytest

from ivr.caller_id import known_caller_key
from tests.support.runs.tables import each_of

SECRET = b"a secret"


def test_a_number_has_one_key_that_does_not_hold_it() -> None:
    key = known_caller_key("+36301234567", SECRET)
    assert key == known_caller_key("+36301234567", SECRET)
    assert key not in (None, known_caller_key("+36301234568", SECRET))
    assert key != known_caller_key("+36301234567", b"another secret")
    assert key is not None
    assert "301234567" not in key


@each_of(
    "number",
    ["", "anonymous", "unknown", "Restricted", "+266696687", "+7378742833", "client:phone",
     "sip:minta@example.com", "sip:+266696687@example.com", "+36", "+3630123456789012"],
)  # fmt: skip
def test_a_withheld_number_has_no_key(number: str) -> None:
    assert known_caller_key(number, SECRET) is None


@pytest.mark.parametrize(
    "number", ["06301234567", "36301234567", "sip:+36301234567@example.com", "tel:+36301234567"]
)
def test_one_caller_has_one_key_however_the_carrier_writes_the_number(number: str) -> None:
    assert known_caller_key(number, SECRET) == known_caller_key("+36301234567", SECRET)
