"""Confirmation numbers: what a caller writes down as proof.

Eight digits. The first is never 0, because people drop a leading nought; the last is a check
digit by H. Michael Damm's scheme, which catches every single wrong digit and every swap of two
neighbours, the two faults of writing down what is heard.
"""

from typing import Protocol

LENGTH = 8

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""A quasigroup without symmetry: ``x*x = 0``, and ``(c*x)*y = (c*y)*x`` only where ``x = y``."""


class Generator(Protocol):
    """A source of random numbers, such as ``random.Random``."""

    def randrange(self, start: int, stop: int, /) -> int:
        """A number from ``start`` to less than ``stop``."""


def check_digit(digits: str) -> int:
    """The digit that makes ``digits`` followed by it come out at nought."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def new_receipt(rng: Generator) -> str:
    """A receipt number drawn by ``rng``; give ``secrets.SystemRandom()`` where it is real.

    Nine million can be drawn, so the records must refuse one that is already taken.
    """
    smallest = 10 ** (LENGTH - 2)
    payload = str(rng.randrange(smallest, 10 * smallest))
    return f"{payload}{check_digit(payload)}"


def is_valid(receipt: str) -> bool:
    """Whether these are the digits of a receipt, written down without a slip."""
    return (
        len(receipt) == LENGTH
        and receipt.isascii()
        and receipt.isdigit()
        and receipt[0] != "0"
        and check_digit(receipt) == 0
    )
