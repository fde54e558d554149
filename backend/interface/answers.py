"""Answer types of the queries: plain values.

A dialogue yields what ``queries`` and ``commands`` hold; ``backend.service`` answers inside the one
transaction of a webhook. The answers are kept in the call's transcript, so every one of them
survives a trip through JSON (``msgspec``). Nothing here reads a clock or a database.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from backend.interface.codes import Billing, NoticeKind, PartialBilling, Service

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
    """A consumption site as the telephone needs it after identification.

    ``window`` is the reading period of the day that was asked about, ``None`` when none is open;
    the registers' last values are those by which an entry of it is judged.
    """

    site_id: str
    customer_id: str
    billing: Billing
    partial_billing: PartialBilling
    partial_kwh_per_month: int | None
    meters: tuple[Meter, ...]
    window: Window | None = None


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
    """Whether a desk answers at the moment of asking.

    ``reason`` is why it does not although its hours would let it: a public holiday's name
    (``backend.desks.public_holiday``), "closure" for one out of turn, or "" when its hours say all.
    """

    open: bool
    reason: str = ""


class Notice(Struct, frozen=True):
    """An outage or planned work at an address of the caller; places are spoken as they stand."""

    kind: NoticeKind
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
    """What an identified caller began and did not confirm: the node's id, the site's, the line's.

    Another line of the same house may have no such node, and must not offer it.
    """

    node: str
    site_id: str
    service: Service


class LastReading(Struct, frozen=True):
    """A register's reading and its day, whoever gave it."""

    value: int
    read_on: date


class RecordedRequest(Struct, frozen=True):
    """What may be told of a request to whoever knows its receipt: nothing personal.

    ``replaced`` is whether a later one has taken its place.
    """

    kind: str
    effective_from: date | None
    replaced: bool = False


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
