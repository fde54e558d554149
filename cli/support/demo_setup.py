"""The demonstration's own settings and database, which have nothing of a real installation."""

import secrets
import shlex
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom

import click
from argon2 import PasswordHasher
from sqlalchemy import Engine

from backend.db.schema import upgrade
from backend.db.sqlite.sqlite_engine import make_private_file, make_private_folder
from backend.db.transactions import open_database, read, write
from backend.imports.demo_data import write_demo
from backend.imports.importer import import_directory
from backend.interface.codes import Role
from backend.records.suppression.stop_keys import require_stop_keys, rewrap
from backend.staff.administration import add_user
from backend.staff.authentication.login import Desk, choose_password, log_in
from backend.staff.authentication.passwords import new_password
from backend.staff.authentication.sessions import find_session
from backend.staff.users import list_users
from cli.history.people import write_people
from cli.support.local_settings import LOCAL_SETTINGS, NO_ACCOUNT
from common.errors import ConfigurationError
from common.timezone import local_date
from settings import HERE
from settings_environment import given_variables

VAR = Path("var")
DATABASE = VAR / "demo.db"
PAST_FOLDER = VAR / "demo" / "past"
"""The files that the past was made from: customers, and lists of recipients."""
SMS_FROM = "+36209383838"

MADE_BY_THE_DEMO = 0x5A536431
"""``PRAGMA application_id`` of a database that the demonstration made: "ZSd1" in ASCII."""

SECRET_KEY = "the demonstration has no secrets"  # noqa: S105 - nothing here is
_FORMER_KEY = "demonstration"
"""What databases of earlier releases are kept under."""
PASSWORD = "egyszer volt egy villanyora"  # noqa: S105 - it is printed at the start
"""Of every colleague in the demonstration, whose records are made up."""
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hash that takes an attacker long protects no password that is printed; one took us 0.3 s."""
COLLEAGUES = {"anna": Role.SENDER, "bela": Role.APPROVER, "ada": Role.ADMIN, "vera": Role.VIEWER}

BEFORE_THE_PAST = timedelta(days=9)
"""The colleagues of a new demonstration have been there for so long."""

INHERITED = frozenset(
    {
        *("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV"),
        *("PYTHONPATH", "PYTHONUNBUFFERED"),
    }
)
"""All that the demonstration gets of the environment: the rest may be of a real installation."""


def demo_settings(service_url: str, simulator_url: str) -> dict[str, str]:
    """The settings of the demonstration's service, worker and simulator."""
    return {
        "DATABASE_URL": f"sqlite:///{DATABASE.resolve()}",
        "PUBLIC_URL": service_url,
        "LINES_FILE": str(HERE / "lines.yaml"),
        "SECRET_KEY": SECRET_KEY,
        # No balancer asks here.
        "DRAIN_SECONDS": "0",
        # A newcomer may look around before they enrol one.
        "SECOND_FACTOR": "offered",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_ACCOUNT_SID": NO_ACCOUNT,
        "TWILIO_API_URL": simulator_url,
        "WEB_PHONE": f"{simulator_url}/phone",
        "SMS_FROM": SMS_FROM,
        # Nobody is woken by a simulated message.
        "CONTACT_HOURS": "always",
    }


def process_environment(settings: dict[str, str]) -> dict[str, str]:
    """These settings and ``INHERITED``, and nothing else of the environment."""
    inherited = {name: value for name, value in given_variables().items() if name in INHERITED}
    return {**inherited, **settings}


def write_local_settings(settings: dict[str, str]) -> None:
    """Leave the settings for other commands, readable by this user only."""
    make_private_folder(VAR)
    LOCAL_SETTINGS.unlink(missing_ok=True)
    LOCAL_SETTINGS.touch(mode=0o600)
    lines = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    LOCAL_SETTINGS.write_text(lines, "utf-8")


def load_demo_records(database_url: str, now: datetime) -> bool:
    """Set up the demonstration's database and import its customers; whether it is a new one.

    A new one has the customers of the past as well, and colleagues who were there before it.
    Raises ``click.ClickException`` for a file that the demonstration did not make; it stays as it
    is.
    """
    is_new = _claim(DATABASE)
    engine = open_database(database_url, secret=SECRET_KEY)
    try:
        upgrade(engine)
        _take_key(engine)
        _add_colleagues(engine, now - BEFORE_THE_PAST if is_new else now)
        if is_new:
            write_people(PAST_FOLDER, local_date(now))
            import_directory(engine, PAST_FOLDER)
        folder = VAR / "demo"
        write_demo(folder, local_date(now))
        import_directory(engine, folder)
    finally:
        engine.dispose()
    return is_new


def _take_key(engine: Engine) -> None:
    try:
        require_stop_keys(engine)
    except ConfigurationError:
        with write(engine) as connection:
            rewrap(connection, _FORMER_KEY)


def _add_colleagues(engine: Engine, now: datetime) -> None:
    """Add a user of each role with the password that is told, as they would do it themselves."""
    rng = SystemRandom()
    desk = Desk(engine, SECRET_KEY, rng, lambda: now, _QUICK)
    with read(engine) as connection:
        known = {user.name.lower() for user in list_users(connection)}
    for name, role in COLLEAGUES.items():
        if name in known:
            continue
        made = new_password(rng, _QUICK)
        with write(engine) as connection:
            once = add_user(connection, name, role, None, now, made)
        sid = log_in(desk, name, once, "127.0.0.1")
        with write(engine) as connection:
            session = find_session(connection, sid or "", now)
        if session is not None:
            choose_password(desk, session, PASSWORD, forced_factor=False, company="")


def _claim(file: Path) -> bool:
    """Mark a new database as the demonstration's; refuse one with another mark, or none.

    Returns whether it is new.
    """
    make_private_file(file)
    new = file.stat().st_size == 0
    try:
        with closing(sqlite3.connect(file)) as connection:
            if new:
                connection.execute(f"PRAGMA application_id = {MADE_BY_THE_DEMO}")
            (found,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.DatabaseError:
        found = None
    if found != MADE_BY_THE_DEMO:
        raise click.ClickException(
            f"{file} was not made by the demonstration, so it is left as it is. "
            "Move it away, or start in another folder."
        )
    return new
