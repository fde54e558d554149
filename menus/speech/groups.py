"""Where the voice rests, and where it must not, alike in every language."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from menus.slots import PAUSE


def rest_between(groups: Iterable[str]) -> str:
    """Joins spoken groups with a rest.

    The comma makes the voice hold its tone, as one does inside a list, and keeps the text
    readable where pauses are dropped.
    """
    return f",{PAUSE} ".join(groups)


def without_rests(text: str) -> str:
    """Foreign words on one line, with no character in them that would make the voice rest."""
    return " ".join(text.replace(PAUSE, "").split())


def digit_groups(digits: str) -> tuple[str, ...]:
    """Cuts digits into as few groups of at most four as possible, all of nearly one length.

    No group is a lone digit unless ``digits`` is one.
    """
    count = -(-len(digits) // 4)
    ends = [len(digits) * number // count for number in range(count + 1)]
    return tuple(digits[start:end] for start, end in pairwise(ends))


@dataclass(frozen=True, slots=True)
class PhoneGroups:
    """A telephone number in the groups in which it is printed.

    ``area`` is the Hungarian area or network code, said after 06; None means a number that is
    said with its plus sign and the groups.
    """

    area: str | None
    groups: tuple[str, ...]


def _country_code(digits: str) -> str:
    """The country code at the head of an international number (ITU-T E.164)."""
    # The numbering plans, loaded where they are asked: see ``common.phone_numbers``.
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    heads = (digits[:length] for length in range(1, 4))
    return next((head for head in heads if int(head) in COUNTRY_CODE_TO_REGION_CODE), digits[:3])


def phone_groups(e164: str) -> PhoneGroups:
    """Groups a Hungarian number as it is printed: area code, three digits, the rest.

    Budapest is 1 + 3 + 4, other areas and toll-free numbers 2 + 3 + 3, mobile and nomadic
    numbers 2 + 3 + 4. Any other number keeps its country code among plain groups of digits.
    """
    hungarian = re.fullmatch(r"\+36(?:(1)(\d{3})(\d{4})|([2-9]\d)(\d{3})(\d{3,4}))", e164)
    if hungarian is None:
        digits = e164.removeprefix("+")
        code = _country_code(digits)
        rest = digits.removeprefix(code)
        return PhoneGroups(None, (code, *digit_groups(rest)) if rest else (code,))
    area, *groups = (part for part in hungarian.groups() if part is not None)
    return PhoneGroups(area, tuple(groups))


def phone_words(
    e164: str,
    plus: str,
    zero_six: str,
    spoken_area: Callable[[str], str],
    digit_by_digit: Callable[[str], str],
) -> str:
    printed = phone_groups(e164)
    groups = [digit_by_digit(group) for group in printed.groups]
    if printed.area is None:
        return rest_between([f"{plus} {groups[0]}", *groups[1:]])
    return rest_between([zero_six, spoken_area(printed.area), *groups])
