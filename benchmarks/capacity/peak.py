"""The worst day: how many machines, lines and agents a reading window needs.

``python -m benchmarks.capacity.peak`` writes docs/peak.md. What is assumed stands in
``Assumptions`` and is an option each; how long calls take is heard from the simulated carrier, what
a turn costs is read from docs/benchmarks.md.
"""

import argparse
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import ceil
from pathlib import Path

from benchmarks.capacity.queueing import agents_for, lines_for
from benchmarks.page import PAGE as FIGURES
from settings import HERE
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import load_fixture, migrated

PAGE = HERE / "docs" / "peak.md"
PLOT = HERE / "docs" / "images" / "peak.svg"

CALLS = {
    "gives a reading": "5 1 20293811 48213377# 41530# 1",
    "moves the payment day": "2 1 1 2 20293811 48213377# 27 1",
    "hears an answer": "3 3",
    "asks for a person": "0",
}
"""Keys of each kind of call. Every prompt is heard out, as somebody does who calls once a year."""

HOURS = (1, 1, 1, 1, 1, 2, 8, 28, 72, 92, 96, 86, 70, 66, 68, 66, 66, 68, 66, 56, 40, 26, 12, 7)
"""How the calls of a day spread over its hours, in parts of their sum."""


@dataclass(frozen=True)
class Assumptions:
    """What nobody can measure before the day; each is an option of the same name."""

    customers: int = 1_000_000
    """Customers who read their own meter and call once in the window."""
    first_day: float = 0.34
    """Of them on the first of the four days, a Monday."""
    busiest_minutes: float = 1.5
    """Calls of the busiest minutes of an hour, times its mean."""
    payment_day: float = 0.04
    answers: float = 0.08
    person: float = 0.12
    """The shares of calls of each kind; the rest gives a reading."""
    blocked: float = 0.001
    """The share of calls that may hear busy."""
    handling: float = 240.0
    """Seconds that an agent has with one caller, notes included."""
    answered: float = 0.8
    within: float = 20.0
    """The share of callers whom an agent takes within so many seconds."""
    load: float = 0.5
    """The part of a processor that turns may take: the rest is for the worst minute."""
    turn_us: float = 0.0
    """Microseconds of processor a turn, served; 0 takes the measured one."""


@dataclass(frozen=True)
class Kind:
    """A kind of call: its share of all, its seconds in the machine, its turns."""

    name: str
    share: float
    seconds: float
    turns: int


@dataclass(frozen=True)
class Hour:
    """One hour of the worst day."""

    hour: int
    calls: float
    lines: int
    agents: int
    turns_a_second: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Compute the day and write its page and plot."""
    assumed = _parse(arguments)
    cost = assumed.turn_us or measured_turn(FIGURES.read_text("utf-8"))
    kinds = listen(assumed)
    day = worst_day(assumed, kinds)
    PAGE.write_text(_page(assumed, kinds, day, cost), "utf-8")
    PLOT.write_text(plot(day), "utf-8")
    print(PAGE.read_text("utf-8"))


def measured_turn(figures: str) -> float:
    """The dearer of both databases, by the section of turns that are served."""
    served = re.findall(r"^\| turn on \w+ \| (\d+) \|", figures, re.MULTILINE)
    return float(max(map(int, served)))


def listen(assumed: Assumptions) -> list[Kind]:
    """Make one call of each kind in this process, with the carrier's own time."""
    shares = [0.0, assumed.payment_day, assumed.answers, assumed.person]
    shares[0] = 1 - sum(shares)
    kinds = []
    for (name, keys), share in zip(CALLS.items(), shares, strict=True):
        seconds, turns = _call(keys)
        kinds.append(Kind(name, share, seconds, turns))
    return kinds


def _call(keys: str) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'peak.db'}"
        with migrated(url) as database:
            load_fixture(database.engine)
            clock = Clock.at("2026-11-20 10:00")
            with Exchange(url, clock, far_end="no-answer", time_passes=True) as exchange:
                call = exchange.make_carrier(status_url=None).dial(from_=CALLER, to=LINE_NUMBER)
                for typed in keys.split():
                    call.type(typed)
                    call.wait_until_quiet()
                seconds = call.now
                call.hang_up()
                return seconds, len(call.documents)


def worst_day(assumed: Assumptions, kinds: Sequence[Kind]) -> list[Hour]:
    """Calls, lines, agents and turns of each hour of the first day."""
    calls_a_day = assumed.customers * assumed.first_day
    seconds = sum(kind.share * kind.seconds for kind in kinds)
    turns = sum(kind.share * kind.turns for kind in kinds)
    day = []
    for hour, part in enumerate(HOURS):
        calls = calls_a_day * part / sum(HOURS)
        rate = calls / 3600 * assumed.busiest_minutes
        talking = rate * assumed.person * assumed.handling
        day.append(
            Hour(
                hour,
                calls,
                lines_for(rate * seconds + talking, assumed.blocked),
                agents_for(talking, assumed.handling, assumed.answered, assumed.within),
                rate * turns,
            )
        )
    return day


