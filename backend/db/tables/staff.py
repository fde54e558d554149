"""Tables of the console: sessions, ways to log in, failures to log in, drafts and jobs."""

from typing import get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backend.db.tables.column_types import UtcDateTime
from backend.db.tables.messages import users
from backend.db.tables.records import RowNumber, metadata, one_of
from backend.interface.codes import DraftKind, JobState, LoginProof, PasskeyPurpose

sessions = Table(
    "sessions",
    metadata,
    Column("session_key", Text, primary_key=True),
    Column("name", Text, ForeignKey(users.c.name), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("proved_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("address", Text, nullable=False),
    Column("way", Text, nullable=False, server_default=text("'password'")),
)
"""Who is logged in. ``session_key`` is the SHA-256 of what the browser holds.

``proved_at`` is when the password, or an enrolled second factor, was last given; NULL while that
factor is still owed. ``way`` is one of ``backend.staff.authentication.sessions.Way``.
"""

login_failures = Table(
    "login_failures",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    one_of("kind", *get_args(LoginProof)),
    Index(None, "name_key", "kind"),
    Index(None, "address_key", "at"),
)
"""Wrong passwords and codes since the last right one; both keys are keyed hashes."""

second_factors = Table(
    "second_factors",
    metadata,
    Column("name", Text, ForeignKey(users.c.name), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
)
"""TOTP secrets, encrypted; ``last_step`` is the 30 seconds whose code was used last."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_key", Text, primary_key=True),
    Column("name", Text, ForeignKey(users.c.name), nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("passkey_key", Text, primary_key=True),
    Column("name", Text, ForeignKey(users.c.name), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("credential_id", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)
"""Passkeys as second factors; ``passkey_key`` is the SHA-256 of the credential's id."""

passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("challenge", Text, primary_key=True),
    Column("session_key", Text, nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    one_of("purpose", *get_args(PasskeyPurpose)),
)
"""What a passkey has to sign next, in that session; deleted by the first answer to it."""

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("name", Text, ForeignKey(users.c.name), nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    Column("linked_by", Text, nullable=False),
    UniqueConstraint("name", "issuer"),
)
"""Who a user is at an identity provider, as an administrator has linked them."""

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("by", Text, ForeignKey(users.c.name), nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    one_of("kind", *get_args(DraftKind)),
)
"""What somebody has begun to write; ``version`` grows with each save.

``step`` is where its author has got to; of a template its name, of a note the number of its task.
"""

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("by", Text, ForeignKey(users.c.name), nullable=False, index=True),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("data", JSON, nullable=False),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer),
    Column("result", JSON),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("stage", Text),
    Column("worker", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    one_of("state", *JobState),
    Index(None, "state"),
)
"""Work that takes longer than a page: done by a worker, followed by its row.

``stage`` names what ``done`` of ``total`` counts; ``worker`` is who has it; ``attempts`` counts
the workers that have begun it.
"""

workers = Table(
    "workers",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""The worker processes, each under a name that it has drawn, and when it was last there."""

recurring_work = Table(
    "recurring_work",
    metadata,
    Column("name", Text, primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("holder", Text),
)
"""When each work that is done once a deployment is due next.

While it is being done, ``due_at`` is the end of the lease of ``holder``, a name drawn each time.
"""

stored_files = Table(
    "stored_files",
    metadata,
    Column("file_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("by", Text, ForeignKey(users.c.name), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)
"""What staff have loaded up, and what a job has made for them to load down; kept for a day."""

stored_file_parts = Table(
    "stored_file_parts",
    metadata,
    Column(
        "file_id",
        Text,
        ForeignKey(stored_files.c.file_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
"""The bytes of a stored file, in compressed parts."""

form_keys = Table(
    "form_keys",
    metadata,
    Column("form_key", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("location", Text),
)
"""Forms that were sent, so that a second press repeats the answer and not the act."""
