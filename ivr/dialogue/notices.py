"""Outages and planned work, told before the menu to those whose address they concern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from backend.interface.answers import Notice
from common.local_time import full_hour_from
from common.timezone import in_budapest, local_date
from ivr.dialogue.call import Call
from ivr.dialogue.line import text
from menus.slots import Date, Hour, Text, Verbatim

MOST = 2
"""More would keep everybody from the menu; the earliest are told."""


async def tell_notices(call: Call, found: Sequence[Notice]) -> None:
    """Tell what concerns this caller; most callers hear nothing."""
    if not found:
        return
    today = local_date(await call.now())
    for notice in found[:MOST]:
        for told in sentences_of(notice, call.language, today):
            call.say(told.prompt, **dict(told.slots))


def sentences_of(notice: Notice, language: str, today: date) -> Iterator[Text]:
    """What a caller hears of it, sentence by sentence."""
    place = Verbatim(notice.place_hu if language == "hu" else notice.place_en)
    if notice.kind == "maintenance":
        begins = in_budapest(notice.begins)
        day, hour = Date(begins.date(), today), Hour(begins.hour)
        yield text("opening.maintenance", place=place, date=day, hour=hour)
    else:
        yield text("opening.outage", place=place)
    if notice.ends is not None:
        # In full hours: what is promised is rounded up, never down.
        back = full_hour_from(notice.ends)
        # Midnight ends the day before.
        ends_on = back.date() - timedelta(days=1) if back.hour == 0 else back.date()
        day, hour = Date(ends_on, today), Hour(back.hour)
        yield text("opening.supply_back", date=day, hour=hour)
