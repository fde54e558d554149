"""What the commands share: opening the database, telephone numbers."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from backend.db.failures import telling_failures
from backend.db.schema import require_newest, unreachable
from backend.db.sqlite_engine import DEFAULT_URL
from backend.db.transactions import open_database, read, write
from cli.support.arguments import Utf8
from common.csv_files import Progress
from common.phone_numbers import NotAPhoneNumberError, require_in_plan, to_e164
from common.timezone import in_budapest
from settings import Settings

_LONG_FILE = 1_000_000
"""From this many bytes on an import takes long enough to be watched."""

database_option = click.option(
    "--database",
    type=Utf8(),
    envvar="DATABASE_URL",
    default=lambda: Settings.from_environment().database_url,
    show_default=DEFAULT_URL,
    metavar="URL",
    help="The database; also the variables DATABASE_URL and DATABASE_URL_FILE.",
)

by_option = click.option("--by", required=True, metavar="USER", help="Who does it.")


def telephone(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Any:
    """Callback for a number in any usual Hungarian spelling: gives it in E.164."""
    if text is None:
        return None
    try:
        return to_e164(text)
    except NotAPhoneNumberError as error:
        raise click.BadParameter(f'"{text}" {error}') from error


def telephone_in_plan(context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
    """Callback like ``telephone`` that refuses a Hungarian number with a digit missing."""
    number = telephone(context, parameter, text)
    try:
        return None if number is None else require_in_plan(number)
    except NotAPhoneNumberError as error:
        raise click.BadParameter(f'"{text}" {error}') from error


@contextmanager
def opened(database: str) -> Iterator[Engine]:
    """The database at that address; a failure of its driver becomes a ``RecordsError``."""
    engine = open_database(database, secret=Settings.from_environment().secret_key)
    try:
        with telling_failures():
            yield engine
    except DBAPIError as error:
        raise unreachable(engine, error) from error
    finally:
        engine.dispose()


@contextmanager
def writing(database: str) -> Iterator[Connection]:
    """One write transaction on a database that has the newest schema."""
    with opened(database) as engine:
        require_newest(engine)
        with write(engine) as connection:
            yield connection


@contextmanager
def reading(database: str) -> Iterator[Connection]:
    """One consistent view of a database that has the newest schema."""
    with opened(database) as engine:
        require_newest(engine)
        with read(engine) as connection:
            yield connection


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on a terminal while a long file is read; nothing elsewhere."""
    terminal = sys.stderr
    with ExitStack() as bars:
        shown: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            # Of a long file the steps that follow its reading are shown as well.
            if not terminal.isatty() or (total < _LONG_FILE and not shown):
                return
            if name not in shown:
                bars.close()
                bar = click.progressbar(length=total, label=name, file=terminal)
                shown[name] = bars.enter_context(bar)
            shown[name].update(done - shown[name].pos)

        yield report


def clock(moment: datetime) -> str:
    """A moment as a person in Budapest writes it, to the minute."""
    return f"{in_budapest(moment):%Y-%m-%d %H:%M}"


def counted(number: int, noun: str) -> str:
    """``1 segment``, ``2 segments``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
