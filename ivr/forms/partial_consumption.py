"""5.3.1: the monthly quantity by which partial bills are made (rules PC-01 to PC-10)."""

from __future__ import annotations

from datetime import date

from backend.interface.answers import Meter, Site
from backend.interface.commands import ChangePartialConsumption, Quantity
from backend.rules.partial_consumption import effective_from, is_low
from common.timezone import local_date
from ivr.dialogue.call import NO, YES, Call
from ivr.dialogue.fields import Choice, MonthlyQuantity
from ivr.dialogue.line import text
from ivr.forms.identify import identify_by_id
from ivr.forms.ordinals import nth_meter
from ivr.forms.partial_billing import restart, suspend
from menus.slots import Count, Date, Digits, Text, Verbatim


class _SuspendInsteadError(Exception):
    """The caller wants no partial bills at all, which is a suspension and not a zero."""


async def partial_consumption(call: Call) -> None:
    """Change the monthly quantity, meter by meter, from the first of a coming month."""
    site = await identify_by_id(call)
    if site.partial_billing == "suspended" and await _wants_restart(call):
        return await restart(call, site)
    try:
        quantities, valid_from, today = await _agree(call, site)
    except _SuspendInsteadError:
        return await suspend(call, site)
    # The caller agreed to the date that was read out; it stays, also when midnight of the 15th
    # has passed since. The flag tells staff why it differs.
    flags: tuple[str, ...] = ()
    if effective_from(local_date(await call.now())) != valid_from:
        flags = ("date_as_read_out",)
    submitted = await call.submit(
        ChangePartialConsumption(site.site_id, site.customer_id, quantities, valid_from, flags)
    )
    call.say("partial_consumption.done", date=Date(valid_from, today))
    for place, receipt in enumerate(submitted.receipts, start=1):
        if len(submitted.receipts) == 1:
            call.say("receipt.number", receipt=Digits(receipt))
        else:
            call.say("receipt.of_meter", nth=nth_meter(place), receipt=Digits(receipt))
    return None


async def _wants_restart(call: Call) -> bool:
    """Offer the restart before a quantity is asked for that no bill would be made by (PB-08)."""
    return await call.ask("partial_consumption.suspended", Choice(YES + NO)) == YES


async def _agree(call: Call, site: Site) -> tuple[tuple[Quantity, ...], date, date]:
    """Ask until the caller agrees to what is read back; return that, its date and today."""
    if len(site.meters) > 1:
        call.say("partial_consumption.meters", count=Count(len(site.meters)))
    while True:
        asked = [
            Quantity(_serial(site, meter), await _quantity(call, site, place))
            for place, meter in enumerate(site.meters or (None,), start=1)
        ]
        today = local_date(await call.now())
        valid_from = effective_from(today)
        if await _accepted(call, site, asked, Date(valid_from, today)):
            return tuple(asked), valid_from, today


def _serial(site: Site, meter: Meter | None) -> str | None:
    return meter.serial if meter is not None and len(site.meters) > 1 else None


async def _quantity(call: Call, site: Site, place: int) -> int:
    """Ask for one meter's quantity. Zero is refused, with the way to a suspension."""
    question = Text("partial_consumption.which")
    if len(site.meters) > 1:
        # The label, not the serial: the serial is the second factor of other transactions.
        label = site.meters[place - 1].label
        question = text("partial_consumption.which_nth", nth=nth_meter(place))
        # The label is the records' Hungarian; another language's voice would spoil it.
        if label and call.language == call.setting.tree.languages[0]:
            question = text(
                "partial_consumption.which_meter", nth=nth_meter(place), label=Verbatim(label)
            )
    while True:
        quantity = await call.ask_all((question,), MonthlyQuantity())
        if quantity > 0:
            return quantity
        if await call.ask("partial_consumption.zero", Choice(YES + NO)) == NO:
            raise _SuspendInsteadError


async def _accepted(call: Call, site: Site, asked: list[Quantity], valid_from: Date) -> bool:
    """Read back, after the warning where a value is low (rule PC-08) and with rule PC-05."""
    before = [Text("partial_consumption.low")] if _any_low(site, asked) else []
    if len(asked) == 1:
        quantity = Count(asked[0].kwh_per_month)
        return await call.confirm(
            "partial_consumption.read_back", before=before, quantity=quantity, date=valid_from
        )
    before += [
        text(
            "partial_consumption.read_back_meter",
            nth=nth_meter(place),
            quantity=Count(quantity.kwh_per_month),
        )
        for place, quantity in enumerate(asked, start=1)
    ]
    return await call.confirm(
        "partial_consumption.read_back_meters", before=before, date=valid_from
    )


def _any_low(site: Site, asked: list[Quantity]) -> bool:
    if len(site.meters) != len(asked):
        return any(is_low(each.kwh_per_month, (), site.partial_kwh_per_month) for each in asked)
    # The present quantity is the whole site's, so it says nothing of one meter among several.
    present = site.partial_kwh_per_month if len(asked) == 1 else None
    return any(
        is_low(each.kwh_per_month, meter.registers, present)
        for each, meter in zip(asked, site.meters, strict=True)
    )
