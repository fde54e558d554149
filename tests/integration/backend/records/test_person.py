"""One person's data: disclosed whole, and erased so that no table, log or file has it any more."""

import json
import stat
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select, update

from backend.db.tables.messages import campaigns, exclusions, inbound_messages, outbox, tasks
from backend.db.tables.records import callers, calls, customers, debts, metadata, requests
from backend.db.tables.staff import drafts, jobs, stored_file_parts, stored_files
from backend.db.transactions import read, write
from backend.interface.codes import StopOrigin, StopReason
from backend.records.identification import caller_key
from backend.records.person.person_erasure import erase
from backend.records.person.person_export import disclose
from backend.records.person.person_rows import PersonError
from backend.records.suppression.stops import stop_number
from cli import commands
from settings import Settings
from tests.support.calls.telephone import LINE_NUMBER, Clock, Exchange
from tests.support.colleagues.staff import acts_of, add_staff
from tests.support.databases.database import Database
from tests.support.databases.recipients import campaign_row

KEY = "a key that only these tests know"
SECRET = Settings(secret_key=KEY).caller_secret
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PHONE = "+36301234567"
PERSON = ("C-1001", "20293811", "48213377", "301234567", "06 30 123 4567", "Minta Ügyfél 1", "K-77")
"""The customer's id, site, meter, number in two spellings, name and case."""


@pytest.fixture
def known(utility: Database) -> Database:
    """The utility after the customer has called, written, owed and been written about."""
    add_staff(utility.engine, anna="sender", ada="admin")
    clock = Clock.at("2026-11-21 10:00")
    with Exchange(utility.url, clock, settings={"secret_key": KEY}) as exchange:
        call = exchange.carrier.dial(from_=PHONE, to=LINE_NUMBER)
        for keys in ("5", "1", "20293811", "48213377#", "41530#", "1"):
            call.type(keys)
        call.hang_up()
    with write(utility.engine) as connection:
        remembered = {"caller_key": caller_key(SECRET, PHONE), "language": "en", "seen_at": NOW}
        connection.execute(insert(callers).values(remembered))
        # Of another customer, whose case has this number, too, in the utility's files.
        other = update(debts).where(debts.c.case_id == "K-1")
        connection.execute(other.values(phone="+36709998877", status="closed"))
        connection.execute(
            insert(debts).values(
                case_id="K-77", customer_id="C-1001", phone=PHONE, status="closed",
                overdue_since=date(2026, 1, 1),
            )
        )  # fmt: skip
        connection.execute(insert(campaigns), campaign_row("debt", campaign_id="R1", state="done"))
        reply = campaign_row("debt", campaign_id="R2", state="done", name="reply")
        connection.execute(insert(campaigns), reply | {"message": "Tisztelt Minta Ügyfél 1!"})
        row = {"line": 2, "case_id": "K-77", "customer_id": "C-1001", "phone": PHONE}
        for campaign_id in ("R1", "R2"):
            sent = {"campaign_id": campaign_id, "state": "delivered", **row}
            connection.execute(insert(outbox), sent)
        connection.execute(
            insert(exclusions).values(campaign_id="R1", line=3, case_id="K-77", reason="paid")
        )
        connection.execute(
            insert(inbound_messages).values(
                message_sid="SM1", received_at=NOW, phone=PHONE, body="Minta Ügyfél 1 vagyok",
                meaning="other", acknowledged=True,
            )
        )  # fmt: skip
        stop_number(connection, PHONE, StopReason.OPTED_OUT, StopOrigin.SMS, NOW)
        connection.execute(
            insert(tasks).values(kind="read_message", phone=PHONE, opened_at=NOW, done_at=NOW)
        )
        connection.execute(update(tasks).values(done_at=NOW, done_by="anna"))
        moments = {"created_at": NOW, "updated_at": NOW}
        note = {"kind": "note", "by": "anna", "step": "1", **moments}
        for draft_id, told in (("D1", "hívja: 06-30/123-4567"), ("D2", "valaki más: 301234568")):
            connection.execute(insert(drafts).values(draft_id=draft_id, data={"t": told}, **note))
        connection.execute(
            insert(jobs).values(
                job_id="J1", kind="export", by="anna", data={"q": "C-1001"}, state="done",
                created_at=NOW, finished_at=NOW,
            )
        )  # fmt: skip
        file = {"file_id": "F1", "name": "lista.csv", "by": "anna", "created_at": NOW}
        connection.execute(insert(stored_files).values(file))
        for part, content in enumerate(("a;b\nMinta Ügy", "fél 1;x\n")):
            packed = zlib.compress(content.encode())
            connection.execute(
                insert(stored_file_parts).values(file_id="F1", part=part, content=packed)
            )
        connection.execute(update(requests).values(exported_at=NOW))
    return utility


