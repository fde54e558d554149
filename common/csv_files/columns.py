"""Rows of a CSV file read column by column: many values at once where nothing is wrong with any.

A million rows are read in a third of the time. It gives exactly what reading row by row gives, and
raises ``ValueError`` wherever that would complain, so that the complaint is made there.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from common.characters import cleaned
from common.csv_files.problems import quoted
from common.csv_files.values import Parse, ParseAll
from common.csv_files.writing import restored

_PLAIN = re.compile("[\n -~\u00a1-\u00ac\u00ae-\u017f]*")
"""Latin letters, figures and signs: nothing of them is hidden, a blank other than U+0020 or
composed of two characters, so that ``cleaned`` leaves them as they are."""

_MOST_KEPT = 20_000
"""Values of a column that are read once and known from then on."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its text becomes a value, and what stands for an empty one.

    ``parse`` raises ``ValueError`` with the complaint that follows the quoted text; ``doubt``
    tells of a text that is read but may have meant something else. A file may leave an
    ``optional`` column out altogether; then it is empty in every row. ``parse_all`` is ``parse`` of
    a whole list, for columns in which each value is another; it gives and raises the same.
    """

    name: str
    parse: Parse
    required: bool = True
    when_empty: Any = None
    optional: bool = False
    doubt: Callable[[str], str | None] | None = None
    parse_all: ParseAll | None = None

    def empty(self) -> Any:
        """What an empty value means; raises ``ValueError`` where there must be one."""
        if self.required:
            raise ValueError("is empty. Write a value.")
        return self.when_empty


class _Known(dict[str, Any]):
    """What each text of a column means, read when it comes for the first time."""

    def __init__(self, parse: Callable[[str], Any], empty: Callable[[], Any]) -> None:
        super().__init__()
        self._parse = parse
        self._empty = empty

    def __missing__(self, text: str) -> Any:
        value = self[text] = self._parse(text) if text else self._empty()
        return value

    def all(self, texts: list[str]) -> list[Any]:
        if len(self) > _MOST_KEPT:
            self.clear()
        return list(map(self.__getitem__, texts))


class ColumnReader:
    """Reads rows whose values stand in the order of these columns."""

    def __init__(self, order: Sequence[Column]) -> None:
        self.order = order
        self._read = [_reading(column) for column in order]
        self._doubts = [
            None if column.doubt is None else _Known(column.doubt, lambda: None).all
            for column in order
        ]

    def values(
        self, rows: list[list[str]]
    ) -> tuple[dict[str, list[Any]], list[tuple[int, str, str]]]:
        """The values of each column, and place in the batch, column and complaint of each doubt.

        Raises ``ValueError`` where there is anything to complain of or to pass over.
        """
        if not rows:
            return {column.name: [] for column in self.order}, []
        if set(map(len, rows)) != {len(self.order)}:
            raise ValueError("a row has too few or too many values")
        columns = [_cleaned(list(texts)) for texts in zip(*rows, strict=True)]
        if all("" in texts for texts in columns) and not all(map(any, zip(*columns, strict=True))):
            raise ValueError("a row has no values")
        values = {
            column.name: read(texts)
            for column, texts, read in zip(self.order, columns, self._read, strict=True)
        }
        doubts = [
            doubt
            for column, texts, known in zip(self.order, columns, self._doubts, strict=True)
            if known is not None
            for doubt in _doubted(column.name, texts, known)
        ]
        return values, doubts


def _reading(column: Column) -> ParseAll:
    parse_all = column.parse_all
    if parse_all is None:
        return _Known(column.parse, column.empty).all

    def read(texts: list[str]) -> list[Any]:
        if "" not in texts:
            return parse_all(texts)
        empty = column.empty()
        filled = iter(parse_all([text for text in texts if text]))
        return [next(filled) if text else empty for text in texts]

    return read


def _cleaned(texts: list[str]) -> list[str]:
    together = "\n".join(texts)
    if (
        _PLAIN.fullmatch(together)
        and together.count("\n") == len(texts) - 1
        and not (" \n" in together or "\n " in together or "\n'" in together)
        and not (together.startswith((" ", "'")) or together.endswith(" "))
    ):
        return texts
    return [restored(cleaned(text).strip()) for text in texts]


def _doubted(column: str, texts: list[str], doubt: ParseAll) -> list[tuple[int, str, str]]:
    return [
        (place, column, f"{quoted(texts[place])} {complaint}")
        for place, complaint in enumerate(doubt(texts))
        if complaint is not None
    ]
