"""Taking over the utility's records from its CSV files: all of them or nothing.

The files are read into temporary tables first, where they hold nobody up; then one transaction
checks what refers to what and merges them into the records. So memory stays the same however
long the files are, and a broken import leaves nothing behind. The same files twice change nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from backend import staging
from backend.changes import apply_again
from backend.csv_files import Problems, Progress, read_rows
from backend.database import READ_ONLY, writers_turn
from backend.durability import flush
from backend.errors import RecordsError
from backend.import_files import FILES, WINDOWS, ImportFile


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came in: rows by file, the files that were not there, and what staff should look at."""

    rows: Mapping[str, int]
    absent: tuple[str, ...]
    warnings: tuple[str, ...]
    warning_count: int


class ImportRefusedError(RecordsError):
    """Something in the files is wrong, so nothing was imported; the text lists it line by line."""

    def __init__(self, problems: Problems) -> None:
        self.problems = tuple(problems.first)
        self.count = problems.count
        super().__init__("\n".join([*problems.listed(), "Nothing was imported."]))


def import_directory(
    engine: Engine,
    directory: Path,
    progress: Progress = lambda _name, _done, _total: None,
    *,
    today: date | None = None,
) -> ImportReport:
    """Import those of the five files that the directory has, in one transaction.

    Rows are added or changed by their keys, never taken out, with two exceptions: ``meters.csv``
    lists all registers of each site that it names, so an exchanged meter goes; and a window takes
    the place of those that it overlaps. What callers changed and the back office has not been
    handed yet is set again. With ``today`` (the day in Budapest) dates that lie after it and should
    not are among the warnings. Raises ``ImportRefusedError`` with everything that is wrong.
    """
    present = [file for file in FILES if (directory / file.name).is_file()]
    if not present:
        names = ", ".join(file.name for file in FILES)
        raise RecordsError(f'The folder "{directory}" has none of {names}. Name another one.')
    problems, warnings = Problems(), Problems()
    with engine.connect() as connection:
        # The temporary tables end with this connection, which the pool does not get back.
        connection.detach()
        connection.execution_options(**{READ_ONLY: True})
        with connection.begin():
            rows = _stage(connection, directory, present, problems, warnings, progress, today)
        if problems.count:
            raise ImportRefusedError(problems)
        connection.execution_options(**{READ_ONLY: False})
        with writers_turn(engine), connection.begin():
            _merge(connection, present, problems)
    flush(engine)
    absent = tuple(file.name for file in FILES if file not in present)
    return ImportReport(rows, absent, tuple(warnings.first), warnings.count)


def _stage(
    connection: Connection,
    directory: Path,
    present: list[ImportFile],
    problems: Problems,
    warnings: Problems,
    progress: Progress,
    today: date | None,
) -> Mapping[str, int]:
    staging.create(connection)
    counts = {}
    for file in present:
        rows = read_rows(directory / file.name, file.columns, problems, progress, warnings)
        sound = _sound(file, rows, problems, warnings, today)
        counts[file.name] = staging.fill(connection, file, sound)
        staging.find_duplicates(connection, file, problems)
        if file is WINDOWS:
            staging.find_overlaps(connection, file, problems)
    return counts


def _sound(
    file: ImportFile,
    rows: Iterator[tuple[int, dict[str, Any]]],
    problems: Problems,
    warnings: Problems,
    today: date | None,
) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in rows:
        complaint = file.check(row)
        if complaint is not None:
            column, what = complaint
            problems.add(f"{file.name}:{line}: {column}", what)
            continue
        for column, what in file.warn(row, today):
            warnings.add(f"{file.name}:{line}: {column}", what)
        yield line, row


def _merge(connection: Connection, present: list[ImportFile], problems: Problems) -> None:
    for file in present:
        staging.find_lost_references(connection, file, problems)
    if problems.count:
        raise ImportRefusedError(problems)
    for file in present:
        staging.merge(connection, file)
    apply_again(connection)
