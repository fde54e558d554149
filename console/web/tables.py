"""Pages of a long table by its key, and its download as CSV."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar
from urllib.parse import quote

from flask import Response, request, stream_with_context, url_for
from markupsafe import Markup, escape
from sqlalchemy import Connection, Engine

from backend.db.transactions import read
from common.csv_files.writing import Cell, csv_text
from common.timezone import local_date
from console.web.parts import parts

PAGE_ROWS = 50
AT_ONCE = 5000
"""Rows of a download that are read at once."""

BYTE_ORDER_MARK = "\ufeff"
_CELL = re.compile(r"<t([dh])\b([^>]*)>")

Row = TypeVar("Row")
Key = TypeVar("Key")


def cut(rows: Sequence[Row], key: Callable[[Row], object]) -> tuple[Sequence[Row], object | None]:
    """One page of ``PAGE_ROWS + 1`` rows that were read, and the key that the next is after."""
    page = rows[:PAGE_ROWS]
    return page, key(page[-1]) if len(rows) > PAGE_ROWS else None


def each_row(
    engine: Engine,
    page: Callable[[Connection, Key | None, int], Sequence[Row]],
    key: Callable[[Row], Key],
) -> Iterator[Row]:
    """All rows of a long table, a batch at a time, each over a connection of its own.

    ``page`` reads at most so many rows after that of the key.
    """
    last: Key | None = None
    while True:
        with read(engine) as connection:
            rows = page(connection, last, AT_ONCE)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = key(rows[-1])


def labelled(rows: str, columns: Sequence[tuple[str, str]]) -> Markup:
    """Rows whose cells carry the heading of their column, which a narrow window shows.

    ``columns`` are headings with their classes, as the table's macro takes them.
    """
    told = []
    for row in re.split(r"(?=<tr[ >])", rows):
        heads = iter(columns)
        told.append(_CELL.sub(lambda cell, heads=heads: _with_label(cell, heads), row))
    return Markup("".join(told))  # noqa: S704 - rows come escaped from a template


def _with_label(cell: re.Match[str], heads: Iterator[tuple[str, str]]) -> str:
    head = next(heads, ("", ""))[0]
    return (
        cell[0]
        if cell[1] == "h" or "data-label" in cell[2]
        else f'<td data-label="{escape(head)}"{cell[2]}>'
    )


def with_query(**changed: object) -> str:
    """The address of this page with other values in its query; ``None`` takes one away."""
    query = {**request.args.to_dict(), **changed}
    kept = {name: value for name, value in query.items() if value not in {None, ""}}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept})


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A download that Hungarian Excel opens as it is: ``;`` between cells, UTF-8 with a mark.

    Cells that a spreadsheet would take for formulas are neutralised, as in every CSV of ours. It
    goes out while the rows are read, however many there are.
    """
    text = chain([BYTE_ORDER_MARK], csv_text(header, rows))
    return file_response(dated(name, parts().clock()), stream_with_context(text))


def dated(name: str, now: datetime) -> str:
    return f"{name}-{local_date(now).isoformat()}.csv"


def file_response(name: str, content: Iterable[str] | Iterable[bytes]) -> Response:
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
