"""Which call, campaign, job or request a line of the log belongs to.

Whoever begins such a piece of work binds its id once; every line that is logged meanwhile in the
same thread has it, also those of libraries. An id is opaque: never a telephone number, a name, a
customer's id or anything that was typed.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from itertools import count
from secrets import token_hex
from types import MappingProxyType

NAMES = ("call", "message_sid", "campaign", "outbox_row", "job", "request")
"""All ids that a line can have; docs/metrics.md explains them."""

_NOTHING: Mapping[str, str | int] = MappingProxyType({})
_bound: ContextVar[Mapping[str, str | int]] = ContextVar("log_context", default=_NOTHING)

_process = token_hex(4)
_requests = count(1)


def _begin_fork() -> None:
    """A fork is another process, and counts as this one does."""
    global _process
    _process = token_hex(4)


os.register_at_fork(after_in_child=_begin_fork)


def bind(ids: Mapping[str, str | int]) -> Token[Mapping[str, str | int]]:
    """Give every line of the log these ids, besides those it had before, until ``unbind``."""
    outer = _bound.get()
    return _bound.set({**outer, **ids} if outer else ids)


unbind = _bound.reset


@contextmanager
def bound(**ids: str | int) -> Iterator[None]:
    """In this block every line of the log has these ids."""
    token = bind(ids)
    try:
        yield
    finally:
        unbind(token)


def bound_ids() -> Mapping[str, str | int]:
    """The ids that are bound here and now."""
    return _bound.get()


def next_request() -> str:
    """A new request's id, which no other request of any process has."""
    return f"{_process}-{next(_requests)}"
