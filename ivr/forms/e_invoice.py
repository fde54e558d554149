"""Asking for e-invoices, or for paper ones again; staff set it up (rules ES-09, ES-10)."""

from __future__ import annotations

from backend.interface.commands import ChooseEInvoice
from ivr.dialogue.call import Call
from ivr.forms.identify import identify
from menus.slots import Digits


async def e_invoice_request(call: Call) -> None:
    """Ask for e-invoices; the yes is the consent that the box on the web stands for."""
    await _choose(call, "e_invoice.request_confirm", wanted=True)


async def e_invoice_withdrawal(call: Call) -> None:
    """Ask for paper invoices again."""
    await _choose(call, "e_invoice.withdrawal_confirm", wanted=False)


async def _choose(call: Call, question: str, *, wanted: bool) -> None:
    site = await identify(call)
    if not await call.confirm(question):
        return call.say("form.nothing_recorded")
    submitted = await call.submit(ChooseEInvoice(site.site_id, site.customer_id, wanted))
    if not submitted.receipts:
        return call.say("e_invoice.already_asked")
    return call.say("e_invoice.done", receipt=Digits(submitted.receipts[0]))
