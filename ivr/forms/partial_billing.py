"""5.3.2 and 5.3.3: suspending partial billing, and starting it again (rules PB-04 to PB-11).

Both work at once, not by the rule of the 15th (PB-11), so the day is read after the confirmation.
"""

from __future__ import annotations

from backend.interface.answers import Site
from backend.interface.commands import RestartPartialBilling, SuspendPartialBilling
from common.timezone import local_date
from ivr.dialogue.call import Call
from ivr.forms.identify import identify_by_id
from menus.slots import Digits, Text


async def partial_billing_suspension(call: Call) -> None:
    """Suspend partial billing for the caller's site."""
    await suspend(call, await identify_by_id(call))


async def suspend(call: Call, site: Site) -> None:
    """Suspend partial billing after all warnings were said (rules PB-06, PB-07, PB-08)."""
    if site.partial_billing == "suspended":
        return call.say("partial_billing.already_suspended")
    warning = Text("partial_billing.suspend_warning")
    if not await call.confirm("partial_billing.suspend_confirm", before=(warning,)):
        return call.say("form.nothing_recorded")
    today = local_date(await call.now())
    command = SuspendPartialBilling(site.site_id, site.customer_id, today)
    submitted = await call.submit(command)
    if not submitted.receipts:
        return call.say("partial_billing.already_suspended")
    return call.say("partial_billing.suspended", receipt=Digits(submitted.receipts[0]))


async def partial_billing_restart(call: Call) -> None:
    """Start partial billing again, which only the customer can ask for (rule PB-08)."""
    await restart(call, await identify_by_id(call))


async def restart(call: Call, site: Site) -> None:
    """Start partial billing again from this very day, once the caller confirms it."""
    if site.partial_billing == "active":
        return call.say("partial_billing.not_suspended")
    if not await call.confirm("partial_billing.restart_confirm"):
        return call.say("form.nothing_recorded")
    today = local_date(await call.now())
    command = RestartPartialBilling(site.site_id, site.customer_id, today)
    submitted = await call.submit(command)
    if not submitted.receipts:
        return call.say("partial_billing.not_suspended")
    return call.say("partial_billing.restarted", receipt=Digits(submitted.receipts[0]))
