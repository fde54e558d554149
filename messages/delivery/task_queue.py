"""Task queue (Huey): beside the records, or on the broker that ``BROKER_URL`` names."""

from pathlib import Path

from huey import PostgresHuey, RedisHuey, SqliteHuey
from huey.api import Huey
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from backend.db.sqlite.sqlite_engine import make_private_file
from common.errors import ConfigurationError

NAME = "zoldszam"
_HINT = "Write sqlite:///FILE, postgresql://… or redis://…, or unset it: no broker is needed."


def open_engine(database_url: str, broker_url: str | None) -> Huey:
    """The engine of a deployment; it needs no broker.

    On SQLite it lives in a file beside the records', on PostgreSQL in tables of its own in the
    same database. Raises ``ConfigurationError`` for a broker that cannot be used.
    """
    try:
        url = make_url(broker_url or database_url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"BROKER_URL is no address. {_HINT}") from None
    match url.get_backend_name():
        case "sqlite":
            records = Path(url.database or "zoldszam.db")
            file = records.with_name(f"{records.stem}-engine.db")
            make_private_file(file)
            return SqliteHuey(NAME, results=False, filename=str(file))
        case "postgresql" | "postgres":
            dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
            return PostgresHuey(NAME, results=False, blocking=False, dsn=dsn)
        case "redis" | "rediss":
            try:
                return RedisHuey(NAME, results=False, blocking=False, url=broker_url)
            except Exception as error:
                raise ConfigurationError(
                    "BROKER_URL names a Redis, and the package redis is not installed or the "
                    "server does not answer. Install it, or unset BROKER_URL: none is needed."
                ) from error
        case other:
            raise ConfigurationError(f'BROKER_URL begins with "{other}:". {_HINT}')
