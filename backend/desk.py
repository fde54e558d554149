"""What the telephone asks of the records and what it hands in: the contact between the rooms.

These are plain values. A dialogue yields them, ``backend.store`` answers them inside the one
transaction of a webhook, and the answers are kept in the call's transcript, so every one of them
survives a trip through JSON (``msgspec``). Nothing here reads a clock or a database.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from msgspec import Struct

from backend.published_text import PublishedText

Billing = Literal["partial", "self_reading"]
PartialBilling = Literal["active", "suspended"]
Service = Literal["electricity", "heat"]
TimeOfDay = Literal["morning", "afternoon", "any"]


def serial_digits(serial: str) -> str:
    """Return a serial as a keypad can give it: its digits, without leading zeros."""
    digits = "".join(character for character in serial if character in "0123456789")
    return digits.lstrip("0")


def serial_matches(serial: str, typed: str) -> bool:
    """Whether the typed digits are this serial's; a keypad knows neither letters nor signs."""
    digits = serial_digits(serial)
    return bool(digits) and serial_digits(typed) == digits


class Register(Struct, frozen=True):
    """One counting register of a meter, with what plausibility needs to know."""

    register: str
    digits: int
    last_value: int
    last_read_on: date
    daily_average: float
    max_amperes: int | None = None


class Meter(Struct, frozen=True):
    """A meter of a site: its factory serial, its spoken label and its registers in OBIS order."""

    serial: str
    label: str
    registers: tuple[Register, ...]

    def has_serial(self, typed: str) -> bool:
        """Whether the typed digits are this meter's serial."""
        return serial_matches(self.serial, typed)


class Window(Struct, frozen=True):
    """A reading window of a site; both days belong to it (rule MR-02)."""

    opens: date
    closes: date


class Site(Struct, frozen=True):
    """A consumption site as the telephone needs it after identification."""

    site_id: str
    customer_id: str
    billing: Billing
    partial_billing: PartialBilling
    partial_kwh_per_month: int | None
    meters: tuple[Meter, ...]


class ReadingState(Struct, frozen=True):
    """Whether a site may give readings: how it is billed and its windows, oldest first.

    ``billing`` is ``None`` for a site that is not there, and when asking on is ``locked``.
    """

    billing: Billing | None = None
    windows: tuple[Window, ...] = ()
    locked: bool = False


class Identified(Struct, frozen=True):
    """The outcome of an identification: the site, or none and whether trying on is pointless."""

    site: Site | None
    locked: bool = False


class Mandate(Struct, frozen=True):
    """A direct-debit mandate: the day of the month on which the account is debited."""

    day: int | None


class Submitted(Struct, frozen=True):
    """The receipts of what was stored; none when the records already said so."""

    receipts: tuple[str, ...] = ()


class Opening(Struct, frozen=True):
    """Whether a desk answers at the moment of asking."""

    open: bool


class Notice(Struct, frozen=True):
    """An outage or planned work at an address of the caller; places are spoken as they stand."""

    kind: Literal["outage", "maintenance"]
    place_hu: str
    place_en: str
    begins: datetime
    ends: datetime | None


class KnownCaller(Struct, frozen=True):
    """How a caller is to be spoken to, and what they are to be told before the menu.

    ``broken_off`` is whether the last call from there left something undone; never what, because
    whoever calls has not proven who they are.
    """

    language: str | None = None
    slow: bool = False
    broken_off: bool = False
    notices: tuple[Notice, ...] = ()


class Unfinished(Struct, frozen=True):
    """What an identified caller began and did not confirm: the node's id and the site's."""

    node: str
    site_id: str


class LastReading(Struct, frozen=True):
    """The newest reading of a register, whoever gave it."""

    value: int
    read_on: date


class RecordedRequest(Struct, frozen=True):
    """What may be told of a request to whoever knows its receipt: nothing personal."""

    kind: str
    effective_from: date | None


