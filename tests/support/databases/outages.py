"""Databases that stop, go away for a while, or are held locked by somebody else."""

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any

import psycopg
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.databases.database import Database

_END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def stopped(database: Database) -> Iterator[None]:
    """The server's processes stand still: the network answers, and nobody else does."""
    with _admin(database) as connection:
        folder = connection.scalar(text("SHOW data_directory"))
        serving = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        found = connection.scalars(text(serving)).all()
    postmaster = int((Path(str(folder)) / "postmaster.pid").read_text().split()[0])
    processes = [*found, postmaster]
    try:
        _signal(processes, signal.SIGSTOP)
        yield
    finally:
        _signal(processes, signal.SIGCONT)


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        # The session that asked ends meanwhile.
        with suppress(ProcessLookupError):
            os.kill(process, number)


@contextmanager
def away_for(database: Database, seconds: float) -> Iterator[None]:
    """The server ends every connection and takes no new one for so long."""
    folder = Path(str(database.engine.url.query["host"]))
    socket, hidden = folder / ".s.PGSQL.5432", folder / "hidden"
    with _admin(database) as connection:
        socket.rename(hidden)
        connection.execute(text(_END_ALL))
    back = Timer(seconds, lambda: hidden.rename(socket))
    back.start()
    try:
        yield
    finally:
        back.join()


@contextmanager
def locked(database: Database, table: str = "turns") -> Iterator[None]:
    """Somebody else holds the whole database, or on PostgreSQL the table, locked."""
    if database.kind == "postgresql":
        with _admin(database) as connection, connection.begin():
            connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            yield
        return
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def _admin(database: Database) -> Iterator[Connection]:
    engine = create_engine(
        database.url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_connection_left(database: Database) -> Iterator[None]:
    """Others hold every connection that the server takes."""
    held: list[psycopg.Connection[Any]] = []
    address = database.url.replace("postgresql+psycopg://", "postgresql://")
    try:
        with suppress(psycopg.OperationalError):
            while True:
                held.append(psycopg.connect(address))
        yield
    finally:
        for connection in held:
            connection.close()


def close_all_connections(database: Database) -> None:
    """The server ends every connection to the database, as at its restart."""
    with _admin(database) as connection:
        connection.execute(text(_END_ALL))
