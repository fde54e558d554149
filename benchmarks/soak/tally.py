"""What came of the rounds of several desks at once, and when they have done enough."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock

from benchmarks.soak.budget import Budget

FAULTS = {
    "workers killed": (),
    "refusals (429)": ("too_many",),
    "errors (5xx)": ("error_before", "error_after"),
    "connections cut": ("cut_before", "cut_after"),
    "answers held back": ("accept_and_never_answer", "slow"),
    "receipts lost": ("receipts_lost",),
    "receipts doubled": ("receipts_doubled",),
    "receipts late": ("receipts_late",),
    "receipts reordered": ("receipts_reordered",),
}
"""By its column: what counts as a fault, and what the carrier calls it. Each is counted as it
happens; of messages whose receipts are lost nothing else about receipts is."""
KILLS = "workers killed"


@dataclass
class Tally:
    """Figures and breaches by database; safe to use from several threads."""

    budget: Budget
    stopping: Event = field(default_factory=Event)
    figures: dict[str, Counter[str]] = field(default_factory=dict)
    breaches: dict[str, list[str]] = field(default_factory=dict)
    _begun: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @property
    def faults(self) -> int:
        """How many have struck, in rounds that are over."""
        with self._lock:
            return sum(counts[name] for counts in self.figures.values() for name in FAULTS)

    def next_round(self, kind: str) -> int | None:
        """The number of a round on that database, from 1; ``None`` when there is to be none."""
        if self.stopping.is_set() or self.budget.is_over(self.faults):
            return None
        with self._lock:
            self._begun[kind] += 1
            return self._begun[kind]

    def add(self, kind: str, figures: Mapping[str, int], breaches: list[str]) -> None:
        """Count a round that is over."""
        with self._lock:
            self.figures.setdefault(kind, Counter()).update({"rounds": 1, **figures})
            self.breaches.setdefault(kind, []).extend(breaches)
