"""What a migration says of programs that are older than it.

They work with whatever only adds: tables, indexes, columns that may be left out. A migration that
does more says by ``works_from`` which programs still do; the others are not ready from then on. So
does one that adds what holds something of a person: an older program would not erase it.
"""

import sqlalchemy as sa
from alembic import op


def works_from(revision: str) -> None:
    """Shut out programs whose newest revision is before this one."""
    op.execute(
        sa.text("UPDATE alembic_version SET works_from = :revision").bindparams(revision=revision)
    )
