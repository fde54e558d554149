"""The records as tables. The statements that work on them stand beside their subjects.

Everything above ``requests`` comes in by import; the rest is what callers did. Nothing refers
from a request to a customer or site by key: the ledger outlives the rows that it speaks of.
"""

from collections.abc import Sequence
from typing import get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    not_,
    text,
)

from backend.db.tables.column_types import UtcDateTime
from backend.interface.codes import Billing, DebtStatus, PartialBilling, Service

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY.
RowNumber = BigInteger().with_variant(Integer, "sqlite")
CallSid = String(128)
"""Opaque text of the telephone company: never parsed, never assumed to be 34 characters."""


def one_of(column: str, *values: str) -> CheckConstraint:
    """A constraint that lets only these words into a column of text."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


CONDITION = "condition"
"""What ``Index.info`` has of a partial index: which are its rows."""


def partial_index(
    name: str,
    table: Table,
    columns: Sequence[str],
    condition: str | ColumnElement[bool],
    *,
    unique: bool = False,
) -> Index:
    """Declare an index of the rows of which the condition is true; the migrations make it.

    As an option of a dialect (``postgresql_where``) the condition would load that dialect, with all
    its drivers' modules, into every command that works on SQLite.
    """
    info = {CONDITION: text(condition) if isinstance(condition, str) else condition}
    return Index(name, *(table.c[column] for column in columns), unique=unique, info=info)


def create_index(connection: Connection, index: Index) -> None:
    """Make an index that was dropped for a while again, as the migrations make it."""
    condition = index.info.get(CONDITION)
    if condition is not None:
        # The dialect of a connection is loaded already.
        index.dialect_options[connection.dialect.name]["where"] = condition
    index.create(connection)


customers = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text, index=True),
    Column("language", Text, nullable=False),
    Column("direct_debit", Boolean, nullable=False),
    Column("payment_day", Integer),
    Column("protected", Boolean, nullable=False),
    Column("invoice_numbers", Text),
    CheckConstraint("payment_day BETWEEN 1 AND 27", name="payment_day"),
)
"""``invoice_numbers``, with blanks between them, prove district-heating customers (rule ES-06)."""

sites = Table(
    "sites",
    metadata,
    Column("site_id", Text, primary_key=True),
    Column("customer_id", Text, ForeignKey(customers.c.customer_id), nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("billing", Text, nullable=False),
    Column("partial_kwh_per_month", Integer),
    Column("partial_billing", Text, nullable=False),
    one_of("service", *get_args(Service)),
    one_of("billing", *get_args(Billing)),
    one_of("partial_billing", *get_args(PartialBilling)),
)

windows = Table(
    "windows",
    metadata,
    Column("site_id", Text, ForeignKey(sites.c.site_id), primary_key=True),
    Column("opens", Date, primary_key=True),
    Column("closes", Date, nullable=False),
    CheckConstraint("opens <= closes", name="order"),
)

meters = Table(
    "meters",
    metadata,
    Column("site_id", Text, ForeignKey(sites.c.site_id), primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("register", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("digits", Integer, nullable=False),
    Column("last_value", Integer, nullable=False),
    Column("last_read_on", Date, nullable=False),
    Column("daily_average", Float, nullable=False),
    Column("max_amperes", Integer),
)
"""One row a register; the registers of one meter share its serial and label."""


debts = Table(
    "debts",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("customer_id", Text, ForeignKey(customers.c.customer_id), nullable=False, index=True),
    Column("phone", Text),
    Column("status", Text, nullable=False),
    Column("overdue_since", Date, nullable=False),
    one_of("status", *DebtStatus),
)
"""A case is ``closed`` when a complete ``debts.csv`` does not have it any more."""

requests = Table(
    "requests",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("receipt", String(8), nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("customer_id", Text),
    Column("site_id", Text),
    Column("data", JSON, nullable=False),
    Column("effective_from", Date),
    Column("channel", Text, nullable=False),
    Column("call_sid", CallSid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("exported_at", UtcDateTime),
    Index(None, "created_at", "number"),
    Index("ix_requests_customer_id", "customer_id", "kind"),
)
"""The ledger: each thing that a caller did. ``number`` tells the order within one moment."""

partial_index("ix_requests_not_exported", requests, ["number"], "exported_at IS NULL")

partial_index("ix_requests_call_sid", requests, ["call_sid"], "call_sid IS NOT NULL")

readings = Table(
    "readings",
    metadata,
    Column("receipt", String(8), ForeignKey(requests.c.receipt), primary_key=True),
    Column("site_id", Text, nullable=False, index=True),
    Column("serial", Text, nullable=False),
    Column("register", Text, nullable=False),
    Column("window_opens", Date, nullable=False),
    Column("value", Integer, nullable=False),
    Column("read_on", Date, nullable=False),
    Column("superseded_at", UtcDateTime),
    Column("superseded_by", String(8), ForeignKey(requests.c.receipt)),
)
"""Readings with their history: of each register and window one is valid, the last."""

partial_index(
    "uq_readings_valid",
    readings,
    ["site_id", "serial", "register", "window_opens"],
    "superseded_at IS NULL",
    unique=True,
)

identification_failures = Table(
    "identification_failures",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("call_sid", CallSid, nullable=False, index=True),
    Column("caller_key", Text),
    Column("site_key", Text, nullable=False),
    Column("only_asked", Boolean, nullable=False),
    Column("cleared", Boolean, nullable=False, server_default=false()),
    Index(None, "caller_key", "only_asked", "at"),
)
"""Failed identifications, and ids that were asked about and not proven (``only_asked``).

``cleared`` failures count no more for their call, because it has identified a site since. Both keys
are keyed hashes, so that the table names nobody.
"""

# A site that many ask about has few failures, and those are what is counted of it.
partial_index(
    "ix_identification_failures_failed",
    identification_failures,
    ["site_key", "at"],
    not_(identification_failures.c.only_asked),
)

proven_callers = Table(
    "proven_callers",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("caller_key", Text, nullable=False),
    Column("site_key", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("caller_key", "site_key"),
)
"""Which numbers have identified which sites with a proof, and when last; keyed hashes both."""

callers = Table(
    "callers",
    metadata,
    Column("caller_key", Text, primary_key=True),
    Column("language", Text),
    Column("slow", Boolean, nullable=False, server_default=false()),
    Column("left_undone", Text),
    Column("left_on", Text),
    Column("left_at_site", Text),
    Column("left_at", UtcDateTime),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""How a number is spoken to, as it chose by key, and what its last call left undone.

``caller_key`` and ``left_at_site`` are hashes that name nobody; ``left_undone`` is a node's id and
``left_on`` the service of its line.
"""

calls = Table(
    "calls",
    metadata,
    Column("call_sid", CallSid, primary_key=True),
    Column("reference", String(8), nullable=False, unique=True),
    Column("caller_key", Text),
    Column("dialled", Text),
    Column("tree_hash", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False, index=True),
    Column("agent_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("outcome", Text),
    Column("desk", Text),
)

turns = Table(
    "turns",
    metadata,
    Column("call_sid", CallSid, ForeignKey(calls.c.call_sid, ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("place", Text, nullable=False),
    Column("heard", Text),
    sqlite_with_rowid=False,
)
"""A call's transcript. ``heard`` is JSON while the call lasts and NULL once it has ended."""
