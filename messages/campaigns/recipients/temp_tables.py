"""The temporary tables in which recipients are judged, and how they are filled fast.

They live in one connection and go with it. Nobody else waits for them, and the database keeps
them on its disk when they grow.
"""

from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, Table, Text, text

from backend.db.driver import driver_of
from backend.db.tables.column_types import UtcDateTime

BATCH = 10_000

CACHE_KIB = 8_192
"""Of each cache and of a sort on SQLite, where a sort in more memory takes half as long again."""

SERVERS_KIB = 32_768
"""Of the temporary tables and of a sort on PostgreSQL; both stay the same, however many rows."""

STATISTICS = 10
"""What ANALYZE samples on PostgreSQL, where only the number of rows and of values matters here."""

_metadata = MetaData()


def _table(name: str, *columns: Column[Any], **options: Any) -> Table:
    return Table(f"recipients_{name}", _metadata, *columns, prefixes=["TEMPORARY"], **options)


source = _table(
    "source",
    Column("line", Integer, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("phone", Text),
)
"""The rows as they came in; ``phone`` is what the file says, in E.164 or ``UNREADABLE``."""

repeated = _table(
    "repeated",
    Column("case_id", Text, primary_key=True),
    Column("first", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Cases of several rows, and the line of the first."""

protected = _table(
    "protected",
    Column("customer_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""The few customers whom people look after: to look each row's customer up takes twice as long."""

found = _table(
    "found",
    Column("line", Integer, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("customer_id", Text),
    Column("phone", Text),
    Column("phone_is_of_case", Boolean, nullable=False),
    Column("reason", Text),
)
"""Each row with its debt, and what the records alone say against it."""

odd_numbers = _table(
    "odd_numbers",
    Column("phone", Text, primary_key=True),
    Column("reason", Text),
    sqlite_with_rowid=False,
)
"""The numbers that are not plain Hungarian mobiles, and what is against them."""

candidates = _table(
    "candidates",
    Column("phone", Text, nullable=False),
    Column("phone_key", Text, nullable=False),
)
"""The numbers that may be stopped, some of them several times, and their keys."""

stopped = _table(
    "stopped",
    Column("phone", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Those that are, and what is the weightiest against them."""

recent = _table(
    "recent",
    Column("phone", Text, nullable=False),
    Column("customer_id", Text),
    Column("attempted_at", UtcDateTime, nullable=False),
)
"""Reminders of the longest time that a limit looks back."""

too_soon = _table(
    "too_soon",
    Column("line", Integer, primary_key=True, autoincrement=False),
)

judged = _table(
    "judged",
    Column("line", Integer, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("customer_id", Text),
    Column("phone", Text),
    Column("phone_is_of_case", Boolean, nullable=False),
    Column("reason", Text),
)
"""Every row in the order of its number; without a reason it is a recipient."""

shared_phones = _table("shared_phones", Column("phone", Text, primary_key=True))
shared_customers = _table("shared_customers", Column("customer_id", Text, primary_key=True))

contested = _table(
    "contested",
    Column("line", Integer, nullable=False),
    Column("phone", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
)
"""Rows that share their number or their customer with another."""

taken = _table(
    "taken",
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("phone", Text, nullable=False, unique=True),
    Column("customer_id", Text, nullable=False, unique=True),
)
"""Of these the ones that are in: each number and each customer once."""

duplicates = _table(
    "duplicates",
    Column("line", Integer, primary_key=True, autoincrement=False),
)


def set_up(connection: Connection) -> None:
    """Make the empty tables; the connection must not go back to a pool with them."""
    if connection.dialect.name == "sqlite":
        driver = driver_of(connection).connection
        driver.execute("PRAGMA temp_store = FILE")
        driver.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        driver.execute(f"PRAGMA temp.cache_size = -{CACHE_KIB}")
    else:
        connection.execute(text(f"SET temp_buffers = {SERVERS_KIB // 8}"))
        connection.execute(text(f"SET work_mem = {SERVERS_KIB}"))
        connection.execute(text(f"SET default_statistics_target = {STATISTICS}"))
    _metadata.create_all(connection, checkfirst=False)


def add_index(connection: Connection, table: Table, *columns: str) -> None:
    """Index a filled table, which is many times faster than to fill an indexed one."""
    name, names = f"ix_{table.name}_{columns[0]}", ", ".join(columns)
    connection.execute(text(f"CREATE INDEX {name} ON {table.name} ({names})"))


def analyze(connection: Connection, table: Table) -> None:
    """Run ANALYZE on a filled table: PostgreSQL would plan for a small one, row by row.

    SQLite looks rows up one by one in any case.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table.name}"))
