"""A PostgreSQL that is restarted during a call costs the caller nothing."""

import pytest

from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.databases.outages import close_all_connections
from tests.support.runs.examples import few


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("keys", few(["210#", "5", "1", "20293811"], 1))
def test_a_call_goes_on_after_the_database_has_closed_every_connection(
    utility: Database, keys: str
) -> None:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for group in ["5", "3", "1", "20293811", "210#", "1"]:
            call.type(group)
            if group == keys:
                close_all_connections(utility)
        assert "A módosítást rögzítettük" in call.last_heard
        assert not any("Rendszerünk átmenetileg" in heard for heard in call.heard)
