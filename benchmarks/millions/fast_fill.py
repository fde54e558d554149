"""Filling the tables of a benchmark's records: only what is measured afterwards has to be real."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import Connection, Table, text

from backend.db.tables.records import create_index

CACHE_KIB = 131_072


@contextmanager
def unchecked(connection: Connection, tables: Sequence[Table]) -> Iterator[None]:
    """Let this connection fill the tables and commit, without a look at what rows refer to.

    Their indexes are made anew when all rows are in; the connection does not go back to its pool.
    """
    connection.detach()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(f"SET maintenance_work_mem = {CACHE_KIB}"))
    else:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("PRAGMA synchronous = OFF")
        driver.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    indexes = [index for table in tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        create_index(connection, index)
    connection.commit()


@contextmanager
def told(step: str) -> Iterator[None]:
    """Tell on standard error that a step begins, and how many seconds it took."""
    click.echo(f"{step} …", err=True, nl=False)
    began = time.monotonic()
    yield
    click.echo(f" {time.monotonic() - began:.1f} s", err=True)
