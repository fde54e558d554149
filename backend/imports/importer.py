"""Taking over the utility's records from its CSV files: all of them or nothing.

The files are read into temporary tables first, where they hold nobody up; then one transaction
checks what refers to what and merges them into the records. So memory stays the same however
long the files are, and a broken import leaves nothing behind. The same files twice change nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from backend.db.durability import flush
from backend.db.failures import telling_failures
from backend.db.locks import RECORDS, lock_subjects
from backend.db.sqlite.sqlite_engine import READ_ONLY
from backend.db.transactions import writers_turn
from backend.imports import staging
from backend.imports.file_formats import DEBTS, FILES, METERS, WINDOWS, ImportFile
from backend.imports.first_fill import indexes_built_last
from backend.reading_process import read_large
from backend.records.requests.account_changes import apply_again
from common.csv_files.problems import CsvProblem, Problems
from common.csv_files.reading import Batch, Progress
from common.error_codes import ErrorCode
from common.errors import RecordsError


@dataclass(frozen=True, slots=True)
class ImportSource:
    """Where the rows come from: the files that are there, and how each is read.

    ``read`` gives the sound rows and adds what is wrong to the first ``Problems``, doubts to the
    second.
    """

    present: Sequence[ImportFile]
    read: Callable[[ImportFile, Problems, Problems], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came in: rows by file, the files that were not there, and what staff should look at.

    ``warnings`` are the first ones of ``warning_count``.
    """

    rows: Mapping[str, int]
    absent: tuple[str, ...]
    warnings: tuple[CsvProblem, ...]
    warning_count: int
    missing_cases: int
    """Open cases of the records that ``debts.csv`` does not have; 0 without that file."""


class ImportRefusedError(RecordsError):
    """Something in the files is wrong, so nothing was imported; the text lists it line by line."""

    usual_code = ErrorCode.IMPORT_REFUSED

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
    complete: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import those of the five files that the directory has, in one transaction.

    Rows are added or changed by their keys, never taken out, with two exceptions: ``meters.csv``
    lists all registers of each site that it names, so an exchanged meter goes; and a window takes
    the place of those that it overlaps. What callers changed and the back office has not been
    handed yet is set again. With ``today`` (the day in Budapest) dates that lie after it and should
    not are among the warnings. With ``complete`` the open cases that ``debts.csv`` does not have
    are closed in the same transaction, without it they are only counted. ``dry_run`` checks and
    counts alike and changes nothing. Raises ``ImportRefusedError`` with everything that is wrong,
    and ``RecordsError`` for ``complete`` without ``debts.csv``.
    """
    present = _present(directory, complete=complete)

    def read(file: ImportFile, problems: Problems, warnings: Problems) -> Iterator[Batch]:
        return read_large(directory / file.name, file.columns_name, problems, progress, warnings)

    return import_source(
        engine,
        ImportSource(present, read),
        progress,
        today=today,
        complete=complete,
        dry_run=dry_run,
    )


def _present(directory: Path, *, complete: bool) -> list[ImportFile]:
    present = [file for file in FILES if (directory / file.name).is_file()]
    if not present:
        names = ", ".join(file.name for file in FILES)
        raise RecordsError(f'The folder "{directory}" has none of {names}. Name another one.')
    if complete and DEBTS not in present:
        raise RecordsError(
            f'The folder "{directory}" has no {DEBTS.name}, so no case can be missing from it. '
            "Add the file, or import without --complete."
        )
    return present


def import_source(
    engine: Engine,
    source: ImportSource,
    progress: Progress = lambda _name, _done, _total: None,
    *,
    today: date | None = None,
    complete: bool = False,
    dry_run: bool = False,
    end: Callable[[Connection, ImportReport], None] = lambda _connection, _report: None,
) -> ImportReport:
    """As ``import_directory``, from wherever the rows come.

    ``end`` is called last in the transaction, which undoes the import when it raises.
    """
    problems, warnings = Problems(), Problems()
    present = source.present
    with telling_failures(), engine.connect() as connection:
        # The temporary tables end with this connection, which the pool does not get back.
        connection.detach()
        connection.execution_options(**{READ_ONLY: True})
        with connection.begin():
            rows = _stage(connection, source, problems, warnings, today)
            if dry_run and not problems.count:
                missing = _check(connection, present, problems)
        if problems.count:
            raise ImportRefusedError(problems)
        if dry_run:
            return _report(present, rows, warnings, missing)
        connection.execution_options(**{READ_ONLY: False})
        staging.leave_references_to_us(connection)
        with writers_turn(engine), connection.begin():
            lock_subjects(connection, RECORDS)
            missing = _check(connection, present, problems)
            with indexes_built_last(connection, present, rows) as built_last:
                _merge(connection, present, progress, indexed=not built_last)
            if complete:
                staging.close_missing_cases(connection)
            apply_again(connection)
            progress("importing", len(present), len(present))
            report = _report(present, rows, warnings, missing)
            end(connection, report)
        flush(engine)
    return report


def _report(
    present: Sequence[ImportFile], rows: Mapping[str, int], warnings: Problems, missing: int
) -> ImportReport:
    absent = tuple(file.name for file in FILES if file not in present)
    return ImportReport(rows, absent, tuple(warnings.first), warnings.count, missing)


def _stage(
    connection: Connection,
    source: ImportSource,
    problems: Problems,
    warnings: Problems,
    today: date | None,
) -> Mapping[str, int]:
    staging.create(connection)
    counts = {}
    for file in source.present:
        batches = source.read(file, problems, warnings)
        sound = _sound(file, batches, problems, warnings, today)
        counts[file.name] = staging.fill(connection, file, sound)
        staging.index(connection, file, problems)
        if file is WINDOWS:
            staging.find_overlaps(connection, file, problems)
        if file is METERS:
            staging.find_alike_serials(connection, warnings)
    return counts


def _sound(
    file: ImportFile,
    batches: Iterator[Batch],
    problems: Problems,
    warnings: Problems,
    today: date | None,
) -> Iterator[Batch]:
    for each in batches:
        batch, wrong = each, set()
        for place, column, what in file.check(batch.values):
            problems.add_at(file.name, batch.lines[place], column, what)
            wrong.add(place)
        if wrong:
            batch = batch.without(wrong)
        for place, column, what in file.warn(batch.values, today):
            warnings.add_at(file.name, batch.lines[place], column, what)
        yield batch


def _check(connection: Connection, present: Sequence[ImportFile], problems: Problems) -> int:
    """Refuse what refers to nothing; how many open cases the files do not have."""
    for file in present:
        staging.find_lost_references(connection, file, problems)
    if problems.count:
        raise ImportRefusedError(problems)
    return staging.count_missing_cases(connection) if DEBTS in present else 0


def _merge(
    connection: Connection, present: Sequence[ImportFile], progress: Progress, *, indexed: bool
) -> None:
    for done, file in enumerate(present):
        progress("importing", done, len(present))
        staging.merge(connection, file, indexed=indexed)
