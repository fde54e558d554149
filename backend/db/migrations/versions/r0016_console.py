"""What the console keeps: sessions, second factors, failures to log in, drafts, jobs, form keys."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and add a user's language and where an act was done from."""
    op.add_column("users", sa.Column("language", sa.Text()))
    op.add_column("users", sa.Column("password_set_at", sa.DateTime(timezone=True)))
    op.add_column("acts", sa.Column("session", sa.Text()))
    op.add_column("acts", sa.Column("address", sa.Text()))
    op.create_index("ix_acts_by_number", "acts", ["by", "number"])
    _make_login_tables()
    _make_work_tables()


def _time(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> "sa.Column[str]":
    server_default = None if default is None else sa.text(default)
    return sa.Column(name, sa.Text(), nullable=nullable, server_default=server_default)


def _of_user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.name"], name=f"fk_{table}_{column}_users")


def _make_login_tables() -> None:
    op.create_table(
        "sessions",
        _text("session_key"),
        _text("name"),
        _time("created_at", nullable=False),
        _time("seen_at", nullable=False),
        _time("proved_at"),
        _time("ended_at"),
        _text("address"),
        sa.PrimaryKeyConstraint("session_key", name="pk_sessions"),
        _of_user("sessions", "name"),
    )
    op.create_index("ix_sessions_name", "sessions", ["name"])
    op.create_index("ix_sessions_created_at", "sessions", ["created_at"])
    op.create_table(
        "login_failures",
        sa.Column("number", _ROW_NUMBER, autoincrement=True, nullable=False),
        _text("kind"),
        _text("name_key"),
        _text("address_key"),
        _time("at", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_login_failures"),
        sa.CheckConstraint("kind IN ('password', 'code')", name=op.f("ck_login_failures_kind")),
    )
    op.create_index("ix_login_failures_at", "login_failures", ["at"])
    op.create_index("ix_login_failures_name_key_kind", "login_failures", ["name_key", "kind"])
    op.create_index("ix_login_failures_address_key_at", "login_failures", ["address_key", "at"])
    op.create_table(
        "second_factors",
        _text("name"),
        _text("secret"),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        _time("created_at", nullable=False),
        _time("confirmed_at"),
        sa.PrimaryKeyConstraint("name", name="pk_second_factors"),
        _of_user("second_factors", "name"),
    )
    op.create_table(
        "recovery_codes",
        _text("code_key"),
        _text("name"),
        _time("used_at"),
        sa.PrimaryKeyConstraint("code_key", name="pk_recovery_codes"),
        _of_user("recovery_codes", "name"),
    )
    op.create_index("ix_recovery_codes_name", "recovery_codes", ["name"])


def _make_work_tables() -> None:
    op.create_table(
        "drafts",
        _text("draft_id"),
        _text("kind"),
        _text("by"),
        _text("step"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        _time("created_at", nullable=False),
        _time("updated_at", nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
        sa.CheckConstraint(
            "kind IN ('campaign', 'template', 'reply')", name=op.f("ck_drafts_kind")
        ),
        _of_user("drafts", "by"),
    )
    op.create_index("ix_drafts_by", "drafts", ["by"])
    op.create_table(
        "jobs",
        _text("job_id"),
        _text("kind"),
        _text("by"),
        _text("state", default="'waiting'"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("total", sa.Integer()),
        sa.Column("result", sa.JSON()),
        _time("created_at", nullable=False),
        _time("started_at"),
        _time("finished_at"),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_jobs_state")
        ),
        _of_user("jobs", "by"),
    )
    op.create_index("ix_jobs_by", "jobs", ["by"])
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])
    op.create_table(
        "form_keys",
        _text("form_key"),
        _text("by"),
        _time("at", nullable=False),
        _text("location", nullable=True),
        sa.PrimaryKeyConstraint("form_key", name="pk_form_keys"),
    )
    op.create_index("ix_form_keys_at", "form_keys", ["at"])
