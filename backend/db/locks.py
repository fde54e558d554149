"""One at a time for a person: two looks at the same number cannot both find that it is free."""

from sqlalchemy import Connection, text


def take_turns(connection: Connection, *people: str) -> None:
    """Let nobody else look at these numbers or customers before this transaction has ended.

    On SQLite there is one writer anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    # In one order: two who want the same ones cannot wait for each other.
    for person in sorted(set(people)):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 4711))"),
            {"person": person},
        )
