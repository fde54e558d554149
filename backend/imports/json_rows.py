"""Rows of the records as JSON: the columns and checks of the CSV files, with JSON's own types.

A number is written as a number and yes or no as ``true`` or ``false``, so that no system has to
guess how a text is read; identifiers are texts, because a number would lose its leading noughts.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from backend.imports.file_formats import FILES, ImportFile
from backend.imports.importer import ImportSource
from common.characters import cleaned
from common.csv_files.columns import Column
from common.csv_files.problems import SHOWN_PROBLEMS, CsvFault, Problems, quoted, shortened
from common.csv_files.reading import Batch
from common.csv_files.values import Choice, Whole, decimal, iso_date, site_id, yes_no

JsonRow = Mapping[str, object]

_MOST_DIGITS = 10**15
_MOST_BITS = 128
_PLACES = 9


def json_source(rows: Mapping[str, Sequence[JsonRow]]) -> ImportSource:
    """A source for ``import_source``: rows by the name of their table, such as ``customers``.

    Lines are counted from 1. A table without rows counts as left out.
    """
    present = [file for file in FILES if rows.get(file.table.name)]

    def read(file: ImportFile, problems: Problems, warnings: Problems) -> Iterator[Batch]:
        return _read(file, rows[file.table.name], problems, warnings)

    return ImportSource(present, read)


def column_schema(column: Column) -> dict[str, Any]:
    """The JSON Schema of what a column takes."""
    schema = _schema_of(column)
    if column.required:
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def row_schema(file: ImportFile) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {column.name: column_schema(column) for column in file.columns},
        "required": [column.name for column in file.columns if column.required],
        "additionalProperties": False,
    }


def _schema_of(column: Column) -> dict[str, Any]:
    match column.parse:
        case Choice(allowed):
            return {"type": "string", "enum": [str(each) for each in allowed]}
        case Whole(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
    if column.parse is yes_no:
        return {"type": "boolean"}
    if column.parse is decimal:
        return {"type": "number", "minimum": 0}
    if column.parse is iso_date:
        return {"type": "string", "format": "date"}
    if column.parse is site_id:
        return {"type": "string", "pattern": "^[0-9]{8}$"}
    return {"type": "string", **({"pattern": r"\S"} if column.required else {})}


def _read(
    file: ImportFile, rows: Sequence[JsonRow], problems: Problems, warnings: Problems
) -> Iterator[Batch]:
    lines, sound = [], []
    for line, row in enumerate(rows, 1):
        _find_unknown(file, line, row, problems)
        values = _values(file, line, row, problems, warnings)
        if values is not None:
            lines.append(line)
            sound.append(values)
    names = [column.name for column in file.columns]
    yield Batch(lines, {name: [row[name] for row in sound] for name in names})


def _find_unknown(file: ImportFile, line: int, row: JsonRow, problems: Problems) -> None:
    unknown = sorted(row.keys() - {column.name for column in file.columns})
    told = unknown[: 0 if problems.are_enough else SHOWN_PROBLEMS]
    # The others are only counted: a body has room for a million of them.
    problems.count += len(unknown) - len(told)
    for name in told:
        complaint = f"{quoted(name)} is no column of {file.table.name}. Take it out."
        problems.add_at(file.name, line, shortened(name), complaint, CsvFault.COLUMN_UNKNOWN)


def _values(
    file: ImportFile, line: int, row: JsonRow, problems: Problems, warnings: Problems
) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    sound = True
    for column in file.columns:
        place = (file.name, line, column.name)
        given = row.get(column.name)
        try:
            text = None if given is None else _text(column, given)
            found[column.name] = column.empty() if text is None else column.parse(text)
        except ValueError as error:
            value = None if given is None else _shown(given)
            complaint = f"{error}" if value is None else f'"{value}" {error}'
            problems.add_at(*place, complaint, value=value)
            sound = False
            continue
        # A text is doubted for how it is written; a number is what it is.
        if isinstance(given, str) and column.doubt is not None and (doubt := column.doubt(given)):
            warnings.add_at(*place, f"{quoted(given)} {doubt}")
    return found if sound else None


def _text(column: Column, given: object) -> str | None:
    """The value as the CSV file would have it; ``None`` for an empty one."""
    if column.parse is yes_no:
        if not isinstance(given, bool):
            raise ValueError("is neither true nor false. Write one of them.")
        return "yes" if given else "no"
    if isinstance(column.parse, Whole):
        return _whole(given, column.parse)
    if column.parse is decimal:
        return _decimal(given)
    if not isinstance(given, str):
        raise ValueError('is not a text. Write it in quotes, such as "00123".')
    text = cleaned(given).strip()
    if text:
        return text
    if column.required or not _may_be_empty(column):
        raise ValueError("is empty. Write a value, or leave it out.")
    return None


def _whole(given: object, bounds: Whole) -> str:
    if isinstance(given, float) and given.is_integer() and abs(given) < _MOST_DIGITS:
        return str(int(given))  # 12.0 is a whole number in JSON
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) > _MOST_DIGITS:
        within = f"from {bounds.least} to {bounds.most}"
        raise ValueError(f"is not a whole number {within}. Write it as a JSON number.")
    return str(given)


def _decimal(given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("is not a number. Write it as a JSON number.")
    if not abs(given) < _MOST_DIGITS:
        raise ValueError("is too large. Correct it.")
    exact = round(Decimal(repr(given or 0)), _PLACES)
    return format(exact, "f").rstrip("0").rstrip(".")


def _shown(given: object) -> str:
    if isinstance(given, int) and given.bit_length() > _MOST_BITS:
        return "a number of very many digits"
    return shortened(given)


def _may_be_empty(column: Column) -> bool:
    return set(_schema_of(column)) == {"type"}
