"""The API's list of messages: filters, and pages that stay put while new messages arrive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from simulator.messages.errors import ApiError
from simulator.messages.message import Message
from simulator.transport import Form

PAGE_SIZE = 50
LARGEST_PAGE = 1000
FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")

Test = Callable[[Message], bool]


class _Span(NamedTuple):
    """The moments that a date or date-time names: a whole day, or one second."""

    start: float
    end: float


def list_page(messages: list[Message], query: Form, path: str) -> dict[str, Any]:
    """One page of ``messages``, given newest first, as the JSON object of ``path``.

    The filters are Twilio's; the two one-sided ones include the date that they name. A message
    without ``date_sent`` passes no filter of dates. Raises ``ApiError`` (20001) for what cannot be
    read.
    """
    fields = dict(query)
    tests = [_test(name, fields[name]) for name in FILTERS if fields.get(name)]
    found = [message for message in messages if all(test(message) for test in tests)]
    size = min(_number(fields, "PageSize", PAGE_SIZE, 1), LARGEST_PAGE)
    page = _number(fields, "Page", 0, 0)
    start = _start(found, fields.get("PageToken", ""), page * size)
    shown = found[start : start + size]
    kept = [(name, fields[name]) for name in FILTERS if fields.get(name)]

    def address(number: int, token: str = "") -> str:
        place = [("PageSize", str(size)), ("Page", str(number))]
        return f"{path}?{urlencode(kept + place + ([('PageToken', token)] if token else []))}"

    more = start + size < len(found)
    before = found[start - size - 1].sid if start > size else ""
    return {
        "end": start + len(shown) - 1 if shown else start,
        "first_page_uri": address(0),
        "next_page_uri": address(page + 1, f"PA{shown[-1].sid}") if more else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": address(page - 1, f"PA{before}" if before else "") if page else None,
        "start": start,
        "uri": address(page, fields.get("PageToken", "")),
        "messages": [message.resource() for message in shown],
    }


def _start(found: list[Message], token: str, otherwise: int) -> int:
    """After the message that the token names: newer ones do not push anything to the next page."""
    if not token:
        return otherwise
    for place, message in enumerate(found):
        if token == f"PA{message.sid}":
            return place + 1
    raise ApiError(20001, "PageToken is not one that this list has given")


def _test(name: str, value: str) -> Test:
    if name == "To":
        return lambda message: message.to == value
    if name == "From":
        return lambda message: message.from_ == value
    span = _span(name, value)
    if name == "DateSent<":
        return lambda message: message.sent_at is not None and message.sent_at < span.end
    if name == "DateSent>":
        return lambda message: message.sent_at is not None and message.sent_at >= span.start
    return lambda message: message.sent_at is not None and span.start <= message.sent_at < span.end


def _span(name: str, value: str) -> _Span:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ApiError(20001, f"{name} is no date of the form YYYY-MM-DD: {value}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole_day = len(value) == len("2026-01-02")
    end = moment + (timedelta(days=1) if whole_day else timedelta(seconds=1))
    return _Span(moment.timestamp(), end.timestamp())


def _number(fields: dict[str, str], name: str, default: int, least: int) -> int:
    text = fields.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise ApiError(20001, f"{name} is not a number of {least} or more: {text}")
    return int(text)
