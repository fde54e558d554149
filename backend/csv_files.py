"""Reading the CSV files of the back office, with errors that name file, line, column and mend.

UTF-8 with or without a byte-order mark, ``;`` or ``,`` between the values, one header line with
the columns in any order.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from backend.phone_numbers import to_e164

SHOWN_PROBLEMS = 50
_SHOWN_CHARACTERS = 40
_ROWS_BETWEEN_REPORTS = 1000
_LONGEST_LINE = 1 << 20
"""Characters. A file without line ends must not be read into memory as one line."""

Parse = Callable[[str], Any]
Progress = Callable[[str, int, int], None]
"""Told the file's name, the bytes read so far and the bytes in all."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its text becomes a value, and what stands for an empty one.

    ``parse`` raises ``ValueError`` with the complaint that follows the quoted text. A file may
    leave an ``optional`` column out altogether; then it is empty in every row.
    """

    name: str
    parse: Parse
    required: bool = True
    when_empty: Any = None
    optional: bool = False


@dataclass(slots=True)
class Problems:
    """Everything wrong that was found: the first ones in full, the others counted."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, complaint: str) -> None:
        """Note a problem at a place such as ``customers.csv:17: payment_day``."""
        self.count += 1
        if len(self.first) < SHOWN_PROBLEMS:
            self.first.append(f"{place}: {complaint}")

    def listed(self) -> list[str]:
        """The first ones in full and, when there are more, how many."""
        more = self.count - len(self.first)
        return [*self.first, f"… and {more} more."] if more else self.first


def quoted(value: object) -> str:
    """A value as complaints show it: in quotes, and shortened when it is long."""
    text = str(value)
    if len(text) > _SHOWN_CHARACTERS:
        text = f"{text[: _SHOWN_CHARACTERS - 1]}…"
    return f'"{text}"'


