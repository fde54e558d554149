"""The telephone company: it places calls to a line."""

from dataclasses import dataclass, replace

from simulator.parameters import Parties, new_sid
from simulator.voice.call import SimulatedCall
from simulator.voice.dial import FarEnd
from simulator.voice.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier(Line):
    """Places calls that follow the configuration of its ``Line``; see there for the fields."""

    def dial(self, *, from_: str, to: str, listens: bool = True) -> SimulatedCall:
        """Call and listen to the first point where the call waits for keys.

        A caller who ``listens`` hears every prompt out before acting; one who does not acts as
        soon as keys are taken, while the prompt is still being spoken.
        """
        call = self.ring(from_=from_, to=to, listens=listens)
        call.wait_until_quiet()
        return call

    def ring(
        self, *, from_: str, to: str, listens: bool = True, dial_outcome: FarEnd | None = None
    ) -> SimulatedCall:
        """Call and leave the clock at zero: the first document is fetched and nothing is said.

        ``dial_outcome`` replaces the line's far end for this one call.
        """
        parties = Parties(new_sid("CA", self.rng), self.account_sid, from_, to)
        line = replace(self, dial_outcome=dial_outcome) if dial_outcome else self
        return SimulatedCall(line, parties, listens=listens)
