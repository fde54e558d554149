"""In SQL, which numbers are Hungarian mobiles; a test proves that ``number_checks`` agrees."""

from sqlalchemy import ColumnElement, and_, func, or_

from common.phone_numbers import MOBILE_AREAS

_BEGINNINGS = [f"+36{area}" for area in MOBILE_AREAS]
_BEGIN = len(_BEGINNINGS[0])
_MORE = 7


def is_hungarian_mobile(phone: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """Whether it is one in E.164, by what is fastest: PostgreSQL's patterns take twice as long."""
    if dialect == "postgresql":
        return and_(
            func.length(phone) == _BEGIN + _MORE,
            func.substr(phone, 1, _BEGIN).in_(_BEGINNINGS),
            func.ltrim(func.substr(phone, _BEGIN + 1), "0123456789") == "",
        )
    digits = "[0-9]" * _MORE
    return or_(*(phone.op("GLOB", is_comparison=True)(f"{begin}{digits}") for begin in _BEGINNINGS))
