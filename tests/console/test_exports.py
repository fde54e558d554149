"""Long downloads, which a worker writes and which wait for whoever has asked for them."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, insert, select

from backend.db.message_tables import acts
from backend.db.staff_tables import jobs
from backend.db.transactions import read, write
from backend.staff.job_runner import JobRunner
from backend.staff.jobs import note_worker
from backend.staff.stored_files import KEPT, discard_old_files
from console.export_jobs import MAKERS, ExportJobs
from console.web import exports
from tests.console.support import ConsoleUnderTest


@pytest.fixture(autouse=True)
def few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "STREAMED_ROWS", 20)


def runner(console: ConsoleUnderTest) -> JobRunner:
    with write(console.engine) as connection:
        note_worker(connection, "w1", console.now)
    rng = Random(9)  # noqa: S311 - a test
    made = ExportJobs(engine=console.engine, clock=lambda: console.now, rng=rng)
    return JobRunner(console.engine, "w1", lambda: console.now, made.handlers())


def add_acts(console: ConsoleUnderTest, number: int) -> None:
    act = {"at": console.now, "by": "sender", "act": "login", "subject": "sender"}
    with write(console.engine) as connection:
        connection.execute(insert(acts), [act] * number)


def downloads(console: ConsoleUnderTest) -> int:
    with read(console.engine) as connection:
        made = select(func.count()).select_from(acts).where(acts.c.act == "export make")
        return connection.execute(made).scalar_one()


@pytest.mark.both_databases
def test_a_long_list_is_written_by_a_worker_and_waits_for_its_user(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    add_acts(console, 40)
    asked = console.submit("approver", "/log.csv?by=sender", {})
    assert asked.status == 303
    at = asked.location or ""
    assert at.startswith("/exports/")
    assert console.submit("approver", "/log.csv?by=sender", {}).location == at, "it is at it"
    assert "Letöltés: napló – készül" in console.visit("approver", "/").text
    assert "Mindjárt elkezdődik." in console.visit("approver", at).text
    assert downloads(console) == 0
    assert worker.run_one()
    assert "Letöltés: napló – elkészült" in console.visit("approver", "/").text
    assert "naplo-sender-2026-11-24.csv" in console.visit("approver", at).text
    file = console.submit("approver", f"{at}/file", {})
    assert file.text.startswith("\ufeff")
    assert file.text.count("\n") == 41
    assert "bejelentkezés" in file.text
    assert "naplo-sender-2026-11-24.csv" in file.headers["Content-Disposition"]
    assert downloads(console) == 1


def test_a_long_list_is_for_whoever_has_asked_for_it(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    add_acts(console, 40)
    at = console.submit("approver", "/log.csv", {}).location or ""
    worker.run_one()
    for path in (at, f"{at}/progress"):
        assert console.visit("admin", path).status == 404
    assert console.submit("admin", f"{at}/file", {}).status == 404
    assert downloads(console) == 0
    assert "Letöltés" not in console.visit("admin", "/").text


def test_a_long_list_is_gone_after_a_day(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    add_acts(console, 40)
    at = console.submit("approver", "/log.csv", {}).location or ""
    worker.run_one()
    console.now += KEPT + timedelta(seconds=1)
    console.clients.clear()
    with write(console.engine) as connection:
        discard_old_files(connection, console.now)
    assert "egy nappal az elkészülte után töröltük" in console.visit("approver", at).text
    assert console.submit("approver", f"{at}/file", {}).status == 404
    assert "Letöltés" not in console.visit("approver", "/").text


def test_a_long_list_that_cannot_be_made_says_so(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    add_acts(console, 40)
    at = console.submit("approver", "/log.csv", {}).location or ""
    broken = JobRunner(console.engine, "w1", lambda: console.now, dict.fromkeys(worker.handlers))  # type: ignore[arg-type]
    broken.run_one()
    assert "A fájl nem készült el. A feldolgozás megállt." in console.visit("approver", at).text


def test_a_short_list_goes_out_at_once(console: ConsoleUnderTest) -> None:
    add_acts(console, 5)
    assert console.submit("approver", "/log.csv?by=sender", {}).text.count("\n") == 6
    with read(console.engine) as connection:
        assert connection.execute(select(jobs)).all() == []


@pytest.mark.parametrize("kind", MAKERS)
def test_every_list_is_written_as_a_job_as_it_is_sent_at_once(
    console: ConsoleUnderTest, kind: str
) -> None:
    table = MAKERS[kind](console.engine, {"campaign": "C1"}, console.now)
    assert table.name
    assert list(table.rows) == [] if kind != "log" else list(table.rows)
