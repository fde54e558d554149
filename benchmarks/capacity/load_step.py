"""One rate of the load: what its turns met, and what is short where they were not answered."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.capacity.open_load import Outcome

LONGEST = 0.05
"""Seconds in which 99 of 100 turns are to be answered."""
BUSY = 0.9
"""From this share of the machine's processors on they are what is short."""

TABLE = """| a second | median ms | p99 ms | failed | service, cores | load | machine | late, ms |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Step:
    """One rate: what the turns met, and how many processors service, load and machine took."""

    rate: int
    outcome: Outcome
    service: float
    load: float
    machine: float

    def quantile(self, share: float) -> float:
        """The latency in seconds within which that share of the turns was answered."""
        return _quantile(self.outcome.latencies, share)

    @property
    def row(self) -> str:
        """A row of ``TABLE``."""
        return (
            f"| {self.rate:,} | {self.quantile(0.5) * 1000:.1f} | {self.quantile(0.99) * 1000:.1f} "
            f"| {self.outcome.failures} | {self.service:.2f} | {self.load:.2f} "
            f"| {self.machine * 100:.0f} % | {self.lateness * 1000:.1f} |"
        )

    @property
    def is_carried(self) -> bool:
        """Whether this rate was carried."""
        return not self.outcome.failures and self.quantile(0.99) < LONGEST

    @property
    def lateness(self) -> float:
        """How late the load itself was, in seconds; 99 of 100 turns went out earlier."""
        return _quantile(self.outcome.delays, 0.99)


def what_breaks(step: Step) -> str:
    """What is short first at a rate that was not carried."""
    if step.machine > BUSY:
        rest = step.machine * (os.cpu_count() or 1) - step.service - step.load
        return (
            f"the processors are short: the service takes {step.service:.2f} cores, the load "
            f"{step.load:.2f}, database, console, worker and the rest of the machine {rest:.2f}"
        )
    if step.lateness > LONGEST / 2:
        return "the load itself is late: one process of Python sends no more"
    return "turns wait for locks or the disk: processors are left"


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else math.inf
