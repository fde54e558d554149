"""The calls that web phones hold at this moment: found by id, used by one at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Timer
from time import monotonic

from simulator.carrier import Carrier
from simulator.voice.call import SimulatedCall
from simulator.voice.dial import Outcome
from simulator.voice.events import Event

IDLE_SECONDS = 120.0
"""A call that nobody ticks for so long is hung up; longer than any one prompt is spoken."""
MOST_CALLS = 50


class NoSuchCallError(LookupError):
    """The call's id is unknown: never given, or hung up and forgotten for idleness."""


@dataclass(slots=True)
class PhoneCall:
    """A call and what its page has already been told."""

    call: SimulatedCall
    seen_at: float
    told: int = 0
    lock: Lock = field(default_factory=Lock)

    def new_events(self) -> list[Event]:
        """The events since the last time this was asked."""
        events = self.call.events[self.told :]
        self.told = len(self.call.events)
        return events


class PhoneCalls:
    """Holds at most ``most_calls`` calls; the one idle for longest gives way to a new one.

    ``clock`` gives seconds and only ever rises. Safe to use from several threads.
    """

    def __init__(
        self,
        carrier: Carrier,
        *,
        clock: Callable[[], float] = monotonic,
        idle_seconds: float = IDLE_SECONDS,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._carrier = carrier
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._most_calls = most_calls
        self._calls: dict[str, PhoneCall] = {}
        self._lock = Lock()
        self._sweeper: Timer | None = None

    def open(self, from_: str, to: str, outcome: Outcome) -> str:
        """Place a call whose transfers all end in ``outcome``; gives its id."""
        call = self._carrier.ring(from_=from_, to=to, dial_outcome=lambda _: outcome)
        with self._lock:
            crowded = len(self._calls) - self._most_calls + 1
            oldest = sorted(self._calls, key=lambda sid: self._calls[sid].seen_at)
            removed = [self._calls.pop(sid) for sid in oldest[: max(crowded, 0)]]
            self._calls[call.sid] = PhoneCall(call, self._clock())
            self._arm()
        self._hang_up(removed)
        return call.sid

    @contextmanager
    def using(self, sid: str) -> Iterator[PhoneCall]:
        """Hold a call alone; it is forgotten afterwards if it has ended.

        Raises ``NoSuchCallError``.
        """
        with self._lock:
            phone = self._calls.get(sid)
        if phone is None:
            raise NoSuchCallError(sid)
        with phone.lock:
            phone.seen_at = self._clock()
            yield phone
        if phone.call.ended:
            with self._lock:
                self._calls.pop(sid, None)

    def sweep(self) -> None:
        """Hang up and forget every call that was idle for too long."""
        limit = self._clock() - self._idle_seconds
        with self._lock:
            idle = [sid for sid, phone in self._calls.items() if phone.seen_at <= limit]
            removed = [self._calls.pop(sid) for sid in idle]
        self._hang_up(removed)

    def __len__(self) -> int:
        return len(self._calls)

    def _hang_up(self, phones: list[PhoneCall]) -> None:
        for phone in phones:
            with phone.lock:
                phone.call.hang_up()

    def _arm(self) -> None:
        if self._sweeper is None:
            self._sweeper = Timer(self._idle_seconds / 2, self._sweep_and_rearm)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep_and_rearm(self) -> None:
        self.sweep()
        with self._lock:
            self._sweeper = None
            if self._calls:
                self._arm()
