"""Which call, campaign, job or request a line of the log belongs to.

Whoever begins such a piece of work binds its id once; every line that is logged meanwhile in the
same thread has it, also those of libraries. An id is opaque: never a telephone number, a name, a
customer's id or anything that was typed.
"""

from collections.abc import Mapping
from contextvars import ContextVar, Token
from itertools import count
from secrets import token_hex
from types import MappingProxyType, TracebackType

NAMES = ("call", "message_sid", "campaign", "outbox_row", "job", "request")
"""All ids that a line can have; docs/operations.md explains them."""

_NOTHING: Mapping[str, str | int] = MappingProxyType({})
_bound: ContextVar[Mapping[str, str | int]] = ContextVar("log_context", default=_NOTHING)

_process = token_hex(4)
_requests = count(1)


class bound:  # noqa: N801 - used like a function
    """In this block every line of the log has these ids, besides those that it had before."""

    __slots__ = ("_ids", "_token")

    def __init__(self, **ids: str | int) -> None:
        self._ids = ids

    def __enter__(self) -> None:
        outer = _bound.get()
        self._token: Token[Mapping[str, str | int]] = _bound.set(
            {**outer, **self._ids} if outer else self._ids
        )

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        _bound.reset(self._token)


def bound_ids() -> Mapping[str, str | int]:
    """The ids that are bound here and now."""
    return _bound.get()


def next_request() -> str:
    """A new request's id, which no other request of any process has."""
    return f"{_process}-{next(_requests)}"
