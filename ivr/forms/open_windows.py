"""5.5: which reading window of the caller's site is open, or when the next one is (rule MR-02)."""

from __future__ import annotations

from backend.interface.queries import FindWindows
from common.timezone import local_date
from ivr.dialogue.call import Call
from ivr.forms.identify import identify
from ivr.forms.self_reading_switch import offer_switch
from ivr.forms.site_meters import tell_next_window
from menus.slots import DateSpan


async def open_windows(call: Call) -> None:
    """Tell the window; a site without self-reading is offered the switch (rule MR-01)."""
    site = await identify(call)
    if site.billing == "partial":
        prompt = "meter_reading.not_self_reading"
        return await offer_switch(call, site.site_id, site.customer_id, prompt)
    today = local_date(await call.now())
    window = site.window
    if window is None:
        windows = await call.look_up(FindWindows(site.site_id))
        return tell_next_window(call, windows, today)
    period = DateSpan(window.opens, window.closes, today)
    return call.say("open_windows.open", period=period)
