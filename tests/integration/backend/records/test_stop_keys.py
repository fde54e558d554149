"""Stopped numbers: keyed, guarded by SECRET_KEY, and never lost by a change of it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pyotp
import pytest
from alembic import command
from alembic.config import Config
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select, text

from app import create_app
from backend.db import migrations
from backend.db.schema import upgrade
from backend.db.tables.messages import acts, salts, stops
from backend.db.transactions import open_database, read, read_only, write
from backend.interface.codes import StopOrigin, StopReason
from backend.records.suppression.stop_keys import require_stop_keys, stop_keys
from backend.records.suppression.stops import add_stop, stopped_for
from backend.staff.authentication.second_factor import confirm, enrolment, use_code
from cli import commands
from common.errors import ConfigurationError
from settings import Settings
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import Database

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
PHONE = "+36301234567"


@contextmanager
def opened(url: str, secret: str | None) -> Iterator[Engine]:
    engine = open_database(url, secret=secret)
    try:
        yield engine
    finally:
        engine.dispose()


def stop(url: str, secret: str | None) -> None:
    with opened(url, secret) as engine, write(engine) as connection:
        add_stop(connection, PHONE, "opted_out", "sms", NOW)


def reason(url: str, secret: str | None) -> str | None:
    with opened(url, secret) as engine, read(engine) as connection:
        return stopped_for(connection, PHONE)


def values(database: Database) -> dict[str, str]:
    with read(database.engine) as connection:
        return {row.name: row.value for row in connection.execute(select(salts))}


def run(database: Database, secret: str, *arguments: str, typed: str = "") -> Result:
    environment = {"DATABASE_URL": database.url, "SECRET_KEY": secret}
    return CliRunner().invoke(commands, arguments, env=environment, input=typed)


def test_the_key_of_a_number_is_not_made_from_what_lies_bare_beside_it(database: Database) -> None:
    stop(database.url, "one")
    kept = values(database)
    salted = hashlib.sha256(f"{kept['stops']}:{PHONE}".encode()).hexdigest()
    with read(database.engine) as connection:
        (found,) = connection.scalars(select(stops.c.phone_key))
    assert found != salted
    form, *parts = kept["stops_key"].split(":")
    assert form == "wrapped"
    for part in parts:
        for data in (part, salted):
            assert hashlib.sha256(f"{part}:{data}".encode()).hexdigest() != found
    with opened(database.url, "one") as engine, read(engine) as connection:
        secret = stop_keys(connection).secret.hex()
    assert secret not in kept["stops_key"]


def test_a_first_secret_key_guards_the_stops_that_there_are(database: Database) -> None:
    stop(database.url, None)
    assert values(database)["stops_key"].startswith("bare:")
    # Whoever only reads leaves it as it is.
    assert reason(database.url, "one") == "opted_out"
    assert values(database)["stops_key"].startswith("bare:")
    with opened(database.url, "one") as engine:
        require_stop_keys(engine)
    assert values(database)["stops_key"].startswith("wrapped:")
    assert reason(database.url, "one") == "opted_out"


@pytest.mark.parametrize("secret", [None, "", "two"])
def test_a_process_with_another_secret_key_is_refused(
    database: Database, secret: str | None
) -> None:
    stop(database.url, "one")
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        reason(database.url, secret)
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        stop(database.url, secret)
    assert reason(database.url, "one") == "opted_out"


def test_a_service_with_another_secret_key_is_not_ready(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stop(database.url, "one")
    for secret, status in (("one", 200), ("two", 503), (None, 503)):
        app = create_app(Settings(database_url=database.url, secret_key=secret))
        assert app.test_client().get("/readyz").status_code == status
        app.extensions["engine"].dispose()
    assert "under another SECRET_KEY" in caplog.text


def test_a_command_with_another_secret_key_says_what_to_do(database: Database) -> None:
    stop(database.url, "one")
    assert "is stopped: opted_out" in run(database, "one", "stop", "check", PHONE).output
    refused = run(database, "two", "stop", "check", PHONE)
    assert refused.exit_code == 1
    assert "zoldszam db rekey" in refused.stderr


@pytest.mark.both_databases
def test_a_new_secret_key_loses_no_stop(database: Database) -> None:
    stop(database.url, "one")
    assert run(database, "two", "db", "rekey", typed="wrong\n").exit_code == 1
    done = run(database, "two", "db", "rekey", typed="one\n")
    assert done.exit_code == 0
    assert "one" not in done.output.split()
    assert reason(database.url, "two") == "opted_out"
    with pytest.raises(ConfigurationError):
        reason(database.url, "one")
    # And back to none.
    assert run(database, "", "db", "rekey", "--former", "two").exit_code == 0
    assert reason(database.url, None) == "opted_out"


def test_a_new_secret_key_leaves_colleagues_their_authenticators(database: Database) -> None:
    one, two = ("one" * 12, "two" * 12)
    with opened(database.url, one) as engine:
        require_stop_keys(engine)
    add_staff(database.engine, anna="sender")
    made = enrolment("anna", "a session", one, "Zöldszám")
    totp = pyotp.TOTP(made.secret)
    rng = Random()  # noqa: S311 - nothing in a test is secret
    with write(database.engine) as connection:
        first = totp.at(NOW)
        assert confirm(connection, "anna", made.secret, first, one, NOW, rng) is not None
    assert run(database, two, "db", "rekey", typed="neither\n").exit_code == 1
    assert run(database, two, "db", "rekey", typed=f"{one}\n").exit_code == 0
    later = NOW + timedelta(seconds=60)
    with write(database.engine) as connection:
        assert use_code(connection, "anna", totp.at(later), two, later)
        with pytest.raises(ConfigurationError):
            use_code(connection, "anna", totp.at(later), one, later)


def test_stops_from_before_hold_after_the_migration(empty_database_url: str) -> None:
    salted = hashlib.sha256(f"salt:{PHONE}".encode()).hexdigest()
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    with opened(empty_database_url, None) as engine:
        with write(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0012")
            row = {"key": salted, "now": NOW.replace(tzinfo=None)}
            connection.execute(text("INSERT INTO salts VALUES ('stops', 'salt')"))
            for why in ("opted_out", "unreachable"):
                stored = "INSERT INTO stops VALUES (:key, :why, :now, 'sms')"
                connection.execute(text(stored), {**row, "why": why})
            for number, act in enumerate(("stop add", "task finish"), 1):
                noted = "INSERT INTO acts VALUES (:number, :now, 'anna', :act, :key, NULL)"
                connection.execute(text(noted), {**row, "number": number, "act": act})
        upgrade(engine)
        with write(engine) as connection:
            key = stop_keys(connection).of(PHONE)
            assert stopped_for(connection, PHONE) == "opted_out"
            assert set(connection.scalars(select(stops.c.phone_key))) == {key}
            subjects = select(acts.c.subject).order_by(acts.c.number)
            assert connection.scalars(subjects).all() == [key, salted]


@pytest.mark.both_databases
def test_who_only_reads_makes_no_key_and_finds_what_is_stopped(database: Database) -> None:
    with read_only(database.engine) as connection:
        assert stopped_for(connection, PHONE) is None
    with write(database.engine) as connection:
        add_stop(connection, PHONE, StopReason.OPTED_OUT, StopOrigin.SMS, NOW)
    with read_only(database.engine) as connection:
        assert stopped_for(connection, PHONE) == "opted_out"