def plot(day: Sequence[Hour]) -> str:
    """Bars of the calls of each hour, and a line of the agents who are needed."""
    width, height, left, base = 720, 300, 56, 250
    most_calls, most_agents = max(h.calls for h in day), max(h.agents for h in day)
    step = (width - 2 * left) / len(day)
    bars, points, labels = [], [], []
    for hour in day:
        x, tall = left + hour.hour * step, 200 * hour.calls / most_calls
        size = f'width="{step - 4:.1f}" height="{tall:.1f}"'
        bars.append(f'<rect x="{x + 2:.1f}" y="{base - tall:.1f}" {size} fill="#7fb69a"/>')
        points.append(f"{x + step / 2:.1f},{base - 200 * hour.agents / most_agents:.1f}")
        if hour.hour % 3 == 0:
            labels.append(_text(x + step / 2, base + 18, "middle", str(hour.hour)))
    labels += [
        _text(left, 24, "start", f"calls an hour, at most {most_calls:,.0f}", "#3b7a5a"),
        _text(width - left, 24, "end", f"agents, at most {most_agents}", "#a3422b"),
        _text(width / 2, height - 12, "middle", "hour of the day"),
    ]
    line = f'<polyline points="{" ".join(points)}" fill="none" stroke="#a3422b" stroke-width="2"/>'
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                'role="img" font-family="sans-serif" font-size="12">'
            ),
            "<title>Calls and agents by the hour of the worst day</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *(*bars, line, *labels),
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, anchor: str, words: str, fill: str = "#22312a") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{fill}">{words}</text>'


def _page(assumed: Assumptions, kinds: Sequence[Kind], day: Sequence[Hour], cost: float) -> str:
    peak = max(day, key=lambda hour: hour.calls)
    processors = peak.turns_a_second * cost / 1e6 / assumed.load
    rows = "\n".join(
        f"| {h.hour}–{h.hour + 1} | {h.calls:,.0f} | {h.turns_a_second:.0f} | {h.lines:,} | "
        f"{h.agents} |"
        for h in day
        if h.calls >= peak.calls / 4
    )
    heard = "\n".join(
        f"| {kind.name} | {kind.share:.0%} | {kind.seconds:.0f} | {kind.turns} |" for kind in kinds
    )
    values = "\n".join(
        f"| `--{field.name.replace('_', '-')}` | {getattr(assumed, field.name):,} |"
        for field in fields(assumed)
        if field.name != "turn_us"
    )
    return f"""# The worst day

Written by `python -m benchmarks.capacity.peak`; the program says what each assumption means.

{assumed.customers:,} customers read their own meters within four days, and {assumed.first_day:.0%}
of them call on the first. In the busiest hour, {peak.hour} to {peak.hour + 1} o'clock,
{peak.calls:,.0f} call. For its busiest minutes there have to be

* **{peak.lines:,} lines** at the carrier, so that no more than {assumed.blocked:.1%} hear busy
  (Erlang B),
* **{peak.agents} agents**, so that {assumed.answered:.0%} of those who want a person have one
  within {assumed.within:.0f} seconds (Erlang C: nobody gives up in it, so it is on the safe side),
* **{_counted(ceil(processors), "processor")}** for {peak.turns_a_second:.0f} turns a second at
  {cost:.0f} µs each, no more than {assumed.load:.0%} busy. A second machine is for the day when
  the first one fails, not for the calls.

![Calls and agents by the hour](images/peak.svg)

| hour | calls | turns a second | lines | agents |
|---|---|---|---|---|
{rows}

## What calls take

Heard from the simulated carrier, every prompt to its end; the keys stand in
`benchmarks/capacity/peak.py`. Seconds in the machine, without those with an agent; who asks for one
hears it ring in vain once.

| a caller who | share | seconds | turns |
|---|---|---|---|
{heard}

## What is assumed

| option | value |
|---|---|
{values}

A turn costs what `docs/benchmarks.md` measured last, on the dearer database (`--turn-us` sets
another figure). How calls spread over the hours is assumed as well (`HOURS`). Longer windows are
worth more than agents: with eight days in the place of four, lines and agents halve.
"""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _parse(arguments: Sequence[str] | None) -> Assumptions:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity.peak", description=__doc__)
    for field in fields(Assumptions):
        usual = field.default
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(usual), default=usual)
    return Assumptions(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