def found_in(database: Database) -> dict[str, set[str]]:
    """Which of the person's marks the tables still have, files unpacked."""
    found: dict[str, set[str]] = {}
    with read(database.engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                told = " ".join(
                    zlib.decompress(value).decode() if isinstance(value, bytes) else str(value)
                    for value in row
                )
                if marks := {mark for mark in PERSON if mark in told}:
                    found.setdefault(table.name, set()).update(marks)
    return found


def test_a_disclosure_has_every_table_that_knows_the_person(known: Database) -> None:
    with write(known.engine) as connection:
        told = disclose(connection, "C-1001", None, SECRET, "ada", NOW)
    rows = {section["table"]: len(section["rows"]) for section in told["sections"]}
    assert {name for name, number in rows.items() if not number} <= {"identification_failures"}
    assert told["mentioned_in"] == {"drafts": 1, "jobs": 1, "stored_files": 1, "campaigns": 1}
    customer = told["sections"][0]
    assert customer["heading"] == "Ügyféladatok"
    assert customer["rows"][0]["name"] == "Minta Ügyfél 1"
    assert customer["columns"]["name"] == "név"
    json.dumps(told)
    assert acts_of(known.engine)[-1][:3] == ("ada", "person export", "customer")


def test_who_is_erased_is_in_no_table_any_more_and_nobody_else_is_touched(
    known: Database,
) -> None:
    before = found_in(known)
    assert before["customers"]
    rehearsed = erase(known.engine, "C-1001", None, SECRET, "ada", NOW, dry_run=True)
    assert found_in(known) == before
    done = erase(known.engine, "C-1001", None, SECRET, "ada", NOW)
    assert (done.deleted, done.kept_without) == (rehearsed.deleted, rehearsed.kept_without)
    assert found_in(known) == {}
    assert done.kept == {"stops": 1}
    assert done.kept_without["outbox"] == 2
    with read(known.engine) as connection:
        assert connection.scalars(select(customers.c.customer_id)).all()[0] != "C-1001"
        assert connection.scalars(select(drafts.c.draft_id)).all() == ["D2"]
        ledger = connection.execute(select(requests)).one()
        assert ledger.kind == "meter_reading"
        assert ledger.data["value"] == 41530
        assert connection.scalars(select(calls.c.caller_key)).all() == [None]
    with pytest.raises(PersonError, match="no customer"):
        erase(known.engine, "C-1001", None, SECRET, "ada", NOW)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_neither_the_file_nor_its_log_has_who_was_erased(known: Database, tmp_path: Path) -> None:
    assert erase(known.engine, "C-1001", None, SECRET, "ada", NOW).log_is_empty
    for file in tmp_path.glob("records.db*"):
        content = file.read_bytes()
        for mark in PERSON:
            assert mark.encode() not in content, (file.name, mark)


def test_a_number_alone_takes_nothing_else_of_whose_record_has_it(known: Database) -> None:
    done = erase(known.engine, None, PHONE, SECRET, "ada", NOW)
    assert {mark for marks in found_in(known).values() for mark in marks}.isdisjoint(
        {"301234567", "06 30 123 4567"}
    )
    assert done.kept_without["customers"] == 1
    with read(known.engine) as connection:
        kept = select(customers.c.name, customers.c.phone).where(
            customers.c.customer_id == "C-1001"
        )
        assert tuple(connection.execute(kept).one()) == ("Minta Ügyfél 1", None)


def test_nobody_is_erased_of_whom_something_still_goes_on(known: Database) -> None:
    for table, open_, closed in (
        (requests, {"exported_at": None}, {"exported_at": NOW}),
        (outbox, {"state": "unknown"}, {"state": "delivered"}),
        (tasks, {"done_at": None}, {"done_at": NOW}),
        (calls, {"ended_at": None}, {"ended_at": NOW}),
        (debts, {"status": "open"}, {"status": "closed"}),
    ):
        with write(known.engine) as connection:
            connection.execute(update(table).values(open_))
        with pytest.raises(PersonError, match=f"rows of {table.name} are about what still goes on"):
            erase(known.engine, "C-1001", None, SECRET, "ada", NOW)
        with write(known.engine) as connection:
            connection.execute(update(table).values(closed))
    assert erase(known.engine, "C-1001", None, SECRET, "ada", NOW).deleted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_are_an_administrators_and_write_for_the_owner_only(
    known: Database, tmp_path: Path
) -> None:
    def run(*arguments: str) -> Result:
        environment = {"DATABASE_URL": known.url, "SECRET_KEY": KEY}
        return CliRunner().invoke(commands, ["person", *arguments], env=environment)

    file = tmp_path / "person.json"
    assert run("export", "--customer", "C-1001", "--out", str(file), "--by", "anna").exit_code
    assert not file.exists()
    assert run("export", "--out", str(file), "--by", "ada").exit_code == 2
    told = run("export", "--customer", "C-1001", "--out", str(file), "--by", "ada")
    assert told.exit_code == 0, told.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rehearsed = run("erase", "--customer", "C-1001", "--by", "ada")
    assert "Nothing was changed. With --yes:" in rehearsed.output
    assert found_in(known)
    done = run("erase", "--customer", "C-1001", "--by", "ada", "--yes")
    assert "kept without the person (the ledger proves" in done.output
    assert found_in(known) == {}
