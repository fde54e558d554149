"""Acts are never changed or deleted: the database itself refuses it.

Network addresses that were written to them are taken out; from now on they are fingerprints.
"""

from alembic import op

revision = "0020"
down_revision = "0019"

_REFUSED = "acts are never changed or deleted"


def upgrade() -> None:
    """Make the triggers; on PostgreSQL they call one function."""
    op.execute("UPDATE acts SET address = NULL")
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER acts_no_{what.lower()} BEFORE {what} ON acts"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_to_change_acts() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER acts_are_kept BEFORE UPDATE OR DELETE ON acts"
        " FOR EACH ROW EXECUTE FUNCTION refuse_to_change_acts()"
    )
