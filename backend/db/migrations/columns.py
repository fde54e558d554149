"""Columns, constraints and indexes that many migrations make alike."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text_column(name: str, *, default: str | None = None) -> "sa.Column[str]":
    """A text that is always there."""
    server_default = None if default is None else sa.text(default)
    return sa.Column(name, sa.Text(), nullable=False, server_default=server_default)


def time_column(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    """A moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of_user(table: str, column: str) -> sa.ForeignKeyConstraint:
    """A column that holds the name of a user."""
    return sa.ForeignKeyConstraint([column], ["users.name"], name=f"fk_{table}_{column}_users")


def one_of(column: str, *words: str) -> str:
    """The condition that the column holds one of these words."""
    return f"{column} IN ({', '.join(map(repr, words))})"


def partial_index(
    name: str, table: str, columns: Sequence[str], condition: str, *, unique: bool = False
) -> None:
    """Make an index of the rows of which the condition is true."""
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
