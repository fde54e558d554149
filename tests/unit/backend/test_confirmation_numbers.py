"""Receipt numbers: a slip in writing one down is always noticed."""

import secrets
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.rules.confirmation_numbers import check_digit, is_valid, new_receipt

receipts = st.randoms(use_true_random=False).map(new_receipt)


@given(receipts)
def test_a_new_receipt_has_eight_digits_and_is_valid(receipt: str) -> None:
    assert len(receipt) == 8
    assert receipt.isdigit()
    assert receipt[0] != "0"
    assert is_valid(receipt)


@given(receipts, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(receipt: str, place: int, shift: int) -> None:
    wrong = str((int(receipt[place]) + shift) % 10)
    assert not is_valid(receipt[:place] + wrong + receipt[place + 1 :])


@given(receipts, st.integers(0, 6))
def test_two_swapped_neighbours_are_always_noticed(receipt: str, place: int) -> None:
    first, second = receipt[place], receipt[place + 1]
    swapped = receipt[:place] + second + first + receipt[place + 2 :]
    assert is_valid(swapped) == (first == second)


def test_the_check_digit_catches_every_slip_of_two_digits() -> None:
    for interim in range(10):
        for x in range(10):
            results = {check_digit(f"{interim}{x}") for x in range(10)}
            assert len(results) == 10
            for y in range(10):
                same = check_digit(f"{interim}{x}{y}") == check_digit(f"{interim}{y}{x}")
                assert same == (x == y)


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨", "00000000"])
def test_what_is_not_eight_digits_is_no_receipt(text: str) -> None:
    assert not is_valid(text)


def test_the_operating_system_can_draw_them_too() -> None:
    assert is_valid(new_receipt(secrets.SystemRandom()))


def test_the_same_seed_draws_the_same_receipts() -> None:
    first, second = Random(7), Random(7)  # noqa: S311 - a test wants them to repeat
    assert [new_receipt(first) for _ in range(5)] == [new_receipt(second) for _ in range(5)]
