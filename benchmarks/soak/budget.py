"""How long a run lasts: by the clock, or by the number of its faults."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """So many seconds from now on or, where ``faults`` are given, so many of these instead."""

    seconds: float
    faults: int | None = None
    _began: float = field(default_factory=time.monotonic)

    def is_over(self, faults: int) -> bool:
        """Whether a run in which so many faults have struck has done enough."""
        if self.faults is not None:
            return faults >= self.faults
        return time.monotonic() >= self._began + self.seconds
