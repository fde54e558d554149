"""What a channel may ask the records; ``backend.service`` names who answers."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar, get_args

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
    Window,
)
from backend.interface.codes import Service
from backend.interface.published_text import PublishedText

Answer = TypeVar("Answer")


class Query(Struct, Generic[Answer], frozen=True):
    """A question of the answer's type that its class names: ``class FindX(Query[X])``."""


def answer_type(query: type[Query[Any]]) -> Any:
    """The type that the query's class names, by which a stored answer is read."""
    (base,) = vars(query)["__orig_bases__"]
    return get_args(base)[0]


class FindReadingState(Query[ReadingState], frozen=True):
    """May this site give readings?

    Every id that is asked about counts like a failed identification until it is proven, so that
    nobody can try ids in search of sites.
    """

    site_id: str
    service: Service = "electricity"


class Identify(Query[Identified], frozen=True):
    """Is the caller this site's? Counts a failure per call, caller and site.

    ``serial`` is ``None`` where the published answers ask for the user id alone (rule PC-10).
    The answer never says which part was wrong. ``read_on`` is the day of the reading that the
    caller is about to give, where that is not today: midnight may have passed meanwhile.
    """

    site_id: str
    serial: str | None = None
    service: Service = "electricity"
    read_on: date | None = None


class IdentifyByCode(Query[Identified], frozen=True):
    """Is the caller this customer's? As ``Identify``, by the customer code and a meter's serial.

    The site is the one of the customer's that the meter belongs to (rule ES-06). With
    ``or_invoice`` the number of an invoice is a proof, too, for a flat may have no meter of its
    own; the site is the customer's first one then.
    """

    code: str
    serial: str
    service: Service = "heat"
    or_invoice: bool = False


class FindMandate(Query[Mandate | None], frozen=True):
    """Does this customer pay by direct debit, and on which day? ``None`` when not (rule DD-01)."""

    customer_id: str


class FindRecordedReading(Query[tuple[str, ...]], frozen=True):
    """Which valid readings has this meter in that window? Their receipts, one a register."""

    site_id: str
    serial: str
    window: Window


class FindWindows(Query[tuple[Window, ...]], frozen=True):
    """When may this identified site give readings? Its periods, oldest first."""

    site_id: str


class FindPreviousReadings(Query[tuple[LastReading, ...]], frozen=True):
    """What did this identified site's register show before? The newest first, up to three."""

    site_id: str
    serial: str
    register: str


class FindReceipt(Query[FoundReceipt], frozen=True):
    """Is a request recorded under this receipt? One that nobody has counts as a failure."""

    receipt: str


class AskCallingNumber(Query[CallingNumber], frozen=True):
    """From which number does the call come?"""


class FindConnectionTariff(Query[ConnectionTariff | None], frozen=True):
    """Which connection fees hold today?"""


class AskOpening(Query[Opening], frozen=True):
    """Does this desk answer now?"""

    desk: str


class FindCaller(Query[KnownCaller], frozen=True):
    """Who calls this line, as far as that can be known before anybody has said so?"""

    service: Service = "electricity"


class RememberLanguage(Query[bool], frozen=True):
    """Speak this language to the calling number from now on; no transaction, so no receipt."""

    language: str


class RememberPace(Query[bool], frozen=True):
    """Speak slowly to the calling number from now on, or as usual; no transaction either."""

    slow: bool


class FindUnfinished(Query[str | None], frozen=True):
    """Which node of this line did the last call from there leave undone, for this proven site?"""

    site_id: str
    service: Service = "electricity"


class OfferText(Query[bool], frozen=True):
    """May the telephone that calls be sent a published text?"""


class SendText(Query[bool], frozen=True):
    """Send it this text, which holds nothing of anybody; whether it is on its way."""

    text: PublishedText
