"""Who called when in the last seven days, about what, and how the call ended; pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from cli.history.clock import local
from cli.history.people import Person, people
from simulator.voice.dial import DialOutcome, Outcome

DAYS = 7
_WEEKDAY_CALLS, _WEEKEND_CALLS = 46, 14
_HOURS = (1, 0, 0, 0, 0, 1, 4, 12, 40, 62, 60, 50, 38, 38, 46, 44, 40, 30, 22, 16, 10, 6, 3, 2)
"""How many of five hundred calls begin in each hour of a day."""
_ENDS: tuple[Outcome, ...] = ("answered", "no-answer", "busy")


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call: ``keys`` by entry, and whether its caller gives up while a desk is ringing."""

    at: datetime
    caller: str
    is_to_heat: bool
    keys: tuple[str, ...]
    far_end: DialOutcome
    gives_up_ringing: bool = False


_Keys = Callable[[Person, Random], str]
"""The keys of one caller, entry by entry, as one types them."""

_ELECTRICITY: tuple[tuple[int, _Keys], ...] = (
    # share in a hundred; keys
    (16, lambda who, rng: f"5 1 {who.site_id} {who.serial}# {who.last_value + _used(rng)}# 1"),
    (9, lambda who, rng: f"2 1 1 2 {who.site_id} {who.serial}# {rng.randint(1, 27):02} 1"),
    (8, lambda who, rng: f"5 3 1 {who.site_id} {rng.randint(12, 40) * 10}# 1"),
    (3, lambda who, _: f"5 3 2 {who.site_id} 1"),
    (3, lambda _, rng: f"6 4 1 {rng.randint(1, 3)} 1"),
    # To a person.
    (9, lambda *_: "1"),
    (5, lambda *_: "3 1"),
    (4, lambda *_: "4 5"),
    (3, lambda *_: "2 1 1 5"),
    (4, lambda *_: "0"),
    # What is told.
    (3, lambda *_: "2 1 1 1"),
    (3, lambda *_: "3 3 2"),
    (3, lambda *_: "2 2 3"),
    (2, lambda *_: "6 1 1"),
    (2, lambda *_: "4 1 1"),
    (2, lambda who, _: f"5 5 {who.site_id} {who.serial}#"),
    # Hung up on the way.
    (5, lambda *_: ""),
    (5, lambda *_: "2 1 1"),
    (3, lambda *_: "3 3"),
    (2, lambda *_: "5"),
    (2, lambda who, _: f"5 1 {who.site_id}"),
    (2, lambda who, rng: f"5 1 {who.site_id} {who.serial}# {who.last_value + _used(rng)}#"),
    (2, lambda who, _: f"2 1 1 2 {who.site_id} 4000000#"),
)
_HEAT: tuple[tuple[int, _Keys], ...] = (
    (
        34,
        lambda who, rng: f"2 1 {_code(who)} {who.serial}# {who.last_value + rng.randint(1, 8)}# 1",
    ),
    (8, lambda *_: "6 4 1 1 1"),
    (20, lambda *_: "5"),
    (10, lambda *_: "1"),
    (10, lambda *_: "3 4"),
    (8, lambda *_: "2"),
    (10, lambda *_: ""),
)


def planned_calls(until: datetime) -> Iterator[PlannedCall]:
    """The calls of ``DAYS`` days up to ``until``, the oldest first; the same for the same day."""
    today = until.date()
    for ago in range(DAYS, -1, -1):
        day = today - timedelta(days=ago)
        yield from (call for call in _calls_of(day) if call.at < until - timedelta(minutes=10))


def _calls_of(day: date) -> list[PlannedCall]:
    rng = Random(day.toordinal())  # noqa: S311 - the same day gives the same calls
    most = _WEEKDAY_CALLS if day.weekday() < 5 else _WEEKEND_CALLS
    hours = rng.choices(range(24), _HOURS, k=most + rng.randint(-4, 6))
    moments = sorted(
        local(day, hour, rng.randint(0, 59)) + timedelta(seconds=rng.randint(0, 59))
        for hour in hours
    )
    everybody = people()
    rng.shuffle(everybody)
    # A person calls once a day: nobody is locked out of their own site.
    return [_call(at, who, rng) for at, who in zip(moments, everybody, strict=False)]


def _call(at: datetime, who: Person, rng: Random) -> PlannedCall:
    kinds = _HEAT if who.is_of_heat else _ELECTRICITY
    (keys,) = rng.choices([keys for _, keys in kinds], [share for share, _ in kinds])
    typed = keys(who, rng).split()
    gives_up = rng.random() < 0.08
    return PlannedCall(at, who.phone, who.is_of_heat, tuple(typed), _far_end(rng), gives_up)


def _far_end(rng: Random) -> DialOutcome:
    (outcome,) = rng.choices(_ENDS, (88, 8, 4))
    return DialOutcome(outcome, float(rng.randint(50, 420)))


def _used(rng: Random) -> int:
    """What a household uses until it gives its reading."""
    return rng.randint(190, 380)


def _code(who: Person) -> str:
    """A customer code as a keypad gives it: without its letter."""
    return f"{who.customer_id.removeprefix('U')}#"
