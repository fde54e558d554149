"""Command types: what a caller submits after confirming it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from msgspec import Struct

from backend.interface.answers import TimeOfDay, Window
from backend.interface.codes import RequestKind


class OfSite(Struct, frozen=True):
    """What an identified caller settles; ``kind`` is what the ledger calls it."""

    site_id: str
    customer_id: str
    kind: ClassVar[RequestKind]


class ChangePaymentDay(OfSite, frozen=True):
    """Debit this customer on another day of the month (rules DD-01 to DD-04)."""

    day: int
    kind: ClassVar[RequestKind] = RequestKind.PAYMENT_DAY


class Quantity(Struct, frozen=True):
    """A monthly quantity; ``serial`` is ``None`` when the site has one meter."""

    serial: str | None
    kwh_per_month: int


class ChangePartialConsumption(OfSite, frozen=True):
    """Make partial bills by these monthly quantities from that day on (rules PC-01 to PC-05)."""

    quantities: tuple[Quantity, ...]
    effective_from: date
    flags: tuple[str, ...] = ()
    kind: ClassVar[RequestKind] = RequestKind.PARTIAL_CONSUMPTION


class SuspendPartialBilling(OfSite, frozen=True):
    """Stop partial bills from that very day (rules PB-04, PB-11)."""

    effective_from: date
    kind: ClassVar[RequestKind] = RequestKind.PARTIAL_BILLING_SUSPENSION


class RestartPartialBilling(OfSite, frozen=True):
    """Start partial bills again from that very day (rule PB-08)."""

    effective_from: date
    kind: ClassVar[RequestKind] = RequestKind.PARTIAL_BILLING_RESTART


class RegisterReading(Struct, frozen=True):
    """The confirmed value of one register and why staff may want to look at it."""

    register: str
    value: int
    flags: tuple[str, ...] = ()


class RecordReadings(OfSite, frozen=True):
    """Store all registers of one meter together; a later set in the window replaces this one.

    ``replaces`` are the receipts of the readings that the caller knows will be replaced: with any
    other in their place nothing is stored, and no receipt comes. ``None`` replaces any.
    """

    serial: str
    readings: tuple[RegisterReading, ...]
    read_on: date
    window: Window
    replaces: tuple[str, ...] | None = None
    kind: ClassVar[RequestKind] = RequestKind.METER_READING


class RecordHotWater(RecordReadings, frozen=True):
    """Store the reading of a hot-water meter (rule ES-03)."""

    kind: ClassVar[RequestKind] = RequestKind.HOT_WATER_READING


class SwitchToSelfReading(OfSite, frozen=True):
    """Ask staff to set the site up for monthly self-reading (rule MR-01)."""

    kind: ClassVar[RequestKind] = RequestKind.SELF_READING_SWITCH


class ChooseEInvoice(OfSite, frozen=True):
    """Ask staff for e-invoices, or for paper ones again (rules ES-09, ES-10)."""

    wanted: bool
    kind: ClassVar[RequestKind] = RequestKind.E_INVOICE


class ChooseReminders(OfSite, frozen=True):
    """Whether this customer wants text messages; a no stops their numbers at once.

    ``mobile`` is the plain mobile (E.164) that the call comes from, if it is one.
    """

    wanted: bool
    mobile: str | None
    kind: ClassVar[RequestKind] = RequestKind.SMS_PREFERENCE


class ReportWrongNumber(Struct, frozen=True):
    """Stop messages to this mobile (E.164): its holder is not the person they are for (CO-17)."""

    mobile: str
    kind: ClassVar[RequestKind] = RequestKind.SMS_PREFERENCE


class RequestCallback(Struct, frozen=True):
    """Have a colleague call this number (E.164) back, if possible at that time of day."""

    phone: str
    time_of_day: TimeOfDay
    kind: ClassVar[RequestKind] = RequestKind.CALLBACK


Command = (
    ChangePaymentDay
    | ChangePartialConsumption
    | SuspendPartialBilling
    | RestartPartialBilling
    | RecordReadings
    | RecordHotWater
    | SwitchToSelfReading
    | ChooseEInvoice
    | ChooseReminders
    | ReportWrongNumber
    | RequestCallback
)
