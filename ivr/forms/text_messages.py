"""Text messages: whether a customer wants them, and numbers that were the wrong ones (CO-17)."""

from __future__ import annotations

from backend.interface.commands import ChooseReminders, ReportWrongNumber
from backend.interface.queries import AskCallingNumber
from ivr.dialogue.call import NO, YES, Call
from ivr.dialogue.fields import Choice
from ivr.forms.identify import identify
from menus.slots import Digits, PhoneNumber


async def sms_preference(call: Call) -> None:
    """Ask whether the customer wants text messages; a no works at once."""
    site = await identify(call)
    calling = await call.look_up(AskCallingNumber())
    while True:
        wanted = await call.ask("sms_preference.which", Choice(YES + NO)) == YES
        if await call.confirm(
            "sms_preference.read_back_yes" if wanted else "sms_preference.read_back_no"
        ):
            break
    mobile = calling.number if calling.mobile else None
    submitted = await call.submit(ChooseReminders(site.site_id, site.customer_id, wanted, mobile))
    if not submitted.receipts:
        return call.say("sms_preference.already_asked")
    done = "sms_preference.recorded_yes" if wanted else "sms_preference.recorded_no"
    return call.say(done, receipt=Digits(submitted.receipts[0]))


async def wrong_number(call: Call) -> None:
    """Stop messages to the calling mobile; its holder is nobody's customer and stays unnamed."""
    calling = await call.look_up(AskCallingNumber())
    if calling.number is None or not calling.mobile:
        return call.say("wrong_number.no_mobile")
    if not await call.confirm("wrong_number.confirm", phone=PhoneNumber(calling.number)):
        return call.say("form.nothing_recorded")
    submitted = await call.submit(ReportWrongNumber(calling.number))
    if not submitted.receipts:
        return call.say("wrong_number.already")
    return call.say("wrong_number.done", receipt=Digits(submitted.receipts[0]))
