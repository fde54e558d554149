"""Secrets under ``SECRET_KEY``: read back by whoever has it, for the same purpose and subject."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.encryption import MOST, check, mixed, opened, sealed

NONCE = b"n" * 16


@given(st.binary(max_size=MOST), st.text(max_size=20))
def test_what_is_mixed_twice_is_as_it_was(data: bytes, subject: str) -> None:
    hidden = mixed(data, "number", "key", NONCE, subject)
    assert mixed(hidden, "number", "key", NONCE, subject) == data


def test_neither_pad_nor_proof_serves_another_purpose_key_nonce_or_subject() -> None:
    mine = ("factor", "key", NONCE, "anna")
    others = [("number", *mine[1:]), ("factor", "other", *mine[2:])]
    others += [("factor", "key", b"m" * 16, "anna"), ("factor", "key", NONCE, "bela")]
    for other in others:
        assert mixed(b"0" * MOST, *other) != mixed(b"0" * MOST, *mine)
        assert check(b"0" * MOST, *other) != check(b"0" * MOST, *mine)


def test_more_than_a_pad_covers_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mixed(b"0" * (MOST + 1), "factor", "key", NONCE)


def test_what_is_sealed_is_opened_by_the_same_key_for_the_same_purpose_and_subject() -> None:
    kept = sealed(b"secret", "factor", "key", NONCE, "anna")
    assert opened(kept, "factor", "key", "anna") == b"secret"
    for purpose, key, subject in (
        ("number", "key", "anna"),
        ("factor", "other", "anna"),
        ("factor", "key", "bela"),
    ):
        assert opened(kept, purpose, key, subject) is None
