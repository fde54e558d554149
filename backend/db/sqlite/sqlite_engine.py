"""Opening SQLite: one file of one machine, readable by its owner only.

A file is made by ``create_file`` alone, so that a command in the wrong folder says so and does not
go on with a fresh, empty database.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from backend.db.deadline import at_most
from backend.db.default_url import DEFAULT_URL
from backend.db.durability import flush_names
from backend.db.failures import telling_failures
from backend.db.pool import pooled_engine
from common.errors import ConfigurationError, DatabaseMissingError

BUSY_SECONDS = 10
"""How long a writer of a command waits for the others; a webhook's has its own budget."""

LOG_PAGES = 16_000
"""So many pages of the log, 64 MB, make a commit move them: usually ``checkpoints`` does before."""

PAGE_BYTES = 4096
"""Of a page of the database."""

_STEP_SECONDS = 0.5
_WAIT = "zoldszam_busy_timeout"
"""Under what a pooled connection keeps how long it waits, in milliseconds."""

READ_ONLY = "zoldszam_read_only"
"""An execution option: the transaction takes no lock, and what it reads holds nobody up."""


def open_sqlite(url: URL) -> Engine:
    """Make the engine; connecting raises ``DatabaseMissingError`` where there is no file."""
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "DATABASE_URL names no file. Write sqlite:/// and then the file, for example "
            f"{DEFAULT_URL}."
        )
    engine = pooled_engine(url.set(drivername="sqlite"))
    event.listen(engine, "do_connect", _look_for_file)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def create_file(engine: Engine) -> None:
    """Make the database's file where there is none; empty, and readable by its owner only.

    SQLite gives its log and its shared memory the rights of the database. Raises
    ``ConfigurationError`` when it cannot be made.
    """
    if engine.dialect.name == "sqlite":
        make_private_file(Path(str(engine.url.database)))


def make_private_file(file: Path) -> None:
    """Make an empty file, with its folder, for its owner only; one that is there stays as it is.

    Raises ``ConfigurationError`` when it cannot be made.
    """
    try:
        make_private_folder(file.parent)
        with suppress(FileExistsError):
            made = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            # Whatever the umask takes away or leaves.
            os.fchmod(made, 0o600)
            os.close(made)
    except OSError as error:
        raise ConfigurationError(
            f'The database "{file}" cannot be made: {error.strerror}. '
            "Name another file in DATABASE_URL."
        ) from error


def make_private_folder(folder: Path) -> None:
    """Make the folder, and those above it, for its owner only; one that is there stays as it is."""
    if folder.exists():
        return
    make_private_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)


def limit_wait(pooled: PoolProxiedConnection) -> None:
    """Let this connection of the driver wait for locks as long as the budget lasts."""
    # In steps: each number is a statement of its own in the driver's small cache.
    steps = ceil(at_most(BUSY_SECONDS) / _STEP_SECONDS)
    _wait_for(pooled, int(steps * _STEP_SECONDS * 1000))


def _wait_for(pooled: PoolProxiedConnection, milliseconds: int) -> None:
    if pooled.info.get(_WAIT) != milliseconds:
        driver: Any = pooled.dbapi_connection
        driver.execute(f"PRAGMA busy_timeout = {milliseconds}")
        pooled.info[_WAIT] = milliseconds


def empty_log(engine: Engine) -> bool:
    """Empty SQLite's write-ahead log, where what was erased can still be read; whether it is empty.

    Waits for nobody: while somebody reads or writes it is left to the next time. What can be moved
    to the database without holding writers up is moved first.
    """
    return engine.dialect.name != "sqlite" or _checkpoint(engine, "PASSIVE", "TRUNCATE")


def restart_log(engine: Engine) -> bool:
    """Have the next writer begin SQLite's log anew, over what is in it; whether it will.

    Waits for nobody. The file keeps its size: where it grows, each flush of it takes longer.
    """
    return _checkpoint(engine, "RESTART")


def _checkpoint(engine: Engine, *kinds: str) -> bool:
    """Run checkpoints that wait for nobody; whether nobody was in the way of the last."""
    pooled = engine.raw_connection()
    try:
        connection: Any = pooled.dbapi_connection
        _wait_for(pooled, 0)
        for kind in kinds:
            busy, *_ = connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()
        limit_wait(pooled)
    finally:
        pooled.close()
    return not busy


def move_log(engine: Engine) -> int:
    """Move what is in SQLite's log to the database, holding nobody up; the log's pages.

    Raises the driver's errors.
    """
    pooled = engine.raw_connection()
    try:
        connection: Any = pooled.dbapi_connection
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        pooled.close()
    return int(pages)


def _look_for_file(
    _dialect: Dialect, _entry: ConnectionPoolEntry, given: Sequence[Any], named: dict[str, Any]
) -> None:
    named["timeout"] = at_most(BUSY_SECONDS)
    file = Path(given[0])
    if file.exists():
        return
    if file == Path(DEFAULT_URL.removeprefix("sqlite:///")).absolute():
        why = "where it is looked for as neither DATABASE_URL nor --database names another"
    else:
        why = "which DATABASE_URL or --database names"
    raise DatabaseMissingError(
        f'There is no database at "{file.absolute()}", {why}. Change to the right folder, name the '
        "right one, or make this one: zoldszam db upgrade"
    )


def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # Python's driver would begin transactions by itself, late and without a lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # A commit waits for no disk; what is promised afterwards calls ``flush`` (decision 0008).
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    # What a large import has made longer is cut when the log begins anew.
    cursor.execute(f"PRAGMA journal_size_limit = {LOG_PAGES * PAGE_BYTES}")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is erased is overwritten, not only marked as free.
    cursor.execute("PRAGMA secure_delete = ON")
    (_, _, file), *_ = cursor.execute("PRAGMA database_list").fetchall()
    cursor.close()
    flush_names(file)


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail, not wait, when another has
    # written in between; so every one that may write takes the lock at once.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    # Straight to the driver: a tenth of the cost of the same statement through SQLAlchemy.
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:
        return  # ``transaction_on`` has begun it
    with telling_failures():
        limit_wait(connection.connection)
        driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
