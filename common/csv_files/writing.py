"""The one writer of CSV: values that hold delimiters are quoted, and none is a formula.

Values are divided by ``;``, as spreadsheets in Hungary expect. The encoding is the stream's:
UTF-8 with a byte-order mark where a spreadsheet opens the file, without one for programs.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from io import StringIO
from typing import TextIO

Cell = str | int | float | date | dict[str, object] | list[object] | None

DELIMITER = ";"
ROWS_AT_ONCE = 5000
_FORMULA = re.compile("[\\s']*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may take for the beginning of a formula; ``'`` so that reading is exact."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?: [0-9]+)*(?:[.,][0-9]+)?")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """A header line and the rows, each ended by ``\n``, some thousand rows at a time.

    Dates and moments are ISO 8601, objects JSON, ``None`` is empty.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=DELIMITER, lineterminator="\n")
    writer.writerow(columns)
    for count, row in enumerate(rows, 1):
        writer.writerow(map(_written, row))
        if count % ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def write_csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    for text in csv_text(columns, rows):
        stream.write(text)


def neutralised(text: str) -> str:
    """The text with ``'`` before it where a spreadsheet would calculate it, else as it is.

    A plain number with its sign (``-5``, ``+36 30 123 4567``) is nothing to calculate and stays.
    ``restored`` takes the sign off again, whatever the text was.
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def restored(text: str) -> str:
    """The text as it was before ``neutralised``."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text


def _written(value: Cell) -> str:
    match value:
        case None:
            return ""
        case str():
            return neutralised(value)
        case date():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
