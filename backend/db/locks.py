"""Advisory locks: one transaction at a time for a telephone number, customer or kind of work."""

from sqlalchemy import Connection

from backend.db.driver import driver_of

RECORDS = "records import"
"""Of whoever changes many rows of the records: in another order each would wait for the other."""

_LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended(subject, 4711)) FROM unnest($1::text[]) subject"
)
"""One after the other, in the order of the list."""


def lock_subjects(connection: Connection, *subjects: str) -> None:
    """Lock these numbers, customers or kinds of work until the transaction ends.

    Nobody else finds them free. On SQLite there is one writer anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    # In one order: two who want the same ones cannot wait for each other.
    driver_of(connection).rows(_LOCK, [sorted(set(subjects))])
