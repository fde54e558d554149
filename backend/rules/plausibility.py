"""Plausibility of a meter reading: it may be doubted, but a caller is never just refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from backend.interface.answers import LastReading, Register


class Verdict(Enum):
    """What to do with a typed value."""

    PLAUSIBLE = "plausible"
    UNCHANGED = "unchanged"
    """Equal to the last one: confirmed once more, because a holiday home may stand still."""
    TOO_HIGH = "too_high"
    """Much more than usual: accepted with a flag when the caller says that it is right."""
    TOO_LOW = "too_low"
    """Below the last one: typed again, or a roll-over, or a person."""
    TOO_LONG = "too_long"
    """More digits than the meter has: typed again, never cut."""
    IMPOSSIBLE = "impossible"
    """More than the fuse lets through: never accepted by keypad."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The figures of plausibility, in the register's own unit; none of them is law."""

    times_average: int = 3
    """How many times the usual consumption is still no surprise."""
    floor: int = 100
    """Consumption below this is never "too high": averages of tiny consumers mean little."""
    volts: int = 230
    amperes_if_unknown: int = 189
    """Three phases of 63 A: more than any household has, so that even then a ceiling stands."""
    roll_over_percent: int = 90
    """From this share of its range on a counter is near enough its end to have rolled over."""
    most_a_day: float | None = None
    """What can pass at most in a day where no fuse limits it."""


LIMITS = ReadingLimits()
HOT_WATER_LIMITS = ReadingLimits(floor=10, most_a_day=60.0)
"""In cubic metres: the largest meter of a flat lets 2.5 an hour through."""


def limits_of(register: Register) -> ReadingLimits:
    """The figures for a register of that kind."""
    return HOT_WATER_LIMITS if register.register == "hot_water" else LIMITS


def judged_by(
    billed: LastReading, earlier: Iterable[LastReading], of_period: Iterable[LastReading]
) -> LastReading:
    """The reading by which an entry of a period is judged: the newest from before that period.

    ``earlier`` are the valid readings of earlier periods, ``of_period`` all that were given in this
    one, replaced ones too. Where the billed reading is one of those, taken over by the back office,
    the entry would replace it, so it is judged by the one before, if that is known.
    """
    before = list(earlier)
    if before and billed in of_period:
        return max(before, key=lambda reading: reading.read_on)
    return max([billed, *before], key=lambda reading: reading.read_on)


def judge(register: Register, value: int, read_on: date) -> Verdict:
    """Weigh a whole, non-negative value that the caller read on that day."""
    if value >= _range(register):
        return Verdict.TOO_LONG
    if value == register.last_value:
        return Verdict.UNCHANGED
    if value < register.last_value:
        return Verdict.TOO_LOW
    return _judge_use(register, value - register.last_value, read_on)


def roll_over(register: Register, value: int, read_on: date) -> int | None:
    """The consumption if the counter has plausibly passed its end since the last reading.

    It must have stood near its end (90 % of its range), and the consumption must be one that
    would have been accepted without a question. Otherwise ``None``.
    """
    if value >= register.last_value:
        return None
    if register.last_value * 100 < limits_of(register).roll_over_percent * _range(register):
        return None
    use = _range(register) - register.last_value + value
    return use if _judge_use(register, use, read_on) is Verdict.PLAUSIBLE else None


def consumption(register: Register, value: int) -> int:
    """What was used since the last reading; a lower value counts as one roll-over."""
    use = value - register.last_value
    return use if use >= 0 else use + _range(register)


def most_plausible(register: Register, read_on: date) -> float:
    """The consumption above which the caller is asked whether it is surely right."""
    limits = limits_of(register)
    usual = register.daily_average * _days(register, read_on)
    return max(limits.times_average * usual, float(limits.floor))


def most_possible(register: Register, read_on: date) -> float:
    """What the fuse, in kWh, or the pipe lets through day and night."""
    limits = limits_of(register)
    if limits.most_a_day is not None:
        return limits.most_a_day * _days(register, read_on)
    kilowatts = (register.max_amperes or limits.amperes_if_unknown) * limits.volts / 1000
    return kilowatts * 24 * _days(register, read_on)


def _judge_use(register: Register, use: int, read_on: date) -> Verdict:
    if use > most_possible(register, read_on):
        return Verdict.IMPOSSIBLE
    if use > most_plausible(register, read_on):
        return Verdict.TOO_HIGH
    return Verdict.PLAUSIBLE


def _range(register: Register) -> int:
    return int(10**register.digits)


def _days(register: Register, read_on: date) -> int:
    # A second reading on the day of the last one still has a day's consumption to compare with.
    return max(1, (read_on - register.last_read_on).days)
