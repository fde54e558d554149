"""2.1.1.2: the day of the month on which a direct debit is collected (rules DD-01 to DD-04)."""

from __future__ import annotations

from backend.interface.commands import ChangePaymentDay
from backend.interface.queries import FindMandate
from ivr.dialogue.call import Call
from ivr.dialogue.fields import PaymentDay
from ivr.forms.identify import identify
from menus.slots import DayOfMonth, Digits


async def payment_day(call: Call) -> None:
    """Change the payment day of a caller who pays by direct debit."""
    site = await identify(call)
    mandate = await call.look_up(FindMandate(site.customer_id))
    if mandate is None:
        return call.say("payment_day.no_direct_debit")
    call.say("payment_day.introduction")
    while True:
        day = await call.ask("payment_day.which", PaymentDay())
        if day == mandate.day:
            return call.say("payment_day.same", day=DayOfMonth(day))
        if await call.confirm("payment_day.read_back", day=DayOfMonth(day)):
            break
    submitted = await call.submit(ChangePaymentDay(site.site_id, site.customer_id, day))
    if not submitted.receipts:
        return call.say("payment_day.same", day=DayOfMonth(day))
    (receipt,) = submitted.receipts
    return call.say("payment_day.done", day=DayOfMonth(day), receipt=Digits(receipt))
