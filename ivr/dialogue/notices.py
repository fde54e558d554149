"""Outages and planned work, told before the menu to those whose address they concern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.interface.answers import Notice
from common.local_time import full_hour_from
from common.timezone import in_budapest, local_date
from ivr.dialogue.call import Call
from menus.slots import Date, Hour, Verbatim

MOST = 2
"""More would keep everybody from the menu; the earliest are told."""


async def tell_notices(call: Call, found: Sequence[Notice]) -> None:
    """Tell what concerns this caller; most callers hear nothing."""
    if not found:
        return
    today = local_date(await call.now())
    for notice in found[:MOST]:
        place = Verbatim(notice.place_hu if call.language == "hu" else notice.place_en)
        if notice.kind == "maintenance":
            begins = in_budapest(notice.begins)
            day, hour = Date(begins.date(), today), Hour(begins.hour)
            call.say("opening.maintenance", place=place, date=day, hour=hour)
        else:
            call.say("opening.outage", place=place)
        if notice.ends is not None:
            # In full hours: what is promised is rounded up, never down.
            back = full_hour_from(notice.ends)
            # Midnight ends the day before.
            ends_on = back.date() - timedelta(days=1) if back.hour == 0 else back.date()
            day, hour = Date(ends_on, today), Hour(back.hour)
            call.say("opening.supply_back", date=day, hour=hour)
