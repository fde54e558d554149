"""Which caller is this, without keeping the number: a keyed hash, or nothing if withheld."""

from backend.identification import caller_key
from backend.rules.e164 import is_e164

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
    if not is_e164(number) or number in WITHHELD:
        return None
    return caller_key(secret, number)
