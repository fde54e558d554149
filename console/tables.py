"""Pages of a long table by its key, and its download as CSV."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

from flask import Response, request, url_for

from common.timezone import local_date
from console.parts import parts

PAGE_ROWS = 50
_FORMULA = re.compile(r"[=+\-@\t\r\0]")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")

Row = TypeVar("Row")


def cut(rows: Sequence[Row], key: Callable[[Row], object]) -> tuple[Sequence[Row], object | None]:
    """One page of ``PAGE_ROWS + 1`` rows that were read, and the key that the next is after."""
    page = rows[:PAGE_ROWS]
    return page, key(page[-1]) if len(rows) > PAGE_ROWS else None


def with_query(**changed: object) -> str:
    """The address of this page with other values in its query; ``None`` takes one away."""
    query = {**request.args.to_dict(), **changed}
    kept = {name: value for name, value in query.items() if value not in {None, ""}}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept})


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download that Hungarian Excel opens as it is: ``;`` between cells, UTF-8 with a mark.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    file = f"{name}-{local_date(parts().clock()).isoformat()}.csv"

    def lines() -> Iterator[str]:
        yield "\ufeff" + _line(header)
        for row in rows:
            yield _line(row)

    response = Response("".join(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file)}"
    return response


def _line(cells: Sequence[object]) -> str:
    return ";".join(_cell(cell) for cell in cells) + "\r\n"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if re.search(r'[;"\r\n]', text) or text != text.strip() else text
