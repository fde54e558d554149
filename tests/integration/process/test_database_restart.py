"""A PostgreSQL that is restarted during a call costs the caller nothing."""

import pytest
from sqlalchemy import create_engine, text

from tests.support.database import Database
from tests.support.telephone import CALLER, LINE_NUMBER, Clock, Exchange


def close_all_connections(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("keys", ["5", "1", "20293811", "210#"])
def test_a_call_goes_on_after_the_database_has_closed_every_connection(
    utility: Database, keys: str
) -> None:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for group in ["5", "3", "1", "20293811", "210#", "1"]:
            call.type(group)
            if group == keys:
                close_all_connections(utility.url)
        assert "A módosítást rögzítettük" in call.last_heard
        assert not any("Rendszerünk átmenetileg" in heard for heard in call.heard)
