"""Asking to be called back, at any hour and without identification."""

from __future__ import annotations

from backend.interface.answers import TimeOfDay
from backend.interface.commands import RequestCallback
from backend.interface.queries import AskCallingNumber
from ivr.dialogue.call import NO, YES, Call
from ivr.dialogue.fields import Choice, NumberToCall
from menus.slots import Digits, PhoneNumber, Text, Words

_TIMES: dict[str | None, TimeOfDay] = {"1": "morning", "2": "afternoon"}
_ANY = "3"


async def callback(call: Call) -> None:
    """Agree on a number and a time of day, read both back and take the request down."""
    calling = (await call.look_up(AskCallingNumber())).number
    hours = call.setting.hours[call.setting.tree.operator]
    while True:
        phone = await _number(call, calling)
        choice = Choice("".join(filter(None, _TIMES)) + _ANY)
        # Who is silent has no wish.
        patience = call.setting.one_silence
        wish = await call.ask_or_silence((Text("callback.when"),), choice, patience=patience)
        time = _TIMES.get(wish, "any")
        spoken = Words(f"callback.time.{time}")
        if await call.confirm("callback.read_back", phone=PhoneNumber(phone), time=spoken):
            break
    submitted = await call.submit(RequestCallback(phone, time))
    if not submitted.receipts:
        return call.say("callback.already_asked", hours=hours)
    call.say("callback.done", hours=hours, time=spoken)
    return call.say("receipt.noted", receipt=Digits(submitted.receipts[0]))


async def _number(call: Call, calling: str | None) -> str:
    """Offer the calling number, when it is known, or ask for one."""
    if calling is not None:
        choice = Choice(YES + NO)
        if await call.ask("callback.this_number", choice, phone=PhoneNumber(calling)) == YES:
            return calling
    return await call.ask("callback.which_number", NumberToCall())
