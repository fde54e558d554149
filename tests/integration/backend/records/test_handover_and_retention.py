"""What leaves the desk: requests for the back office, and what is past its time."""

import csv
import json
import os
import stat
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from backend.context import IdentificationLimits
from backend.db.tables.records import calls, identification_failures, requests, turns
from backend.db.transactions import read
from backend.records.requests.ledger_export import hand_over
from backend.retention.job import Forgotten, run
from cli import commands
from common.errors import RecordsError
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database, load_fixture

NOW = "2026-11-20 10:00"
SEEDS = count(1)
"""Each carrier numbers its calls anew."""


def settle(database: Database, *calls_keys: str, status_url: str | None = "unset") -> None:
    with Exchange(database.url, Clock.at(NOW), rng=Random(next(SEEDS))) as exchange:  # noqa: S311
        carrier = exchange.carrier if status_url else exchange.make_carrier(status_url=None)
        for keys in calls_keys:
            call = carrier.dial(from_=CALLER, to=LINE_NUMBER)
            for group in keys.split():
                call.type(group)
            call.hang_up()


def zoldszam(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(commands, [*arguments, "--database", database.url])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


@pytest.mark.both_databases
def test_each_request_is_handed_over_once_and_whole(utility: Database, tmp_path: Path) -> None:
    settle(utility, "5 3 1 20293811 210# 1", "2 1 1 2 20293811 48213377# 12 1")
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    before = os.umask(0)
    assert zoldszam(utility, "export", "requests", "--csv", str(first)).exit_code == 0
    os.umask(before)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    settle(utility, "5 3 2 20293811 1")
    assert zoldszam(utility, "export", "requests", "--csv", str(second)).exit_code == 0
    again = zoldszam(utility, "export", "requests", "--csv", str(second))
    assert (again.exit_code, again.output) == (0, "Nothing to hand over.\n")
    assert [row["kind"] for row in rows(first)] == ["partial_consumption", "payment_day"]
    assert [row["kind"] for row in rows(second)] == ["partial_billing_suspension"]
    assert json.loads(rows(first)[1]["data"]) == {"day": 12}
    assert rows(first)[0]["effective_from"] == "2027-01-01"


def test_a_file_that_may_not_have_been_fetched_is_not_overwritten(
    utility: Database, tmp_path: Path
) -> None:
    file = tmp_path / "requests.csv"
    settle(utility, "5 3 2 20293811 1")
    zoldszam(utility, "export", "requests", "--csv", str(file))
    before = file.read_bytes()
    settle(utility, "5 3 3 20293811 1")
    refused = zoldszam(utility, "export", "requests", "--csv", str(file))
    assert refused.exit_code == 1
    assert "Name another file." in refused.output
    assert file.read_bytes() == before


def test_when_the_file_cannot_be_written_nothing_is_marked(
    utility: Database, tmp_path: Path
) -> None:
    settle(utility, "5 3 2 20293811 1")
    with pytest.raises(RecordsError, match="cannot be written"):
        hand_over(utility.engine, tmp_path / "nowhere" / "requests.csv", Clock.at(NOW)())
    with read(utility.engine) as connection:
        assert connection.scalar(select(requests.c.exported_at)) is None
    assert hand_over(utility.engine, tmp_path / "requests.csv", Clock.at(NOW)()) == 1


@pytest.mark.both_databases
def test_an_import_keeps_what_was_not_handed_over_and_obeys_the_back_office_after(
    utility: Database, tmp_path: Path
) -> None:
    def heard_of_day_10() -> str:
        with Exchange(utility.url, Clock.at(NOW), rng=Random(next(SEEDS))) as exchange:  # noqa: S311
            call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
            for group in ["2", "1", "1", "2", "20293811", "48213377#", "10"]:
                call.type(group)
            return call.last_heard

    settle(utility, "2 1 1 2 20293811 48213377# 12 1")
    load_fixture(utility.engine)
    assert "Az új fizetési nap" in heard_of_day_10()
    hand_over(utility.engine, tmp_path / "requests.csv", Clock.at(NOW)())
    load_fixture(utility.engine)
    assert "Már ez a nap van beállítva" in heard_of_day_10()


def test_a_receipt_that_a_customer_quotes_is_looked_up(utility: Database) -> None:
    settle(utility, "5 3 2 20293811 1")
    with read(utility.engine) as connection:
        receipt = connection.scalar(select(requests.c.receipt))
    assert receipt is not None
    found = zoldszam(utility, "requests", "--json", "--receipt", f"{receipt[:4]}-{receipt[4:]}")
    assert json.loads(found.output)["kind"] == "partial_billing_suspension"
    slip = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    refused = zoldszam(utility, "requests", "--receipt", slip)
    assert refused.exit_code == 1
    assert "is no receipt number" in refused.output


def test_a_call_whose_end_was_never_reported_is_closed_after_four_hours(
    utility: Database,
) -> None:
    settle(utility, "5 1 20293811 48213377# 41530#", status_url=None)
    limits = IdentificationLimits()
    then = Clock.at(NOW)()
    assert run(utility.engine, then + timedelta(hours=3), limits) == Forgotten(0, 0)
    assert run(utility.engine, then + timedelta(hours=5), limits) == Forgotten(1, 0)
    assert run(utility.engine, then + timedelta(hours=5), limits) == Forgotten(0, 0)
    with read(utility.engine) as connection:
        assert connection.scalar(select(calls.c.outcome)) == "unreported"
        assert set(connection.scalars(select(turns.c.heard))) == {None}


def test_failures_are_forgotten_when_no_lock_counts_them_any_more(utility: Database) -> None:
    settle(utility, "5 3 1 11111111")
    limits = IdentificationLimits()
    then = Clock.at(NOW)()
    assert run(utility.engine, then + timedelta(hours=23), limits).failed_identifications == 0
    assert run(utility.engine, then + timedelta(hours=25), limits).failed_identifications == 1
    with read(utility.engine) as connection:
        assert connection.execute(select(identification_failures)).all() == []
