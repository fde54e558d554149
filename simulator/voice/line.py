"""The configuration of a telephone number at the carrier."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random, SystemRandom
from time import monotonic
from typing import Literal

from simulator.transport import HttpTransport, Transport
from simulator.voice.dial import FarEnd, answer_after_ringing

KeyPolicy = Literal["drop", "buffer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where the calls to a number go, and how the carrier behaves on the way.

    ``keys_outside_gather`` says what becomes of keys pressed where nothing collects them: lost
    (``drop``) or kept for the next Gather (``buffer``); no document of the real carrier decides.
    ``fetch_seconds`` is the virtual time of one webhook. ``unknown_parameters`` adds random fields
    to every webhook. ``rng`` makes call ids and tokens; ``clock`` measures real webhooks.
    ``by_get`` is a proxy that turns every POST into a GET, its fields into the query.
    ``passing`` is told the virtual seconds that pass, before anything happens after them.
    """

    voice_url: str
    auth_token: str
    status_url: str | None = None
    fallback_url: str | None = None
    account_sid: str = "AC" + "0" * 32
    transport: Transport = field(default_factory=HttpTransport)
    rng: Random = field(default_factory=SystemRandom)
    dial_outcome: FarEnd = answer_after_ringing
    queue_outcome: FarEnd = answer_after_ringing
    keys_outside_gather: KeyPolicy = "drop"
    fetch_seconds: float = 0.2
    longest_call: float = 14_400.0
    unknown_parameters: bool = False
    by_get: bool = False
    clock: Callable[[], float] = monotonic
    passing: Callable[[float], None] = lambda _seconds: None
