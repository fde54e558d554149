"""Looking up a receipt: that it is recorded, what kind and from when, and nothing personal."""

from __future__ import annotations

from backend.interface.codes import RequestKind
from backend.interface.queries import FindReceipt
from common.timezone import local_date
from ivr.dialogue.call import Call
from ivr.dialogue.fields import ReceiptNumber
from ivr.dialogue.navigation import HandOverError
from menus.slots import Date, Words

KINDS = frozenset(RequestKind)
"""Kinds of requests that the phrasebooks have a name for."""


async def receipt_lookup(call: Call) -> None:
    """Ask for a receipt until one is found or the attempts are used up."""
    call.leave_form()  # There is nothing to record, and so nothing that could be lost.
    while True:
        receipt = await call.ask("receipt_lookup.which", ReceiptNumber())
        found = await call.look_up(FindReceipt(receipt))
        if found.locked:
            raise HandOverError(
                "receipt_lookup.locked", "receipt_lookup.locked_closed", "receipt_locked"
            )
        if found.request is not None:
            break
        call.say("receipt_lookup.unknown")
    kind = found.request.kind
    call.say(
        "receipt_lookup.found",
        kind=Words(f"receipt_lookup.kind.{kind if kind in KINDS else 'other'}"),
    )
    if found.request.replaced:
        return call.say("receipt_lookup.replaced")
    if found.request.effective_from is not None:
        today = local_date(await call.now())
        call.say("receipt_lookup.effective", date=Date(found.request.effective_from, today))
    return None
