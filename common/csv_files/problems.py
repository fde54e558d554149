"""What is wrong with a CSV file: where, what kind of fault, and the complaint with its hint."""

from dataclasses import dataclass, field
from enum import StrEnum

from common.printable import printable

SHOWN_PROBLEMS = 50
_SHOWN_CHARACTERS = 40


class CsvFault(StrEnum):
    """Kinds of faults, for front ends that say them in words of their own."""

    UTF16 = "utf16"
    SPREADSHEET = "spreadsheet"
    ANSI = "ansi"
    NOT_UTF8 = "not_utf8"
    QUOTES = "quotes"
    SEPARATOR = "separator"
    NO_HEADER = "no_header"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_TWICE = "column_twice"
    COLUMN_MISSING = "column_missing"
    WIDTH = "width"
    VALUE = "value"
    NO_ROWS = "no_rows"


@dataclass(frozen=True, slots=True)
class CsvProblem:
    """One fault; ``place`` is such as ``customers.csv:17: payment_day``.

    ``line``, ``column`` and ``value`` (shortened) are there where the fault has them.
    """

    place: str
    complaint: str
    fault: CsvFault = CsvFault.VALUE
    line: int | None = None
    column: str | None = None
    value: str | None = None

    @property
    def file(self) -> str:
        """The name of the file that the place is in."""
        return self.place.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.place}: {self.complaint}"


@dataclass(slots=True)
class Problems:
    """Everything wrong that was found: the first ones in full, the others counted."""

    first: list[CsvProblem] = field(default_factory=list)
    count: int = 0

    @property
    def are_enough(self) -> bool:
        """Whether another one would only be counted."""
        return len(self.first) >= SHOWN_PROBLEMS

    def add(
        self,
        place: str,
        complaint: str,
        fault: CsvFault = CsvFault.VALUE,
        *,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        """Note a problem at a place such as ``customers.csv:17: payment_day``."""
        self.count += 1
        if not self.are_enough:
            self.first.append(CsvProblem(place, complaint, fault, line, column, value))

    def add_at(
        self,
        file: str,
        line: int,
        column: str,
        complaint: str,
        fault: CsvFault = CsvFault.VALUE,
        *,
        value: str | None = None,
    ) -> None:
        """Note a problem with the value of a column."""
        place = f"{file}:{line}: {column}"
        self.add(place, complaint, fault, line=line, column=column, value=value)

    def extend(self, later: "Problems") -> None:
        """Note those of another, in their order after these."""
        self.count += later.count
        self.first += later.first[: SHOWN_PROBLEMS - len(self.first)]

    def listed(self) -> list[str]:
        """The first ones in full and, when there are more, how many."""
        more = self.count - len(self.first)
        shown = [str(problem) for problem in self.first]
        return [*shown, f"… and {more} more."] if more else shown


def shortened(value: object) -> str:
    """A value as complaints show it: shortened when long, hidden characters named."""
    text = str(value)
    if len(text) > _SHOWN_CHARACTERS:
        text = f"{text[: _SHOWN_CHARACTERS - 1]}…"
    return printable(text)


def quoted(value: object) -> str:
    """A value as complaints show it, in quotes."""
    return f'"{shortened(value)}"'
