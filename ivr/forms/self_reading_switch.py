"""5.2: asking to be billed by monthly self-reading, which staff then set up (rule MR-01)."""

from __future__ import annotations

from backend.interface.commands import SwitchToSelfReading
from ivr.dialogue.call import Call
from ivr.forms.identify import identify_by_id
from menus.slots import Digits


async def self_reading_switch(call: Call) -> None:
    """Take the request down for staff."""
    site = await identify_by_id(call)
    if site.billing == "self_reading":
        return call.say("self_reading_switch.already")
    return await offer_switch(call, site.site_id, site.customer_id, "self_reading_switch.confirm")


async def offer_switch(call: Call, site_id: str, customer_id: str, prompt: str) -> None:
    """Offer the switch with the words of ``prompt`` and take it down when the caller says yes."""
    if not await call.confirm(prompt):
        return call.say("form.nothing_recorded")
    submitted = await call.submit(SwitchToSelfReading(site_id, customer_id))
    if not submitted.receipts:
        return call.say("self_reading_switch.already_asked")
    return call.say("self_reading_switch.done", receipt=Digits(submitted.receipts[0]))
