"""Passwords of staff: made by us for one use, kept as argon2id hashes, compared in even time."""

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
"""The library's parameters (RFC 9106, low memory). A hash made with others is renewed at login."""

_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Nothing that looks alike: it is read from a screen and typed once."""
_GROUPS, _GROUP = 4, 5


def one_time_password(rng: Random) -> str:
    """Four groups of five signs, about 99 bits when ``rng`` is a ``SystemRandom``."""
    return "-".join("".join(rng.choices(_SIGNS, k=_GROUP)) for _ in range(_GROUPS))


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A one-time password with its hash, which takes a moment to make.

    So it is made before the transaction that stores it, in which others would wait.
    """

    text: str = field(repr=False)
    hashed: str = field(repr=False)


def new_password(rng: Random, hasher: PasswordHasher = HASHER) -> NewPassword:
    """Draw a one-time password, and hash it."""
    text = one_time_password(rng)
    return NewPassword(text, hasher.hash(text))


def matches(password_hash: str | None, password: str, hasher: PasswordHasher = HASHER) -> bool:
    """Whether this is the password; a user who is not there (``None``) takes just as long."""
    decoy = _decoy(hasher)
    try:
        hasher.verify(password_hash or decoy, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@lru_cache(maxsize=4)
def _decoy(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")
