"""Where acts of staff are done: in which session of the console, and from which address."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_SHOWN = 12
"""Characters of the session's key by which acts name it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act was done: the beginning of the session's key, and the network address."""

    session: str
    address: str


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


@contextmanager
def acting_from(session_key: str, address: str) -> Iterator[None]:
    """Let every act that is recorded within the block tell the session and address."""
    token = _origin.set(Origin(session_key[:_SHOWN], address))
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin | None:
    """Where the acts of this moment are done, if it is in the console."""
    return _origin.get()
