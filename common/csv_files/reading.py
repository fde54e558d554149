"""Reading the CSV files of the back office, with errors that name file, line, column and hint.

UTF-8 with or without a byte-order mark, ``;`` or ``,`` between the values, one header line with
the columns in any order and in any case. Blank lines, rows without any value and a spreadsheet's
``sep=;`` above the header are passed over; what nobody sees in a value is taken out.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from common.characters import cleaned
from common.csv_files.columns import Column, ColumnReader
from common.csv_files.encodings import foreign_encoding, foreign_format
from common.csv_files.problems import CsvFault, Problems, quoted, shortened
from common.csv_files.writing import restored

BATCH = 1000
"""Rows that are read at once."""
_LONGEST_LINE = 1 << 20
"""Characters. A file without line ends must not be read into memory as one line."""

_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""A line by which a spreadsheet is told what divides the values."""

Progress = Callable[[str, int, int], None]
"""Told the file's name, the bytes read so far and the bytes in all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Sound rows that were read together: their line numbers, and each column's values."""

    lines: Sequence[int]
    values: dict[str, list[Any]]

    def without(self, left_out: set[int]) -> "Batch":
        """The rows but those of these places in the batch."""
        kept = [place for place in range(len(self.lines)) if place not in left_out]
        values = {name: [each[place] for place in kept] for name, each in self.values.items()}
        return Batch([self.lines[place] for place in kept], values)


def read_batches(
    path: Path,
    columns: Sequence[Column],
    problems: Problems,
    progress: Progress,
    warnings: Problems | None = None,
) -> Iterator[Batch]:
    """Yield the sound rows, some at a time; the others go to ``problems``.

    The file is read as a stream. What makes all of it unreadable (not UTF-8, a wrong header, a
    quote that never ends) ends it with one problem. Values that a column doubts go to
    ``warnings`` and are yielded.
    """
    size = path.stat().st_size
    with path.open("rb") as raw:
        if (foreign := foreign_format(raw)) is not None:
            problems.add(path.name, *foreign)
            return
        reader = _Reader(path.name, columns, problems, warnings or Problems())
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        try:
            for batch in reader.batches(stream):
                progress(path.name, raw.tell(), size)
                yield batch
        except UnicodeDecodeError:
            # The stream decodes ahead of the lines that it gives out.
            line, complaint, fault = foreign_encoding(path)
            problems.add(f"{path.name}:{line}", complaint, fault, line=line)
        except csv.Error as error:
            problems.add(
                f"{path.name}:{reader.line + 1}",
                f"cannot be read: {error}. Check the quotes around the values.",
                CsvFault.QUOTES,
                line=reader.line + 1,
            )
    progress(path.name, size, size)


