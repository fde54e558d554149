"""What sending needs of its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import Engine

from backend.interface.codes import MessageKind
from backend.rules.contact_hours import ContactCalendar
from messages.campaigns.policy import SendingPolicy
from messages.content.desk_facts import DeskFacts
from messages.delivery.gateway import (
    Gateway,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingContext:
    """What sending needs: the store, the carrier, the rules, the clock and the random generator.

    ``wait`` sleeps so many seconds and tells whether the worker is to stop.
    """

    engine: Engine
    gateway: Gateway
    policy: SendingPolicy
    calendar: ContactCalendar
    facts: Callable[[MessageKind], DeskFacts]
    public_url: str
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    rng: Random
