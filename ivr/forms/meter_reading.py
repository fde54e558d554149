"""5.1: giving meter readings, every register of every meter of the site (rules MR-01 to MR-05)."""

from __future__ import annotations

from datetime import date

from backend.desk import (
    FindReadingState,
    FindRecordedReading,
    Identify,
    Meter,
    RecordReadings,
    Site,
    Window,
)
from backend.rules.timezone import local_date
from backend.rules.windows import next_after, open_on
from ivr.dialogue.call import NO, YES, Call
from ivr.dialogue.fields import Choice
from ivr.dialogue.navigation import BackError
from ivr.forms.identify import ask_site_id, identify_by_serial, locked_out
from ivr.forms.register_reading import read_register, register_name
from ivr.forms.self_reading_switch import offer_switch
from menus.slots import Count, Date, Digits, Words


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
        window = open_on(state.windows, today)
        # An id that nobody has goes on like any other: which part was wrong is never told.
        if state.billing is not None and window is None:
            return _window_closed(call, state.windows, today)
        try:
            site, serial = await identify_by_serial(call, site_id)
        except BackError:
            continue
        if window is None:
            raise locked_out()
        return await _read_meters(call, site, serial, window, today)


async def _not_self_reading(call: Call, site_id: str) -> None:
    """Tell it before anything is typed in vain, and offer the switch (rule MR-01)."""
    site = (await call.look_up(Identify(site_id, None, call.service))).site
    if site is None:
        raise locked_out()
    await offer_switch(call, site.site_id, site.customer_id, "meter_reading.not_self_reading")


def _window_closed(call: Call, windows: tuple[Window, ...], today: date) -> None:
    """Refuse outside the window and tell the next one, if it is known (rule MR-02)."""
    following = next_after(windows, today)
    if following is None:
        return call.say("meter_reading.window_unknown")
    return call.say(
        "meter_reading.window_closed",
        opens=Date(following.opens, today),
        # The year, if it turns, is told once.
        closes=Date(following.closes, following.opens),
    )


async def _read_meters(call: Call, site: Site, serial: str, window: Window, today: date) -> None:
    open_meters = list(site.meters)
    if len(open_meters) > 1:
        call.say("meter_reading.meters", count=Count(len(open_meters)))
    while True:
        meter = _meter(open_meters, serial)
        if meter is None:
            call.say("meter_reading.already_given")
        else:
            await _read_meter(call, site, meter, window, today)
            open_meters.remove(meter)
        if not open_meters:
            return
        # Who is silent has finished.
        if await call.ask_or_silence("meter_reading.next_meter", Choice(YES + NO)) != YES:
            return
        _, serial = await identify_by_serial(
            call, site.site_id, failed="identify.failed_next_serial"
        )


def _meter(meters: list[Meter], serial: str) -> Meter | None:
    return next((meter for meter in meters if meter.has_serial(serial)), None)


async def _confirm_change(call: Call) -> None:
    """Ask before a recorded reading is replaced; going back leaves it, and says so."""
    try:
        await call.ask("meter_reading.already_recorded", Choice(YES))
    except BackError:
        call.say("meter_reading.kept")
        call.leave_form()
        raise


async def _read_meter(call: Call, site: Site, meter: Meter, window: Window, today: date) -> None:
    """Read all registers of one meter, then store them together or not at all."""
    recorded = FindRecordedReading(site.site_id, meter.serial, window.opens)
    if await call.look_up(recorded):
        await _confirm_change(call)
    readings = [await read_register(call, meter, register, today) for register in meter.registers]
    submitted = await call.submit(
        RecordReadings(
            site.site_id,
            site.customer_id,
            meter.serial,
            tuple(reading for reading, _ in readings),
            today,
            window.opens,
        )
    )
    call.say("meter_reading.done")
    for register, (_, used), receipt in zip(
        meter.registers, readings, submitted.receipts, strict=True
    ):
        if len(readings) > 1:
            name = Words(f"meter_reading.name.{register_name(meter, register)}")
            call.say("meter_reading.receipt_of", name=name, receipt=Digits(receipt))
        else:
            call.say("receipt.number", receipt=Digits(receipt))
            call.say("meter_reading.used", used=used)
