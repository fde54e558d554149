"""What jobs need: which worker has one, which workers are there, and the files they work on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the tables of workers and stored files, and add what a job tells of itself."""
    op.add_column("jobs", sa.Column("stage", sa.Text()))
    op.add_column("jobs", sa.Column("worker", sa.Text()))
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "workers",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_workers"),
    )
    op.create_table(
        "stored_files",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_stored_files"),
        sa.ForeignKeyConstraint(["by"], ["users.name"], name="fk_stored_files_by_users"),
    )
    op.create_index("ix_stored_files_created_at", "stored_files", ["created_at"])
    op.create_table(
        "stored_file_parts",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "part", name="pk_stored_file_parts"),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_files.file_id"],
            name="fk_stored_file_parts_file_id_stored_files",
            ondelete="CASCADE",
        ),
    )
