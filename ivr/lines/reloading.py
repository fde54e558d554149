"""A changed tree is taken up without a restart: by new calls only, and only when it is sound."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from common.findings import TreeError
from ivr.lines.registry import Lines, PublishedLine

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=3)
"""How long a change may go unnoticed by new calls; looking reads each file once."""

KEEP_EARLIER = timedelta(hours=4)
"""No carrier lets a call last longer, so after this a version that was replaced is dropped."""

Signature = tuple[tuple[str, str], ...]
"""Each watched file with the hash of its content, a folder with its names."""


@dataclass(frozen=True)
class _Earlier:
    line: PublishedLine
    replaced: datetime


class ReloadingLines(Lines):
    """The lines as their files have them now; calls in progress keep the version they began with.

    ``publish`` loads and checks everything, ``watched`` names the files that it reads; a folder
    stands for the names in it. A change with findings is refused: one error in the log, and what
    was published stays. A call that began on another worker, with a change that this one has not
    noticed yet, makes it look at once.
    """

    def __init__(
        self,
        publish: Callable[[], Lines],
        watched: Callable[[], Iterable[Path]],
        clock: Callable[[], datetime],
    ) -> None:
        self._publish = publish
        self._watched = watched
        self._clock = clock
        self._lock = Lock()
        self._seen = signature_of(watched())
        self._looked = clock()
        self._present = publish()
        self._earlier: dict[str, _Earlier] = {}
        logger.info(
            "lines for calls: %s", _versions(self._present), extra={"event": "lines_loaded"}
        )

    @property
    def published(self) -> tuple[PublishedLine, ...]:
        return self._present.published

    def answering(self, dialled: str) -> PublishedLine:
        if self._clock() - self._looked >= LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._present.answering(dialled)

    def begun_with(self, tree_hash: str) -> PublishedLine | None:
        line = self._find(tree_hash)
        if line is None:
            with self._lock:
                self._look()
            line = self._find(tree_hash)
        return line

    def _find(self, tree_hash: str) -> PublishedLine | None:
        present = self._present.begun_with(tree_hash)
        if present is not None or tree_hash not in self._earlier:
            return present
        return self._earlier[tree_hash].line

    def _look(self) -> None:
        self._looked = self._clock()
        signature = signature_of(self._watched())
        if signature == self._seen:
            return
        self._seen = signature
        try:
            published = self._publish()
        except TreeError as error:
            first, *more = error.findings
            others = f" and {len(more)} more findings" if more else ""
            logger.error(
                "the changed tree is not used: %s%s", first, others, extra={"event": "tree_refused"}
            )
        except Exception as error:
            # Whatever it is, callers go on hearing what was published before.
            logger.error(
                "the changed tree is not used: %s: %s",
                type(error).__name__,
                error,
                extra={"event": "tree_refused"},
            )
        else:
            self._replace(published)

    def _replace(self, published: Lines) -> None:
        now = self._clock()
        earlier = {
            name: each for name, each in self._earlier.items() if now - each.replaced < KEEP_EARLIER
        }
        earlier |= {line.tree_hash: _Earlier(line, now) for line in self._present.published}
        self._earlier, self._present = earlier, published
        logger.info(
            "a changed tree is used for new calls: %s",
            _versions(published),
            extra={"event": "tree_changed"},
        )


def _versions(lines: Lines) -> str:
    """Each line by its name in ``lines.yaml`` and the version that calls keep to."""
    return ", ".join(f"{line.name} {line.tree_hash[:12]}" for line in lines.published)


def signature_of(files: Iterable[Path]) -> Signature:
    """What they hold; lines share files, and each is read once."""
    return tuple((str(path), content(path)) for path in dict.fromkeys(files))


def content(path: Path) -> str:
    """What a file holds, or which names a folder has, as a hash; empty for what is not there.

    Size and time of a file do not tell: copies and restored backups keep both.
    """
    try:
        if path.is_dir():
            return f"{path.stat().st_mtime_ns} {sorted(each.name for each in path.iterdir())}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