class _Reader:
    def __init__(
        self, name: str, columns: Sequence[Column], problems: Problems, warnings: Problems
    ) -> None:
        self._name = name
        self._columns = columns
        self._problems = problems
        self._warnings = warnings
        self._absent: dict[str, Any] = {}
        self.line = 0

    def batches(self, stream: io.TextIOWrapper) -> Iterator[Batch]:
        header, delimiter = self._header(stream)
        order = self._order(header, delimiter)
        if order is None:
            return
        read = ColumnReader(order)
        above = self.line
        # What is cut here has a value longer than the reader takes, or too many values.
        bounded = iter(partial(stream.readline, _LONGEST_LINE), "")
        lines = csv.reader(bounded, delimiter=delimiter, strict=True)
        places: list[int] = []
        rows: list[list[str]] = []
        try:
            for values in lines:
                # A quoted value may span lines; the row is where it begins.
                line, self.line = self.line + 1, lines.line_num + above
                if values:
                    places.append(line)
                    rows.append(values)
                if len(rows) == BATCH:
                    yield self._batch(places, rows, read)
                    places, rows = [], []
        except (csv.Error, UnicodeDecodeError):
            yield self._batch(places, rows, read)
            raise
        yield self._batch(places, rows, read)

    def _batch(self, lines: list[int], rows: list[list[str]], read: ColumnReader) -> Batch:
        """The sound rows of these, column by column; where one is not sound, row by row."""
        with suppress(ValueError):
            values, doubts = read.values(rows)
            for place, column, complaint in doubts:
                self._warnings.add_at(self._name, lines[place], column, complaint)
            for name, empty in self._absent.items():
                values[name] = [empty] * len(rows)
            return Batch(lines, values)
        sound = []
        for line, row in zip(lines, rows, strict=True):
            texts = [cleaned(value).strip() for value in row]
            found = self._row(line, texts, read.order) if any(texts) else None
            if found is not None:
                sound.append((line, found))
        names = [column.name for column in self._columns]
        return Batch(
            [line for line, _ in sound],
            {name: [row[name] for _, row in sound] for name in names},
        )

    def _header(self, stream: io.TextIOWrapper) -> tuple[str, str]:
        """The first line with a value, and what divides the values of the file."""
        separator = None
        while line := stream.readline(_LONGEST_LINE):
            self.line += 1
            told = _SEPARATOR.fullmatch(cleaned(line).strip())
            if told is not None:
                separator = told[1]
            elif cleaned(line).strip(' \t\r\n";,'):
                break
        self.line = max(self.line, 1)
        usual = next((each for each in ";,\t" if each in line), ",")
        return line, separator or usual

    def _order(self, line: str, delimiter: str) -> list[Column] | None:
        before = self._problems.count
        place = f"{self._name}:{self.line}"
        if delimiter not in ";,":
            found = "tabs" if delimiter == "\t" else quoted(delimiter)
            hint = "Save the file as CSV with ; or , there."
            complaint = f"has {found} between its values. {hint}"
            self._problems.add(place, complaint, CsvFault.SEPARATOR, line=self.line)
            return None
        by_name = {column.name: column for column in self._columns}
        header = next(csv.reader([line], delimiter=delimiter), [])
        names = [cleaned(name).strip().lower() for name in header]
        if not any(name in by_name or get_close_matches(name, by_name, 1) for name in names):
            # The first row of a file without a header is nobody's to show.
            complaint = f"has no header. Write {';'.join(by_name)} into it."
            self._problems.add(place, complaint, CsvFault.NO_HEADER, line=self.line)
            return None

        def add(fault: CsvFault, name: str, complaint: str) -> None:
            self._problems.add(place, complaint, fault, line=self.line, column=shortened(name))

        for name in names:
            if name not in by_name:
                near = get_close_matches(name, by_name, 1)
                hint = f"Did you mean {quoted(near[0])}?" if near else "Take it out."
                add(CsvFault.COLUMN_UNKNOWN, name, f"column {quoted(name)} is not known. {hint}")
            elif names.count(name) > 1:
                add(CsvFault.COLUMN_TWICE, name, f"column {quoted(name)} is there twice. Keep one.")
        for name, column in by_name.items():
            if name not in names and not column.optional:
                add(CsvFault.COLUMN_MISSING, name, f"column {quoted(name)} is missing. Add it.")
        if self._problems.count > before:
            return None
        absent = (column for name, column in by_name.items() if name not in names)
        self._absent = {column.name: column.when_empty for column in absent}
        return [by_name[name] for name in names]

    def _row(self, line: int, values: list[str], order: Sequence[Column]) -> dict[str, Any] | None:
        if len(values) != len(order):
            self._problems.add(
                f"{self._name}:{line}",
                f"has {len(values)} values where the header has {len(order)} columns. "
                "Check the delimiters and quotes.",
                CsvFault.WIDTH,
                line=line,
            )
            return None
        row = self._absent.copy()
        sound = True
        for column, value in zip(order, values, strict=True):
            text = restored(value)
            place = (self._name, line, column.name)
            try:
                row[column.name] = column.parse(text) if text else column.empty()
            except ValueError as error:
                self._problems.add_at(*place, f"{quoted(text)} {error}", value=shortened(text))
                sound = False
                continue
            if column.doubt is not None and (doubt := column.doubt(text)) is not None:
                self._warnings.add_at(*place, f"{quoted(text)} {doubt}")
        return row if sound else None
