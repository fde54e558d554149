"""Advisory locks: one transaction at a time for a telephone number, customer or kind of work."""

from sqlalchemy import Connection, text

RECORDS = "records import"
"""Of whoever changes many rows of the records: in another order each would wait for the other."""


def lock_subjects(connection: Connection, *subjects: str) -> None:
    """Lock these numbers, customers or kinds of work until the transaction ends.

    Nobody else finds them free. On SQLite there is one writer anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    # In one order: two who want the same ones cannot wait for each other.
    for subject in sorted(set(subjects)):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 4711))"),
            {"subject": subject},
        )
