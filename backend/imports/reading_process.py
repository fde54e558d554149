"""Reading a large file in a process of its own, while this one writes what has been read.

A second processor takes half of the time off an import. The pipe holds a few batches, so memory
stays the same. The child knows the file's columns and the file, and no database.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.imports.file_formats import FILES, ImportFile
from common.csv_files.problems import Problems
from common.csv_files.reading import Batch, Progress, read_batches

_ROOT = Path(__file__).parents[2]

LARGE = 8 << 20
"""Bytes from which on a process pays, which takes a third of a second to begin."""


def read_beside(
    file: ImportFile, path: Path, problems: Problems, progress: Progress, warnings: Problems
) -> Iterator[Batch]:
    """As ``read_batches`` with the file's columns, and in the same order of complaints.

    Raises what reading raises, and ``OSError`` when the process is ended from outside.
    """
    command = [sys.executable, "-m", __name__, file.name, str(path.absolute())]
    # From our own folder: one named as ours in the current folder would be taken for it.
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_ROOT) as process:  # noqa: S603 - ourselves
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


def main(name: str, path: Path) -> None:
    """Read the file and write what comes of it to the standard output, batch by batch."""
    # An interrupt at the keyboard is for whoever reads this, and ends both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = next(each for each in FILES if each.name == name)
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
        for batch in read_batches(path, file.columns, problems, progress, warnings):
            send_batch(batch)
    except OSError as error:
        send(error)
    else:
        send_batch(Batch((), {}))
        send(None)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