def read_rows(
    path: Path, columns: Sequence[Column], problems: Problems, progress: Progress
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line number and the values of each sound row; the others go to ``problems``.

    The file is read as a stream. What makes all of it unreadable (not UTF-8, a wrong header, a
    quote that never ends) ends it with one problem.
    """
    size = path.stat().st_size
    with path.open("rb") as raw:
        reader = _Reader(path.name, columns, problems)
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        try:
            for count, row in enumerate(reader.rows(stream)):
                if count % _ROWS_BETWEEN_REPORTS == 0:
                    progress(path.name, raw.tell(), size)
                yield row
        except UnicodeDecodeError:
            # The stream decodes ahead of the lines that it gives out.
            place = f"{path.name}:{_line_that_is_not_utf8(path)}"
            problems.add(place, "is not UTF-8. Save the file as CSV UTF-8.")
        except csv.Error as error:
            problems.add(
                f"{path.name}:{reader.line + 1}",
                f"cannot be read: {error}. Check the quotes around the values.",
            )
    progress(path.name, size, size)


class _Reader:
    def __init__(self, name: str, columns: Sequence[Column], problems: Problems) -> None:
        self._name = name
        self._columns = columns
        self._problems = problems
        self._absent: dict[str, Any] = {}
        self.line = 0

    def rows(self, stream: io.TextIOWrapper) -> Iterator[tuple[int, dict[str, Any]]]:
        header = stream.readline(_LONGEST_LINE)
        self.line = 1
        delimiter = ";" if ";" in header else ","
        order = self._order(next(csv.reader([header], delimiter=delimiter), []))
        if order is None:
            return
        # What is cut here has a value longer than the reader takes, or too many values.
        bounded = iter(partial(stream.readline, _LONGEST_LINE), "")
        lines = csv.reader(bounded, delimiter=delimiter, strict=True)
        for values in lines:
            # A quoted value may span lines; the row is where it begins.
            line, self.line = self.line + 1, lines.line_num + 1
            if not any(values):
                continue
            row = self._row(line, values, order)
            if row is not None:
                yield line, row

    def _order(self, header: list[str]) -> list[Column] | None:
        before = self._problems.count
        place = f"{self._name}:1"
        by_name = {column.name: column for column in self._columns}
        names = [name.strip() for name in header]
        if not any(name in by_name or get_close_matches(name, by_name, 1) for name in names):
            # The first row of a file without a header is nobody's to show.
            self._problems.add(place, f"has no header. Write {';'.join(by_name)} into it.")
            return None
        for name in names:
            if name not in by_name:
                near = get_close_matches(name, by_name, 1)
                mend = f"Did you mean {quoted(near[0])}?" if near else "Take it out."
                self._problems.add(place, f"column {quoted(name)} is not known. {mend}")
            elif names.count(name) > 1:
                self._problems.add(place, f"column {quoted(name)} is there twice. Keep one.")
        for name, column in by_name.items():
            if name not in names and not column.optional:
                self._problems.add(place, f"column {quoted(name)} is missing. Add it.")
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
            )
            return None
        row = self._absent.copy()
        sound = True
        for column, value in zip(order, values, strict=True):
            text = value.strip()
            try:
                row[column.name] = column.parse(text) if text else _empty(column)
            except ValueError as error:
                self._problems.add(f"{self._name}:{line}: {column.name}", f"{quoted(text)} {error}")
                sound = False
        return row if sound else None


def _line_that_is_not_utf8(path: Path) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as raw:
        while chunk := raw.read(_LONGEST_LINE):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + error.object.count(b"\n", 0, error.start)
            line += chunk.count(b"\n")
    # It ends within a character.
    return line


def _empty(column: Column) -> Any:
    if column.required:
        raise ValueError("is empty. Write a value.")
    return column.when_empty


def text(value: str) -> str:
    """Any text that can be shown, on one line: control characters break what is spoken."""
    value = " ".join(value.split())
    if not value.isprintable():
        raise ValueError("has a character in it that cannot be shown. Take it out.")
    return value


def choice(*allowed: str) -> Parse:
    """One of a few words, written exactly so."""
    values = {value: value for value in allowed}

    def parse(value: str) -> str:
        if value not in values:
            raise ValueError(f"is not one of {', '.join(allowed)}. Write one of them.")
        return value

    return parse


def yes_no(value: str) -> bool:
    """``yes`` or ``no``, nothing else."""
    if value not in {"yes", "no"}:
        raise ValueError("is neither yes nor no. Write one of them.")
    return value == "yes"


def whole(least: int, most: int, meaning: str = "a whole number") -> Parse:
    """A whole number within bounds, without separators."""

    def parse(value: str) -> int:
        # More digits than the bound has need no conversion to be out of it.
        if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) + 3):
            raise ValueError(f"is not {meaning} from {least} to {most}. Write it in digits.")
        number = int(value)
        if not least <= number <= most:
            raise ValueError(f"is not {meaning} from {least} to {most}. Correct it.")
        return number

    return parse


def decimal(value: str) -> float:
    """A number that is not negative, with a point or a comma."""
    whole_part, _, fraction = value.replace(",", ".").partition(".")
    digits = whole_part + fraction
    if not (whole_part and digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise ValueError("is not a number that is not negative. Write it like 9.5 or 9,5.")
    return float(f"{whole_part}.{fraction or '0'}")


@lru_cache(maxsize=4096)
def iso_date(value: str) -> date:
    """A date written as ``2026-11-21``."""
    try:
        if len(value) == len("2026-11-21") and value[4] == value[7] == "-":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("is not a date. Write it like 2026-11-21.")


def site_id(value: str) -> str:
    """Eight digits, as printed on the bill."""
    if not (len(value) == 8 and value.isascii() and value.isdigit()):
        raise ValueError(
            "is not a site id of 8 digits. Spreadsheets drop leading noughts: format the column "
            "as text."
        )
    return value


def phone(value: str) -> str:
    """A telephone number in any usual spelling, turned to E.164."""
    return to_e164(value)
