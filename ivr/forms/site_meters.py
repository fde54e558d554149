"""The meters of one site, one after the other, each stored as soon as it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.interface.answers import Meter, Site, Window
from backend.interface.commands import RecordReadings
from backend.interface.queries import FindRecordedReading
from backend.rules.reading_windows import next_after
from backend.rules.registers import register_name
from ivr.dialogue.call import NO, YES, Call
from ivr.dialogue.fields import Choice
from ivr.dialogue.navigation import BackError
from ivr.forms.identify import identify_by_serial
from ivr.forms.register_reading import read_register
from menus.slots import Count, DateSpan, Digits, Text, Words


async def read_meters(
    call: Call,
    site: Site,
    serial: str,
    window: Window,
    today: date,
    command: type[RecordReadings] = RecordReadings,
) -> None:
    """Read the meter of that serial, and others of the site whose serials the caller gives."""
    open_meters = list(site.meters)
    if len(open_meters) > 1:
        call.say("meter_reading.meters", count=Count(len(open_meters)))
    while True:
        meter = meter_of(open_meters, serial)
        if meter is None:
            call.say("meter_reading.already_given")
        else:
            await _read_meter(call, site, meter, window, today, command)
            open_meters.remove(meter)
        if not open_meters:
            return
        # Who is silent has finished.
        question = (Text("meter_reading.next_meter"),)
        if await call.ask_or_silence(question, Choice(YES + NO)) != YES:
            return
        _, serial = await identify_by_serial(
            call, site.site_id, failed="identify.failed_next_serial"
        )


def meter_of(meters: list[Meter], serial: str) -> Meter | None:
    return next((meter for meter in meters if meter.has_serial(serial)), None)


def tell_next_window(call: Call, windows: tuple[Window, ...], today: date) -> None:
    """Say that no reading is taken today and tell the next window, if it is known (rule MR-02)."""
    following = next_after(windows, today)
    if following is None:
        return call.say("meter_reading.window_unknown")
    period = DateSpan(following.opens, following.closes, today)
    return call.say("meter_reading.window_closed", period=period)


async def _confirm_change(call: Call) -> None:
    """Ask before a recorded reading is replaced; going back leaves it, and says so."""
    try:
        await call.ask("meter_reading.already_recorded", Choice(YES))
    except BackError:
        call.say("meter_reading.kept")
        call.leave_form()
        raise


async def _read_meter(
    call: Call,
    site: Site,
    meter: Meter,
    window: Window,
    today: date,
    command: type[RecordReadings],
) -> None:
    """Read all registers of one meter, then store them together or not at all."""
    recorded = FindRecordedReading(site.site_id, meter.serial, window)
    known = await call.look_up(recorded)
    if known:
        await _confirm_change(call)
    readings = [await read_register(call, meter, register, today) for register in meter.registers]
    values = tuple(reading for reading, _ in readings)
    while True:
        # What was heard when this began may have changed: then the caller is asked again.
        submitted = await call.submit(
            command(site.site_id, site.customer_id, meter.serial, values, today, window, known)
        )
        if submitted.receipts:
            break
        known = await call.look_up(recorded)
        if not await call.confirm("meter_reading.recorded_meanwhile"):
            return call.say("meter_reading.kept")
    call.say("meter_reading.done")
    _tell_receipts(call, meter, [used for _, used in readings], submitted.receipts)
    return None


def _tell_receipts(
    call: Call, meter: Meter, used: Sequence[Count], receipts: Sequence[str]
) -> None:
    for register, since_last, receipt in zip(meter.registers, used, receipts, strict=True):
        if len(used) > 1:
            name = Words(f"meter_reading.name.{register_name(meter, register)}")
            call.say("meter_reading.receipt_of", name=name, receipt=Digits(receipt))
        else:
            call.say("receipt.number", receipt=Digits(receipt))
            call.say("meter_reading.used", used=since_last)
