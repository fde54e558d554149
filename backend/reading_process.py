"""Reading a large file in a process of its own, while this one writes what has been read.

A second processor takes half of the time off. The pipe holds a few batches, so memory stays the
same. The child knows the file and its columns, and no database.
"""

import gc
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from backend.own_process import start_own
from common.csv_files.problems import Problems
from common.csv_files.reading import Batch, Progress, read_batches

LARGE = 8 << 20
"""Bytes from which on a process pays, which takes a third of a second to begin."""

_PIPE_BYTES = 1 << 20
"""As much as Linux gives to anybody."""


def read_large(
    path: Path,
    columns: str,
    problems: Problems,
    progress: Progress,
    warnings: Problems | None = None,
) -> Iterator[Batch]:
    """As ``read_batches``, and a large file in a process of its own.

    ``columns`` names them where that process finds them, such as ``package.module:FILE.columns``.
    """
    if path.stat().st_size >= LARGE:
        unheeded = Problems() if warnings is None else warnings
        return read_beside(path, columns, problems, progress, unheeded)
    return read_batches(path, resolve_name(columns), problems, progress, warnings)


def read_beside(
    path: Path, columns: str, problems: Problems, progress: Progress, warnings: Problems
) -> Iterator[Batch]:
    """As ``read_batches`` with the columns, and in the same order of complaints.

    Raises what reading raises, and ``OSError`` when the process is ended from outside.
    """
    pipe = {"stdout": subprocess.PIPE, "pipesize": _PIPE_BYTES}
    with start_own(__name__, columns, str(path.absolute()), **pipe) as process:
        try:
            yield from _received(process.stdout, problems, progress, warnings)
        except EOFError:
            raise OSError(0, "The process that reads the file has ended", str(path)) from None
        finally:
            # Whoever stops in the middle leaves it waiting at a full pipe.
            process.kill()


def _received(
    stream: Any, problems: Problems, progress: Progress, warnings: Problems
) -> Iterator[Batch]:
    while (message := pickle.load(stream)) is not None:  # noqa: S301 - our own process wrote it
        match message:
            case OSError():
                raise message
            case lines, values, told, wrong, doubtful:
                problems.extend(wrong)
                warnings.extend(doubtful)
                for each in told:
                    progress(*each)
                if lines:
                    yield Batch(lines, values)


def main(columns: str, path: Path) -> None:
    """Read the file and write what comes of it to the standard output, batch by batch."""
    # An interrupt at the keyboard is for whoever reads this, and ends both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Rows refer to nothing that refers to them: to look for circles takes a tenth of the time.
    gc.disable()
    told: list[tuple[str, int, int]] = []
    problems, warnings = Problems(), Problems()

    def send(message: object) -> None:
        pickle.dump(message, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)

    def send_batch(batch: Batch) -> None:
        send((batch.lines, batch.values, told, problems, warnings))
        for each in (problems, warnings):
            each.first.clear()
            each.count = 0
        told.clear()

    def progress(*report: Any) -> None:
        told.append(report)

    try:
        for batch in read_batches(path, resolve_name(columns), problems, progress, warnings):
            send_batch(batch)
    except OSError as error:
        send(error)
    else:
        send_batch(Batch((), {}))
        send(None)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