class FoundReceipt(Struct, frozen=True):
    """The outcome of a look-up: the request, or none and whether trying on is pointless."""

    request: RecordedRequest | None
    locked: bool = False


class CallingNumber(Struct, frozen=True):
    """The number that calls (E.164), when it is known and may be called back.

    ``mobile`` is whether it is a plain Hungarian mobile, the only kind that gets messages.
    """

    number: str | None
    mobile: bool = False


class ConnectionTariff(Struct, frozen=True):
    """The fees of an electric connection (rules TE-22 to TE-25), net, in whole forints.

    ``all_amperes`` charges every ampere once there are more than the free ones;
    ``line_fee_within_free_amperes`` charges a long line of a small connection, too.
    """

    free_amperes: int
    forints_per_ampere: int
    free_overhead_metres: int
    forints_per_overhead_metre: int
    free_cable_metres: int
    forints_per_cable_metre: int
    vat_percent: int
    all_amperes: bool = False
    line_fee_within_free_amperes: bool = False


class FindReadingState(Struct, frozen=True):
    """May this site give readings?

    Every id that is asked about counts like a failed identification until it is proven, so that
    nobody can try ids in search of sites.
    """

    site_id: str
    service: Service = "electricity"
    answer: ClassVar[object] = ReadingState


class Identify(Struct, frozen=True):
    """Is the caller this site's? Counts a failure per call, caller and site.

    ``serial`` is ``None`` where the published answers ask for the user id alone (rule PC-10).
    The answer never says which part was wrong.
    """

    site_id: str
    serial: str | None = None
    service: Service = "electricity"
    answer: ClassVar[object] = Identified


class IdentifyByCode(Struct, frozen=True):
    """Is the caller this customer's? As ``Identify``, by the customer code and a meter's serial.

    The site is the one of the customer's that the meter belongs to (rule ES-06).
    """

    code: str
    serial: str
    service: Service = "heat"
    answer: ClassVar[object] = Identified


class FindMandate(Struct, frozen=True):
    """Does this customer pay by direct debit, and on which day? ``None`` when not (rule DD-01)."""

    customer_id: str
    answer: ClassVar[object] = Mandate | None


class FindRecordedReading(Struct, frozen=True):
    """Has this meter a reading in the window that opened on that day?"""

    site_id: str
    serial: str
    window_opens: date
    answer: ClassVar[object] = bool


class FindWindows(Struct, frozen=True):
    """When may this identified site give readings? Its windows, oldest first."""

    site_id: str
    answer: ClassVar[object] = tuple[Window, ...]


class FindLastReading(Struct, frozen=True):
    """What did this identified site's register show last?"""

    site_id: str
    serial: str
    register: str
    answer: ClassVar[object] = LastReading | None


class FindReceipt(Struct, frozen=True):
    """Is a request recorded under this receipt? One that nobody has counts as a failure."""

    receipt: str
    answer: ClassVar[object] = FoundReceipt


class AskCallingNumber(Struct, frozen=True):
    """From which number does the call come?"""

    answer: ClassVar[object] = CallingNumber


class FindConnectionTariff(Struct, frozen=True):
    """Which connection fees hold today?"""

    answer: ClassVar[object] = ConnectionTariff | None


class AskOpening(Struct, frozen=True):
    """Does this desk answer now?"""

    desk: str
    answer: ClassVar[object] = Opening


class FindCaller(Struct, frozen=True):
    """Who calls, as far as that can be known before anybody has said so?"""

    answer: ClassVar[object] = KnownCaller


class RememberLanguage(Struct, frozen=True):
    """Speak this language to the calling number from now on; no transaction, so no receipt."""

    language: str
    answer: ClassVar[object] = bool


class RememberPace(Struct, frozen=True):
    """Speak slowly to the calling number from now on, or as usual; no transaction either."""

    slow: bool
    answer: ClassVar[object] = bool


class FindUnfinished(Struct, frozen=True):
    """Which node did the last call from this number leave undone, for this identified site?"""

    site_id: str
    answer: ClassVar[object] = str | None


