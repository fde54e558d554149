"""Which passwords staff may choose (NIST SP 800-63B-4): long ones that nobody guesses at once.

Any signs will do, none are asked for, and no password grows old.
"""

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

LEAST = 15
LEAST_WITH_FACTOR = 8
MOST = 1000

_COMMON = Path(__file__).parent / "common_passwords.txt"
_RUNS = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertzuiopőúasdfghjkléáűyxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
)


class PasswordFlaw(StrEnum):
    """Why a password cannot be chosen."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    NAMES_US = "names_us"


def least_length(*, forced_factor: bool) -> int:
    """How many signs a password needs; fewer where a second factor must be given as well."""
    return LEAST_WITH_FACTOR if forced_factor else LEAST


def password_flaw(
    password: str, *, forced_factor: bool, unfit: tuple[str, ...]
) -> PasswordFlaw | None:
    """What is wrong with a password, if anything; none of ``unfit`` may make up most of it."""
    if len(password) < least_length(forced_factor=forced_factor):
        return PasswordFlaw.TOO_SHORT
    if len(password) > MOST:
        return PasswordFlaw.TOO_LONG
    plain = password.casefold()
    if any(_is_mostly(plain, word.casefold()) for word in unfit):
        return PasswordFlaw.NAMES_US
    return PasswordFlaw.COMMON if _is_common(plain) else None


def _is_mostly(plain: str, word: str) -> bool:
    """Whether little is left without the word: ``anna12345678`` is hardly more than ``anna``."""
    rest = plain.replace(word, "") if word else plain
    if rest == plain:
        return False
    return len(rest.strip("0123456789.-_ !")) < LEAST_WITH_FACTOR // 2


def _is_common(plain: str) -> bool:
    letters = plain.strip("0123456789.-_ !?")
    if {plain, letters} & _common():
        return True
    return any(_repeats(plain, size) for size in range(1, 5)) or _is_run(plain)


def _repeats(plain: str, size: int) -> bool:
    unit = plain[:size]
    return plain == (unit * (len(plain) // size + 1))[: len(plain)]


def _is_run(plain: str) -> bool:
    return any(plain in run or plain[::-1] in run for run in _RUNS)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text("utf-8").split())
