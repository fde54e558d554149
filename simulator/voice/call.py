"""A call as the caller holds it: keys, silence, and a clock that only moves when told to."""

from math import ceil

from simulator.parameters import Parties
from simulator.transport import Response
from simulator.voice.events import (
    CallError,
    CallWarning,
    Ended,
    EndedBy,
    Event,
    Heard,
    Lost,
    Pressed,
)
from simulator.voice.gather import KEYS
from simulator.voice.line import Line
from simulator.voice.prompts import State, Wait
from simulator.voice.record import CallRecord
from simulator.voice.script import Go, Script
from simulator.webhook import Request, WebhookError

KEY_GAP = 0.3
"""Virtual seconds between two keys of one entry."""
BOUNCE_GAP = 0.08
"""Virtual seconds between the two signs of a key that bounces."""
_ROUNDING = 1e-9


class CallOverError(Exception):
    """Something was done to a call that had already ended."""

    def __init__(self, by: EndedBy | None) -> None:
        super().__init__(f"the call is over (ended by: {by}); dial again")


class SimulatedCall:
    """One call. Made by ``Carrier.dial`` and ``Carrier.ring``.

    ``press``, ``type`` and ``silence`` act and then let time run to the next point where the call
    waits for the caller: a Gather whose prompts are over, or, for a caller who does not ``listen``,
    a Gather that has just begun. ``tap`` and ``advance`` do just what they say and leave the clock
    in the caller's hands.
    """

    def __init__(self, line: Line, parties: Parties, *, listens: bool = True) -> None:
        self.sid = parties.call_sid
        self.ended_by: EndedBy | None = None
        self._line = line
        self._listens = listens
        self._record = CallRecord()
        self._script = Script(line, parties, self._record)
        self._running = self._script.run()
        self._wait = Wait(0, "fetching")
        self._until = 0.0
        self._buffer: list[str] = []
        self._acted = 0
        self._read = 0
        self._resume(None)

    # --- what the caller does

    def press(self, key: str) -> None:
        """Press one key and listen. Raises ``CallOverError`` and ``ValueError`` as ``tap`` does."""
        self._acted = len(self.events)
        self.tap(key)
        self.wait_until_quiet()

    def type(self, keys: str, gap: float = KEY_GAP) -> None:
        """Press keys one after the other, ``gap`` virtual seconds apart, then listen.

        Stops early when the call ends meanwhile. Whether a key is collected depends on what the
        call does at that moment, as on a real line.
        """
        self._acted = len(self.events)
        for position, key in enumerate(keys):
            if position:
                self.advance(gap)
                if self.ended:
                    return
            self.tap(key)
        self.wait_until_quiet()

    def silence(self) -> None:
        """Press nothing until the Gather that is waiting times out, then listen on."""
        self._must_be_up()
        self._acted = len(self.events)
        waiting = self._script.gathers
        while self._script.gather is not None and self._script.gathers == waiting:
            self._elapse()
        self.wait_until_quiet()

    def hang_up(self, *, end_first: bool = False) -> None:
        """End the call from the caller's side; nothing happens when it is over already.

        In the middle of a transfer the carrier reports its end, too: before the call's end or,
        with ``end_first``, behind it. Nobody hears what the service answers.
        """
        if self.ended:
            return
        transfer = self._script.broken_off()
        self._running.close()
        self._script.call_status = "completed"
        if transfer is not None and not end_first:
            self._report(transfer)
        self._finish("caller")
        if transfer is not None and end_first:
            self._report(transfer)

    def press_and_hang_up(self, key: str) -> None:
        """Press a key and hang up at once: the report of the call's end overtakes the key's.

        Raises ``CallOverError`` and ``ValueError`` as ``tap`` does.
        """
        self._script.before_next = lambda: self._finish("caller")
        self.tap(key)
        self._script.before_next = None
        self._running.close()
        if not self.ended:
            self._finish("caller")

    def bounce(self, key: str) -> None:
        """Press a worn key once, which reaches the carrier twice, and listen."""
        self.type(2 * key, BOUNCE_GAP)

    # --- the clock

    def tap(self, key: str) -> None:
        """Press one key at this very moment; no time passes.

        Raises ``ValueError`` for what is no key, ``CallOverError`` when the call has ended.
        """
        self._must_be_up()
        if len(key) != 1 or key not in KEYS:
            raise ValueError(f"{key!r} is not one key; a telephone has {KEYS}")
        self._record.note(Pressed(key, self.now))
        if key in self._wait.hears:
            self._resume(key)
        elif self._line.keys_outside_gather == "buffer":
            self._buffer.append(key)
        else:
            self._record.note(Lost(key, self.now))

    def advance(self, seconds: float) -> None:
        """Let virtual time pass; prompts are spoken, time-outs strike, documents are fetched."""
        target = self.now + seconds
        while not self.ended and self._until <= target + _ROUNDING:
            self._elapse()
        if not self.ended:
            self._move_to(max(self.now, target))

    def wait_until_quiet(self) -> None:
        """Let time pass until the call waits for the caller's keys, or is over."""
        while not self.ended and not self._waits_for_caller():
            self._elapse()

    @property
    def now(self) -> float:
        """Virtual seconds since the call began."""
        return self._record.now

    @property
    def seconds_left(self) -> float:
        """Virtual seconds until something happens without the caller."""
        return 0.0 if self.ended else self._until - self.now

    # --- what can be seen

    @property
    def state(self) -> State:
        return "ended" if self.ended else self._wait.state

    @property
    def ended(self) -> bool:
        return self.ended_by is not None

    @property
    def quiet(self) -> bool:
        """Whether a Gather waits with all its prompts spoken or stopped."""
        return not self.ended and self._wait.quiet

    @property
    def collecting(self) -> bool:
        """Whether a key pressed now would be collected."""
        return not self.ended and self._wait.state == "gathering" and self._wait.hears != ""

    @property
    def gather(self) -> dict[str, str] | None:
        """The attributes of the Gather that is waiting or speaking, as written in the document."""
        gather = None if self.ended else self._script.gather
        return dict(gather.attributes) if gather else None

    @property
    def entering(self) -> bool:
        """Whether the waiting Gather holds keys already and would take more."""
        return self.gather is not None and self._script.entered != ""

    @property
    def gathers(self) -> int:
        """How many Gathers have begun: the same number means that the same one still waits."""
        return self._script.gathers

    @property
    def events(self) -> list[Event]:
        return self._record.events

    @property
    def heard(self) -> list[str]:
        """Every caption so far, one a prompt."""
        return [event.text for event in self.events if isinstance(event, Heard)]

    @property
    def last_heard(self) -> str:
        """What was said since the caller last pressed, typed or kept silent."""
        said = self.events[self._acted :]
        return " ".join(event.text for event in said if isinstance(event, Heard))

    def heard_since_last(self) -> list[str]:
        """The captions that were not yet returned by this method."""
        new = self.events[self._read :]
        self._read = len(self.events)
        return [event.text for event in new if isinstance(event, Heard)]

    @property
    def warnings(self) -> list[CallWarning]:
        return [event for event in self.events if isinstance(event, CallWarning)]

    @property
    def errors(self) -> list[CallError]:
        return [event for event in self.events if isinstance(event, CallError)]

    @property
    def requests(self) -> list[Request]:
        """Every attempt that was made to reach the service, status callback included."""
        return self._record.requests

    @property
    def documents(self) -> list[str]:
        """The raw text of every document that was performed."""
        return [document.text for document in self._record.documents]

    def resend(self, request: Request) -> Response:
        """Deliver a recorded request once more; the call itself does not notice.

        Raises ``TransportError`` when there is no answer.
        """
        return self._script.webhooks.resend(request)

    # --- how time moves the script

    def _waits_for_caller(self) -> bool:
        return self.collecting and (self._wait.quiet or not self._listens)

    def _elapse(self) -> None:
        self._move_to(self._until)
        self._resume(None)

    def _move_to(self, moment: float) -> None:
        self._line.passing(moment - self.now)
        self._record.now = moment

    def _resume(self, key: str | None) -> None:
        if self.now >= self._line.longest_call:
            self._running.close()
            self._finish("application")
            return
        try:
            self._wait = self._running.send(key)
            while self._buffer and self.collecting:
                self._wait = self._running.send(self._buffer.pop(0))
        except StopIteration:
            self._finish(self._script.ended_by)
        else:
            self._until = self.now + self._wait.seconds

    def _finish(self, by: EndedBy) -> None:
        self.ended_by = by
        self._record.note(Ended(by, self.now))
        if self._line.status_url:
            if by != "rejected":
                self._script.call_status = "completed"
            extra = [("CallDuration", str(0 if by == "rejected" else ceil(self.now)))]
            self._report(Go(self._line.status_url, extra=extra))

    def _report(self, go: Go) -> None:
        """Send what needs no document in answer."""
        method = self._script.method(go.method)
        try:
            self._script.webhooks.send(go.url, method, self._script.form(), go.extra)
        except WebhookError as failure:
            self._script.note_failure(failure)

    def _must_be_up(self) -> None:
        if self.ended:
            raise CallOverError(self.ended_by)
