"""Hot-water meters of district heating: giving a reading, hearing earlier ones (rule ES-03)."""

from __future__ import annotations

from backend.interface.commands import RecordHotWater
from backend.interface.queries import FindPreviousReadings, FindWindows
from common.timezone import local_date
from ivr.dialogue.call import Call
from ivr.forms.identify import identify_meter
from ivr.forms.site_meters import meter_of, read_meters, tell_next_window
from menus.slots import Count, Date


async def hot_water_reading(call: Call) -> None:
    """Take readings: on self-reading within the site's windows, otherwise one a month."""
    site, serial = await identify_meter(call)
    today = local_date(await call.now())
    if site.window is None:
        windows = await call.look_up(FindWindows(site.site_id))
        return tell_next_window(call, windows, today)
    return await read_meters(call, site, serial, site.window, today, RecordHotWater)


async def hot_water_previous(call: Call) -> None:
    """Tell the last readings of the meter whose serial the caller gave, the newest first."""
    call.leave_form()  # There is nothing to record, and so nothing that could be lost.
    site, serial = await identify_meter(call)
    today = local_date(await call.now())
    meter = meter_of(list(site.meters), serial)
    if meter is None:
        return call.say("hot_water.none")
    register = meter.registers[0].register
    previous = await call.look_up(FindPreviousReadings(site.site_id, meter.serial, register))
    for place, reading in enumerate(previous):
        prompt = "hot_water.before" if place else "hot_water.last"
        call.say(prompt, value=Count(reading.value), date=Date(reading.read_on, today))
    return call.say("hot_water.others" if previous else "hot_water.none")
