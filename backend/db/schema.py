"""The schema's versions: bringing a database to the newest one, and asking whether it is there.

Alembic is configured here in code, so an installed package migrates without any file beside it.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from backend.db.sqlite.sqlite_engine import create_file
from backend.db.transactions import open_database, read, write
from common.errors import DatabaseUnreachableError, NotMigratedError, RecordsError

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"

_UPGRADE_LOCK = 4_711_202_938
"""Any number that no other program locks in this database (PostgreSQL advisory lock)."""


def upgrade(database: Engine | str) -> None:
    """Bring the database to the newest schema, in one transaction; nothing when it is there.

    Nor when it is newer and this program works with it (see ``require_newest``). Two at the same
    time are safe: the second waits and finds nothing left to do.
    """
    if isinstance(database, str):
        engine = open_database(database)
        try:
            upgrade(engine)
        finally:
            engine.dispose()
        return
    # Read only here: every other command asks for the schema's version, and none migrates.
    from alembic import command

    create_file(database)
    try:
        with write(database) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
            found = _revision(connection)
            if _is_newer_and_fits(connection, found):
                return
            _require_known(database, found)
            command.upgrade(_config(connection), "head")
    except DBAPIError as error:
        raise unreachable(database, error) from error


def require_newest(engine: Engine, *, or_newer: bool = True) -> None:
    """Raise ``NotMigratedError`` unless the database has this program's newest schema.

    A newer one does, too, if it says that it works with programs of this age: so a release goes on
    while the next one is started (``migrations/older_programs.py``). Who has to know every table
    takes none (``or_newer``). Any other that is newer than the program is told as such: no upgrade
    would help.
    """
    try:
        with read(engine) as connection:
            found = _revision(connection)
            if found == newest() or (or_newer and _is_newer_and_fits(connection, found)):
                return
    except DBAPIError as error:
        raise unreachable(engine, error) from error
    _require_known(engine, found)
    raise NotMigratedError(
        f"The database {describe(engine)} has not the newest schema. Run: zoldszam db upgrade"
    )


def newest() -> str | None:
    """The newest revision that this program knows."""
    return next(iter(_known_revisions()), None)


@cache
def _known_revisions() -> tuple[str, ...]:
    """The newest first, by the names of their files, which begin with the revision."""
    files = sorted(_MIGRATIONS.glob("versions/r[0-9]*.py"), reverse=True)
    return tuple(file.name[1:5] for file in files)


def describe(engine: Engine) -> str:
    """The database's address without its password, which may also stand in its query."""
    return engine.url.set(query={}).render_as_string(hide_password=True)


def unreachable(engine: Engine, error: DBAPIError) -> RecordsError:
    """The driver's complaint as one sentence for a person."""
    reason = " ".join(str(error.orig).split())
    return DatabaseUnreachableError(
        f"The database {describe(engine)} cannot be used: {reason}. Check DATABASE_URL."
    )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _is_newer_and_fits(connection: Connection, revision: str | None) -> bool:
    if revision is None or revision in _known_revisions():
        return False
    columns = {column["name"] for column in inspect(connection).get_columns("alembic_version")}
    if "works_from" not in columns:
        return False
    oldest: str | None = connection.scalar(text("SELECT works_from FROM alembic_version"))
    # Revisions are numbers of four digits; their order is that of their text.
    return oldest is not None and oldest <= (newest() or "")


def _require_known(engine: Engine, revision: str | None) -> None:
    if revision is not None and revision not in _known_revisions():
        raise NotMigratedError(
            f"The database {describe(engine)} is newer than this program: its schema is "
            f"{revision}, and this program knows none after {newest()}. Install the version of "
            "the program that the database was upgraded with."
        )


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
