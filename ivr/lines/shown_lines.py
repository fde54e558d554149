"""The lines as people look at them: the files as they are now, read again when they change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from common.findings import Finding, TreeError
from ivr.lines.entries import LineEntry
from ivr.lines.loading import LineDefaults, load_published
from ivr.lines.publishing import watched
from ivr.lines.reloading import LOOK_EVERY, Signature, signature_of
from menus.loader import Line


@dataclass(frozen=True)
class Shown:
    """The lines by name, the default one first, as they could last be loaded.

    ``unread`` are the findings of files that cannot be loaded now: calls keep what there was.
    """

    entries: tuple[LineEntry, ...]
    lines: Mapping[str, Line]
    unread: Mapping[str, Sequence[Finding]]


class ShownLines:
    """Reads trees and sentences once a change of theirs, unlike a page that is opened often."""

    def __init__(
        self,
        entries: Callable[[], tuple[LineEntry, ...]],
        defaults: LineDefaults,
        clock: Callable[[], datetime],
    ) -> None:
        self._entries = entries
        self.defaults = defaults
        self._clock = clock
        self._lock = Lock()
        self._looked: datetime | None = None
        self._seen: Signature = ()
        self._shown = Shown((), {}, {})

    def now(self) -> Shown:
        """What the files say, at most a few seconds old. Raises ``ConfigurationError``."""
        with self._lock:
            now = self._clock()
            if self._looked is None or now - self._looked >= LOOK_EVERY:
                self._look()
                self._looked = now
            return self._shown

    def _look(self) -> None:
        entries = self._entries()
        signature = signature_of(watched(entries, self.defaults))
        if signature == self._seen and entries == self._shown.entries:
            return
        lines: dict[str, Line] = {}
        unread: dict[str, Sequence[Finding]] = {}
        for entry in entries:
            try:
                lines[entry.name] = load_published(entry, self.defaults)
            except TreeError as error:
                unread[entry.name] = error.findings
                if entry.name in self._shown.lines:
                    lines[entry.name] = self._shown.lines[entry.name]
        self._seen = signature
        self._shown = Shown(entries, lines, unread)
