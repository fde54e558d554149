"""5.1: giving meter readings, every register of every meter of the site (rules MR-01 to MR-05)."""

from __future__ import annotations

from backend.interface.answers import Site
from backend.interface.queries import FindReadingState, FindWindows, Identify
from backend.rules.reading_windows import open_on
from common.timezone import local_date
from ivr.dialogue.call import Call
from ivr.dialogue.navigation import BackError
from ivr.forms.identify import ask_site_id, identify_by_serial, locked_out
from ivr.forms.self_reading_switch import offer_switch
from ivr.forms.site_meters import read_meters, tell_next_window


async def meter_reading(call: Call) -> None:
    """Take the readings of one meter after the other, each stored as soon as it is confirmed."""
    while True:
        site_id = await ask_site_id(call)
        today = local_date(await call.now())
        state = await call.look_up(FindReadingState(site_id, call.service))
        if state.locked:
            raise locked_out()
        if state.billing == "partial":
            return await _not_self_reading(call, site_id)
        # An id that nobody has goes on like any other: which part was wrong is never told.
        if state.billing is not None and open_on(state.windows, today) is None:
            return tell_next_window(call, state.windows, today)
        try:
            site, serial = await identify_by_serial(call, site_id, read_on=today)
        except BackError:
            continue
        if site.billing == "partial":
            return await _offer_switch(call, site)
        if site.window is None:
            # The caller had asked too often to be told before, or it was closed meanwhile.
            windows = await call.look_up(FindWindows(site.site_id))
            return tell_next_window(call, windows, today)
        return await read_meters(call, site, serial, site.window, today)


async def _not_self_reading(call: Call, site_id: str) -> None:
    """Tell it before anything is typed in vain, and offer the switch (rule MR-01)."""
    site = (await call.look_up(Identify(site_id, None, call.service))).site
    if site is None:
        raise locked_out()
    await _offer_switch(call, site)


async def _offer_switch(call: Call, site: Site) -> None:
    await offer_switch(call, site.site_id, site.customer_id, "meter_reading.not_self_reading")
