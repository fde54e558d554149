"""What the console keeps: sessions, second factors, failures to log in, drafts, jobs, form keys."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber, of_user, text_column, time_column

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables, and add a user's language and where an act was done from."""
    op.add_column("users", sa.Column("language", sa.Text()))
    op.add_column("users", sa.Column("password_set_at", sa.DateTime(timezone=True)))
    op.add_column("acts", sa.Column("session", sa.Text()))
    op.add_column("acts", sa.Column("address", sa.Text()))
    op.create_index("ix_acts_by_number", "acts", ["by", "number"])
    _make_login_tables()
    _make_work_tables()


def _make_login_tables() -> None:
    op.create_table(
        "sessions",
        text_column("session_key"),
        text_column("name"),
        time_column("created_at", nullable=False),
        time_column("seen_at", nullable=False),
        time_column("proved_at"),
        time_column("ended_at"),
        text_column("address"),
        sa.PrimaryKeyConstraint("session_key", name="pk_sessions"),
        of_user("sessions", "name"),
    )
    op.create_index("ix_sessions_name", "sessions", ["name"])
    op.create_index("ix_sessions_created_at", "sessions", ["created_at"])
    op.create_table(
        "login_failures",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        text_column("kind"),
        text_column("name_key"),
        text_column("address_key"),
        time_column("at", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_login_failures"),
        sa.CheckConstraint("kind IN ('password', 'code')", name=op.f("ck_login_failures_kind")),
    )
    op.create_index("ix_login_failures_at", "login_failures", ["at"])
    op.create_index("ix_login_failures_name_key_kind", "login_failures", ["name_key", "kind"])
    op.create_index("ix_login_failures_address_key_at", "login_failures", ["address_key", "at"])
    op.create_table(
        "second_factors",
        text_column("name"),
        text_column("secret"),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        time_column("created_at", nullable=False),
        time_column("confirmed_at"),
        sa.PrimaryKeyConstraint("name", name="pk_second_factors"),
        of_user("second_factors", "name"),
    )
    op.create_table(
        "recovery_codes",
        text_column("code_key"),
        text_column("name"),
        time_column("used_at"),
        sa.PrimaryKeyConstraint("code_key", name="pk_recovery_codes"),
        of_user("recovery_codes", "name"),
    )
    op.create_index("ix_recovery_codes_name", "recovery_codes", ["name"])


def _make_work_tables() -> None:
    op.create_table(
        "drafts",
        text_column("draft_id"),
        text_column("kind"),
        text_column("by"),
        text_column("step"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        time_column("created_at", nullable=False),
        time_column("updated_at", nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
        sa.CheckConstraint(
            "kind IN ('campaign', 'template', 'reply')", name=op.f("ck_drafts_kind")
        ),
        of_user("drafts", "by"),
    )
    op.create_index("ix_drafts_by", "drafts", ["by"])
    op.create_table(
        "jobs",
        text_column("job_id"),
        text_column("kind"),
        text_column("by"),
        text_column("state", default="'waiting'"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("total", sa.Integer()),
        sa.Column("result", sa.JSON()),
        time_column("created_at", nullable=False),
        time_column("started_at"),
        time_column("finished_at"),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_jobs_state")
        ),
        of_user("jobs", "by"),
    )
    op.create_index("ix_jobs_by", "jobs", ["by"])
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])
    op.create_table(
        "form_keys",
        text_column("form_key"),
        text_column("by"),
        time_column("at", nullable=False),
        sa.Column("location", sa.Text()),
        sa.PrimaryKeyConstraint("form_key", name="pk_form_keys"),
    )
    op.create_index("ix_form_keys_at", "form_keys", ["at"])
