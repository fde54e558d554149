"""A machine on SQLite loses its power: what was promised is there; key presses wait for no disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from backend.db.sqlite import log_flushing
from backend.db.tables.records import calls, requests
from backend.db.transactions import open_database, read
from backend.records.suppression.stops import stops_of
from cli import commands
from simulator import SimulatedCall
from simulator.signature import signature as sign
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, TOKEN, Clock, Exchange
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import Database
from tests.support.databases.power_cut import PowerSupply

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAYMENT_DAY = ["5", "3", "1", "20293811", "210#"]


@pytest.fixture
def power(utility: Database, monkeypatch: pytest.MonkeyPatch) -> PowerSupply:
    return PowerSupply(utility.url, monkeypatch)


@pytest.fixture
def exchange(utility: Database, power: PowerSupply) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        yield exchange


@pytest.fixture
def call(exchange: Exchange, power: PowerSupply, monkeypatch: pytest.MonkeyPatch) -> SimulatedCall:
    """A call whose first words, before its reference, have been heard."""
    monkeypatch.setattr(log_flushing, "SOON_SECONDS", 0.05)
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    power.wait_for_flush()
    return call


def test_a_receipt_that_was_spoken_survives(
    call: SimulatedCall, power: PowerSupply, tmp_path: Path
) -> None:
    for keys in [*PAYMENT_DAY, "1"]:
        call.type(keys)
    assert "A módosítást rögzítettük" in call.last_heard
    engine = open_database(power.cut(tmp_path / "after"))
    with read(engine) as connection:
        assert len(connection.execute(select(requests.c.receipt)).all()) == 1
    engine.dispose()


@pytest.mark.usefixtures("call")
def test_the_reference_that_a_caller_has_heard_survives(power: PowerSupply, tmp_path: Path) -> None:
    engine = open_database(power.cut(tmp_path / "after"))
    with read(engine) as connection:
        assert len(connection.execute(select(calls.c.reference)).all()) == 1
    engine.dispose()


def test_turns_that_only_move_on_do_not_wait_for_the_disk(
    call: SimulatedCall, power: PowerSupply
) -> None:
    began = power.flushes
    for keys in PAYMENT_DAY:
        call.type(keys)
    assert power.flushes == began
    call.type("1")
    assert power.flushes == began + 1


def test_a_receipt_that_is_told_again_is_flushed_before(
    call: SimulatedCall, power: PowerSupply
) -> None:
    """The worker that stored it may have died between its commit and its flush."""
    for keys in [*PAYMENT_DAY, "1"]:
        call.type(keys)
    before = power.flushes
    call.resend(call.requests[len(call.documents) - 1])
    assert power.flushes == before + 1


def test_a_stop_that_came_by_message_survives(
    exchange: Exchange, power: PowerSupply, tmp_path: Path
) -> None:
    form = {"MessageSid": "SM1", "From": CALLER, "To": LINE_NUMBER, "Body": "STOP"}
    url = f"{PUBLIC_URL}/sms/inbound"
    signed = {"X-Twilio-Signature": sign(url, list(form.items()), TOKEN)}
    answer = exchange.app.test_client().post("/sms/inbound", data=form, headers=signed)
    assert answer.status_code == 200
    assert stopped(power.cut(tmp_path / "after"))


def test_a_stop_that_a_colleague_took_survives(
    utility: Database, power: PowerSupply, tmp_path: Path
) -> None:
    add_staff(utility.engine, anna="sender")
    options = ["--reason", "opted_out", "--by", "anna", "--database", utility.url]
    done = CliRunner().invoke(commands, ["stop", "add", CALLER, *options])
    assert done.exit_code == 0, done.output
    assert stopped(power.cut(tmp_path / "after"))


def stopped(database_url: str) -> bool:
    engine = open_database(database_url)
    with read(engine) as connection:
        found = stops_of(connection, CALLER)
    engine.dispose()
    return bool(found)
