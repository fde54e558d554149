"""Hot-water meters of district heating: giving a reading, hearing the last one (rule ES-03)."""

from __future__ import annotations

from backend.commands import RecordHotWater
from backend.queries import FindLastReading, FindWindows
from backend.rules.timezone import local_date
from ivr.dialogue.call import Call
from ivr.forms.identify import identify_meter
from ivr.forms.site_meters import meter_of, read_meters, tell_next_window
from menus.slots import Date, Number


async def hot_water_reading(call: Call) -> None:
    """Take readings: on self-reading within the site's windows, otherwise one a month."""
    site, serial = await identify_meter(call)
    today = local_date(await call.now())
    if site.window is None:
        windows = await call.look_up(FindWindows(site.site_id))
        return tell_next_window(call, windows, today)
    return await read_meters(call, site, serial, site.window, today, RecordHotWater)


async def hot_water_previous(call: Call) -> None:
    """Tell the last reading of the meter whose serial the caller gave."""
    call.leave_form()  # There is nothing to record, and so nothing that could be lost.
    site, serial = await identify_meter(call)
    today = local_date(await call.now())
    meter = meter_of(list(site.meters), serial)
    if meter is None:
        return call.say("hot_water.none")
    register = meter.registers[0].register
    last = await call.look_up(FindLastReading(site.site_id, meter.serial, register))
    if last is None:
        return call.say("hot_water.none")
    return call.say("hot_water.last", value=Number(last.value), date=Date(last.read_on, today))
