"""Stacked bars as figures for an SVG; its macro in ``macros/charts.html`` draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 240
LEFT, TOP, BOTTOM = 48, 12, 28
_STEPS = (1, 2, 5)
_MOST_LABELS = 14
"""As many stand beside each other without touching: a time or a day of the month is short."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: what it counts, how many, and where it stands."""

    name: str
    number: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its parts from the bottom up; ``label`` is empty where there is no room."""

    label: str
    x: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing in ``WIDTH`` by ``HEIGHT``; ``lines`` are the heights of round numbers, from 0."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[int, float], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def stacked(
    labels: Sequence[str], counts: Sequence[Mapping[str, int]], names: Sequence[str]
) -> Chart:
    """A bar for each label, of the parts ``names`` in this order; the axis begins at 0."""
    most = max((sum(each.get(name, 0) for name in names) for each in counts), default=0)
    step = _step(max(most, 1))
    top = -(-max(most, 1) // step) * step
    room = HEIGHT - TOP - BOTTOM
    scale = room / top
    pitch = (WIDTH - LEFT) / max(len(labels), 1)
    every = max(1, -(-len(labels) // _MOST_LABELS))
    bars = []
    for index, (label, each) in enumerate(zip(labels, counts, strict=True)):
        y = float(HEIGHT - BOTTOM)
        parts = []
        for name in names:
            if number := each.get(name, 0):
                y -= number * scale
                parts.append(Part(name, number, round(y, 1), round(number * scale, 1)))
        x = LEFT + index * pitch
        shown = label if index % every == 0 else ""
        bars.append(Bar(shown, round(x + pitch * 0.12, 1), round(pitch * 0.76, 1), tuple(parts)))
    lines = tuple(
        (value, round(HEIGHT - BOTTOM - value * scale, 1)) for value in range(0, top + 1, step)
    )
    return Chart(tuple(bars), lines)


def _step(most: int) -> int:
    """The least round number of which at most five make up the axis."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * 5 >= most:
                return step * power
        power *= 10
