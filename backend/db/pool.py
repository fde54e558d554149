"""The connections that a process keeps to its database, of whichever kind it is."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL

POOL_SIZE = 8
POOL_OVERFLOW = 7
"""Connections a process keeps, and may add for a moment; a blocking thread uses one at a time.

It keeps one for each thread of the service: with fewer, the threads of a busy process take turns
at fetching one from SQLAlchemy's pool, at the cost of several statements each.
"""

POOL_SECONDS = 4
"""How long a thread waits for one of them; the rest of a webhook's budget is for its turn."""


def pooled_engine(url: URL, *, seconds: float = POOL_SECONDS) -> Engine:
    """Make the engine; a thread waits ``seconds`` for a connection."""
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=seconds,
        # What callers typed must not get into the text of an error.
        hide_parameters=True,
    )
