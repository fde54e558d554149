"""Query types; each names the type of its ``answer``."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from msgspec import Struct

from backend.interface.answers import (
    CallingNumber,
    ConnectionTariff,
    FoundReceipt,
    Identified,
    KnownCaller,
    LastReading,
    Mandate,
    Opening,
    ReadingState,
    Service,
    Window,
)
from backend.interface.published_text import PublishedText


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
    The answer never says which part was wrong. ``read_on`` is the day of the reading that the
    caller is about to give, where that is not today: midnight may have passed meanwhile.
    """

    site_id: str
    serial: str | None = None
    service: Service = "electricity"
    read_on: date | None = None
    answer: ClassVar[object] = Identified


class IdentifyByCode(Struct, frozen=True):
    """Is the caller this customer's? As ``Identify``, by the customer code and a meter's serial.

    The site is the one of the customer's that the meter belongs to (rule ES-06). With
    ``or_invoice`` the number of an invoice is a proof, too, for a flat may have no meter of its
    own; the site is the customer's first one then.
    """

    code: str
    serial: str
    service: Service = "heat"
    or_invoice: bool = False
    answer: ClassVar[object] = Identified


class FindMandate(Struct, frozen=True):
    """Does this customer pay by direct debit, and on which day? ``None`` when not (rule DD-01)."""

    customer_id: str
    answer: ClassVar[object] = Mandate | None


class FindRecordedReading(Struct, frozen=True):
    """Which valid readings has this meter in that window? Their receipts, one a register."""

    site_id: str
    serial: str
    window: Window
    answer: ClassVar[object] = tuple[str, ...]


class FindWindows(Struct, frozen=True):
    """When may this identified site give readings? Its periods, oldest first."""

    site_id: str
    answer: ClassVar[object] = tuple[Window, ...]


class FindPreviousReadings(Struct, frozen=True):
    """What did this identified site's register show before? The newest first, up to three."""

    site_id: str
    serial: str
    register: str
    answer: ClassVar[object] = tuple[LastReading, ...]


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
    """Who calls this line, as far as that can be known before anybody has said so?"""

    service: Service = "electricity"
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
    """Which node of this line did the last call from there leave undone, for this proven site?"""

    site_id: str
    service: Service = "electricity"
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
    | FindPreviousReadings
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
