"""An area, written by the beginnings of its postcodes, which addresses begin with.

``2000,2001``, or ``11`` for districts, ``*`` for everybody.
"""

import re
from collections.abc import Iterable

from common.error_codes import ErrorCode
from common.errors import NoticeError

EVERYWHERE = "*"
_AREA = re.compile(r"\*|[1-9][0-9]{0,3}(?:,[1-9][0-9]{0,3})*")


def concerns(area: str, addresses: Iterable[str]) -> bool:
    """Whether one of the addresses, which begin with a postcode, lies in the area."""
    if area == EVERYWHERE:
        return True
    beginnings = tuple(area.split(","))
    postcodes = (address[:4] for address in addresses)
    return any(code.isdecimal() and code.startswith(beginnings) for code in postcodes)


def checked_area(area: str) -> str:
    """The area as it is stored. Raises ``NoticeError``."""
    bare = area.replace(" ", "")
    if not _AREA.fullmatch(bare):
        raise NoticeError(
            f'"{area}" is no area. Write the beginnings of postcodes, such as 2000 or 11,12, or * '
            "for everybody.",
            code=ErrorCode.AREA_INVALID,
            area=area,
        )
    return bare
