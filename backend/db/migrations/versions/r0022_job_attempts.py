"""How often a job was begun; values of faulty lists leave the rows of the jobs that met them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the count, and take the values out of what has failed."""
    op.add_column("jobs", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    jobs = sa.table("jobs", sa.column("job_id"), sa.column("state"), sa.column("result", sa.JSON))
    connection = op.get_bind()
    failed = sa.select(jobs.c.job_id, jobs.c.result).where(jobs.c.state == "failed")
    for job_id, result in connection.execute(failed).all():
        if result is None:
            continue
        parameters = dict(result.get("parameters", {}))
        parameters.pop("listed", None)
        kept = {"code": result.get("code"), "parameters": parameters}
        connection.execute(sa.update(jobs).where(jobs.c.job_id == job_id).values(result=kept))
