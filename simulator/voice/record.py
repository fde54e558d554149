"""What one call leaves behind: its clock, its events, its requests and its documents."""

from dataclasses import dataclass, field

from simulator.voice.document import Document
from simulator.voice.events import CallWarning, Event
from simulator.webhook import Request


@dataclass(slots=True)
class CallRecord:
    """Grows while the call runs. ``now`` is the call's virtual time in seconds."""

    now: float = 0.0
    events: list[Event] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def note(self, event: Event) -> None:
        self.events.append(event)

    def warn(self, code: int, text: str) -> None:
        """Note a warning of the carrier; its shape suits the readers of verbs."""
        self.note(CallWarning(code, text, self.now))
