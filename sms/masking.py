"""Masked telephone numbers for lists: enough to tell two apart, not enough to call one."""

import re

from messages.content.desk_facts import DeskFactsError, printed_phone

_HUNGARY = "+36"


def masked_phone(e164: str) -> str:
    """``+36 30 *** **67``: country, in Hungary the area too, and the last two figures."""
    try:
        country, _, number = printed_phone(e164).partition(" ")
    except DeskFactsError:
        return _hidden(e164)
    area, blank, rest = number.partition(" ")
    if country == _HUNGARY and blank:
        return f"{country} {area} {_hidden(rest)}"
    return f"{country} {_hidden(number)}"


def _hidden(number: str) -> str:
    return re.sub(r"[0-9](?=(?:[^0-9]*[0-9]){2})", "*", number)
