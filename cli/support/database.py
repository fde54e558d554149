"""The database of a command: its option, and how it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from backend.db.default_url import DEFAULT_URL
from backend.db.failures import telling_failures
from backend.db.schema import require_newest, unreachable
from backend.db.transactions import open_database, read, write
from cli.support.arguments import Utf8
from settings_environment import database_settings

database_option = click.option(
    "--database",
    type=Utf8(),
    envvar="DATABASE_URL",
    default=lambda: database_settings().url,
    show_default=DEFAULT_URL,
    metavar="URL",
    help="The database; also the variables DATABASE_URL and DATABASE_URL_FILE.",
)


@contextmanager
def opened(database: str) -> Iterator[Engine]:
    """The database at that address; a failure of its driver becomes a ``RecordsError``."""
    engine = open_database(database, secret=database_settings().secret_key)
    try:
        with telling_failures():
            yield engine
    except DBAPIError as error:
        raise unreachable(engine, error) from error
    finally:
        engine.dispose()


@contextmanager
def ready(database: str) -> Iterator[Engine]:
    """As ``opened``, of a database that has the newest schema; any other is a ``RecordsError``."""
    with opened(database) as engine:
        require_newest(engine)
        yield engine


@contextmanager
def writing(database: str) -> Iterator[Connection]:
    """One write transaction on a database that is ``ready``."""
    with ready(database) as engine, write(engine) as connection:
        yield connection


@contextmanager
def reading(database: str) -> Iterator[Connection]:
    """One consistent view of a database that is ``ready``."""
    with ready(database) as engine, read(engine) as connection:
        yield connection
