"""``/readyz`` says whether calls can be served, and nothing to strangers of why not."""

import logging

import pytest
from sqlalchemy import text

from backend.db.schema import describe, newest
from backend.readiness import PROBE_EVERY
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.databases.outages import full_disk

pytestmark = pytest.mark.both_databases

NOW = "2026-11-21 10:00"


def asked(exchange: Exchange) -> tuple[int, str]:
    exchange.clock.now += PROBE_EVERY
    answer = exchange.app.test_client().get("/readyz")
    return answer.status_code, answer.text


def test_a_database_that_was_not_migrated_is_told_to_the_log_only(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Exchange(empty_database_url, Clock.at(NOW)) as exchange:
        assert exchange.app.test_client().get("/healthz").status_code == 200
        assert asked(exchange) == (503, "not ready\n")
        assert "zoldszam db upgrade" in caplog.text
        before = len(caplog.records)
        assert asked(exchange) == (503, "not ready\n")
        assert len(caplog.records) == before


def test_a_password_in_the_query_of_an_address_is_not_shown(database: Database) -> None:
    url = database.engine.url.update_query_dict({"password": "s3cret"})
    database.engine.url = url
    assert "s3cret" not in describe(database.engine)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_not_ready_and_room_is_ready_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with Exchange(database.url, Clock.at(NOW)) as exchange:
        assert asked(exchange) == (200, "ready\n")
        with full_disk():
            assert asked(exchange) == (503, "not ready\n")
        assert asked(exchange) == (200, "ready\n")
    told = [record.getMessage() for record in caplog.records if record.name == "backend.readiness"]
    assert [message.partition(":")[0] for message in told] == ["ready", "not ready", "ready"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_takes_no_writes_is_not_ready(database: Database) -> None:
    setting = f'ALTER DATABASE "{database.engine.url.database}" SET default_transaction_read_only'
    # The database serves other tests; sessions that are open keep what they began with.
    with database.engine.connect() as connection:
        connection.execute(text(f"{setting} = on"))
        connection.commit()
        try:
            with Exchange(database.url, Clock.at(NOW)) as exchange:
                assert asked(exchange) == (503, "not ready\n")
        finally:
            connection.execute(text(f"{setting} = off"))
            connection.commit()


# On PostgreSQL the other tests' database would lose its version.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_answer_holds_for_a_while_however_often_it_is_asked_for(database: Database) -> None:
    with Exchange(database.url, Clock.at(NOW)) as exchange:
        assert asked(exchange) == (200, "ready\n")
        with database.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))
        client = exchange.app.test_client()
        assert client.get("/readyz").status_code == 200
        exchange.clock.now -= PROBE_EVERY
        assert client.get("/readyz").status_code == 503


def test_a_release_goes_on_with_its_calls_after_the_next_one_has_migrated(
    utility: Database,
) -> None:
    def migrate(*statements: str) -> None:
        with utility.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    version = "UPDATE alembic_version SET version_num"
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for keys in ("5", "3", "1", "20293811"):
            call.type(keys)
        try:
            migrate(
                "CREATE TABLE of_the_next_release (number INTEGER)",
                "ALTER TABLE calls ADD COLUMN of_the_next_release TEXT",
                "ALTER TABLE turns ADD COLUMN of_the_next_release TEXT",
                f"{version} = '9999'",
            )
            assert asked(exchange) == (200, "ready\n")
            call.type("210#")
            call.type("1")
            assert "A módosítást rögzítettük" in call.last_heard
            migrate("UPDATE alembic_version SET works_from = '9999'")
            assert asked(exchange) == (503, "not ready\n")
        finally:
            migrate(
                f"{version} = '{newest()}', works_from = '0026'",
                "DROP TABLE of_the_next_release",
                "ALTER TABLE calls DROP COLUMN of_the_next_release",
                "ALTER TABLE turns DROP COLUMN of_the_next_release",
            )
