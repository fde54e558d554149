"""Caller id: a keyed hash for what is kept, the number for one turn, or nothing."""

from backend.records.identification import caller_key
from common.phone_numbers import carriers_number

WITHHELD = frozenset(
    {
        "+266696687",  # ANONYMOUS
        "+7378742833",  # RESTRICTED
        "+86282452253",  # UNAVAILABLE
        "+8656696",  # UNKNOWN
        "+2562533",  # BLOCKED
    }
)
"""Words spelled on the keypad that carriers put in the place of a number."""


def known_caller_key(number: str, secret: bytes) -> str | None:
    """Return the key under which a caller's failed identifications are counted.

    ``None`` when the number is withheld, a word or an address: strangers must not share a lock.
    """
    known = known_number(number)
    return None if known is None else caller_key(secret, known)


def known_number(number: str) -> str | None:
    """Return the calling number in E.164; ``None`` when it is withheld, a word or an address."""
    known = carriers_number(number)
    return None if known in WITHHELD else known