class OfferText(Struct, frozen=True):
    """May the telephone that calls be sent a published text?"""

    answer: ClassVar[object] = bool


class SendText(Struct, frozen=True):
    """Send it this text, which holds nothing of anybody; whether it is on its way."""

    text: PublishedText
    answer: ClassVar[object] = bool


Query = (
    FindReadingState
    | Identify
    | IdentifyByCode
    | FindMandate
    | FindRecordedReading
    | FindWindows
    | FindLastReading
    | FindReceipt
    | AskCallingNumber
    | FindConnectionTariff
    | AskOpening
    | FindCaller
    | RememberLanguage
    | RememberPace
    | FindUnfinished
    | OfferText
    | SendText
)


class ChangePaymentDay(Struct, frozen=True):
    """Debit this customer on another day of the month (rules DD-01 to DD-04)."""

    site_id: str
    customer_id: str
    day: int
    kind: ClassVar[str] = "payment_day"


class Quantity(Struct, frozen=True):
    """A monthly quantity; ``serial`` is ``None`` when the site has one meter."""

    serial: str | None
    kwh_per_month: int


class ChangePartialConsumption(Struct, frozen=True):
    """Make partial bills by these monthly quantities from that day on (rules PC-01 to PC-05)."""

    site_id: str
    customer_id: str
    quantities: tuple[Quantity, ...]
    effective_from: date
    flags: tuple[str, ...] = ()
    kind: ClassVar[str] = "partial_consumption"


class SuspendPartialBilling(Struct, frozen=True):
    """Stop partial bills from that very day (rules PB-04, PB-11)."""

    site_id: str
    customer_id: str
    effective_from: date
    kind: ClassVar[str] = "partial_billing_suspension"


class RestartPartialBilling(Struct, frozen=True):
    """Start partial bills again from that very day (rule PB-08)."""

    site_id: str
    customer_id: str
    effective_from: date
    kind: ClassVar[str] = "partial_billing_restart"


class RegisterReading(Struct, frozen=True):
    """The confirmed value of one register and why staff may want to look at it."""

    register: str
    value: int
    flags: tuple[str, ...] = ()


class RecordReadings(Struct, frozen=True):
    """Store all registers of one meter together; a later set in the window replaces this one."""

    site_id: str
    customer_id: str
    serial: str
    readings: tuple[RegisterReading, ...]
    read_on: date
    window_opens: date
    kind: ClassVar[str] = "meter_reading"


class RecordHotWater(RecordReadings, frozen=True):
    """Store the reading of a hot-water meter (rule ES-03)."""

    kind: ClassVar[str] = "hot_water_reading"


class SwitchToSelfReading(Struct, frozen=True):
    """Ask staff to set the site up for monthly self-reading (rule MR-01)."""

    site_id: str
    customer_id: str
    kind: ClassVar[str] = "self_reading_switch"


class ChooseEInvoice(Struct, frozen=True):
    """Ask staff for e-invoices, or for paper ones again (rules ES-09, ES-10)."""

    site_id: str
    customer_id: str
    wanted: bool
    kind: ClassVar[str] = "e_invoice"


class ChooseReminders(Struct, frozen=True):
    """Whether this customer wants text messages; a no stops their numbers at once.

    ``mobile`` is the plain mobile (E.164) that the call comes from, if it is one.
    """

    site_id: str
    customer_id: str
    wanted: bool
    mobile: str | None
    kind: ClassVar[str] = "sms_preference"


class ReportWrongNumber(Struct, frozen=True):
    """Stop messages to this mobile (E.164): its holder is not the person they are for (CO-17)."""

    mobile: str
    kind: ClassVar[str] = "sms_preference"


class RequestCallback(Struct, frozen=True):
    """Have a colleague call this number (E.164) back, if possible at that time of day."""

    phone: str
    time_of_day: TimeOfDay
    kind: ClassVar[str] = "callback"


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
