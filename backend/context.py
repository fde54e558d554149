"""Call context: who asks, when, and whatever else an answer takes besides the question itself."""

from __future__ import annotations

from collections.abc import Callable  # at run time: handlers are asked for their types
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

from backend.tariffs import NO_TARIFFS, Tariffs
from common.timezone import local_date

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy import Connection

    from backend.desks import Desks
    from backend.interface.published_text import PublishedText
    from backend.rules.desk_hours import Calendar


Begin: TypeAlias = Callable[[], object]
"""Begins the transaction on a connection that was lent without one; once it is begun, nothing."""


def already_begun() -> None:
    """For a connection that was lent with its transaction."""


class CallerTexts(Protocol):
    """Sends published texts to callers who ask for them by a key."""

    def may_get(self, connection: Connection, phone: str, now: datetime) -> bool:
        """Whether this telephone (E.164) may be sent a text at all."""

    def send(self, connection: Connection, phone: str, text: PublishedText, now: datetime) -> bool:
        """Queue the text in the transaction of ``connection``; whether it is on its way."""


@dataclass(frozen=True, slots=True)
class IdentificationLimits:
    """After how many failures identification is locked; a utility may set its own.

    An eight-digit serial cannot be guessed in so few attempts, and an honest caller who needs
    more of them is better served by a person. ``unproven`` limits the ids of which one number is
    told without a proof; for all withheld numbers together it limits failures, too.
    """

    per_call: int = 3
    per_caller: int = 10
    caller_within: timedelta = timedelta(hours=1)
    per_site: int = 10
    site_within: timedelta = timedelta(hours=24)
    unproven: int = 30
    unproven_within: timedelta = timedelta(hours=1)


class CallContext(Struct, frozen=True):
    """One webhook of one call.

    ``caller_key`` is ``identification.caller_key`` of the calling number, ``None`` when it is
    withheld; ``caller`` is the number itself (E.164), which is for this webhook only. ``now`` is
    aware; ``rng`` draws receipt numbers; ``secret`` keys the hashes. ``channel`` is the one, of
    the two that rule MR-03 allows, by which a request comes. ``texts`` is ``None`` where no
    messages are sent.
    """

    call_sid: str
    caller_key: str | None
    channel: str
    now: datetime
    rng: Random
    secret: bytes
    desks: Desks
    calendar: Calendar
    limits: IdentificationLimits = IdentificationLimits()
    caller: str | None = None
    tariffs: Tariffs = NO_TARIFFS
    texts: CallerTexts | None = None

    @property
    def today(self) -> date:
        """The calendar day in Budapest."""
        return local_date(self.now)
