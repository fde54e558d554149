"""Callers who settle the same matter again and again, through a line whose hosts come and go."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from simulator.carrier import Carrier
from simulator.voice.call import SimulatedCall
from simulator.voice.script import APPLICATION_ERROR
from tests.support.calls.telephone import LINE_NUMBER

KEYS = ("5", "3", "1", "20293811", "210#", "1")
SETTLED = "A módosítást rögzítettük"
APOLOGY = "Rendszerünk átmenetileg"


class Callers:
    """So many telephones, each with one call after the other.

    ``confirmed`` are the ids of calls that heard of their request; a breach is a call in which
    the line said nothing, or the carrier had to speak in its place.
    """

    def __init__(
        self, carrier: Carrier, number: int, rng: Random, tell: Callable[[str], None]
    ) -> None:
        self.confirmed: set[str] = set()
        self.figures: Counter[str] = Counter()
        self.breaches: list[str] = []
        self._carrier = carrier
        self._tell = tell
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        seeds = [rng.random() for _ in range(number)]
        self._threads = [threading.Thread(target=self._call_on, args=[seed]) for seed in seeds]

    def start(self) -> None:
        """Let them call."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until each has ended its call."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _call_on(self, seed: float) -> None:
        rng = Random(seed)  # noqa: S311 - to be repeated
        while not self._stopping.is_set():
            # Somebody else each time: a number whose call broke off is asked about that.
            number = f"+3630{rng.randrange(2_000_000, 10_000_000)}"
            call = self._carrier.dial(from_=number, to=LINE_NUMBER)
            silent = not call.last_heard
            for keys in KEYS:
                if call.ended:
                    break
                time.sleep(rng.uniform(0.05, 0.3))
                call.type(keys)
                silent = silent or not call.last_heard
            self._note(call, silent=silent)
            call.hang_up()

    def _note(self, call: SimulatedCall, *, silent: bool) -> None:
        heard = " ".join(call.heard)
        with self._lock:
            self.figures["calls"] += 1
            if SETTLED in heard:
                self.confirmed.add(call.sid)
                self.figures["confirmed"] += 1
            elif APOLOGY in heard:
                self.figures["put through"] += 1
            if silent or APPLICATION_ERROR in heard:
                errors = "; ".join(f"{error.code} {error.text}" for error in call.errors)
                self.breaches.append(f"a caller heard nothing of the line: {errors}")
                self._tell(self.breaches[-1])
