"""Long downloads, which a worker writes and which wait for whoever has asked for them."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, insert, select, update

from backend.db.tables.messages import acts
from backend.db.tables.staff import jobs
from backend.db.transactions import read, write
from backend.staff.background_jobs.exports import (
    MOST_AN_HOUR,
    MOST_WAITING,
    LongList,
    ask_for_list,
    note_export,
)
from backend.staff.background_jobs.job_runner import JobRunner
from backend.staff.background_jobs.jobs import note_worker
from backend.staff.background_jobs.stored_files import KEPT, discard_old_files
from common.error_codes import ErrorCode
from common.errors import DownloadError
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
    assert "Ezt a listát már kérte, most készül." in console.visit("approver", at).text
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


def test_of_the_lists_of_a_kind_that_a_user_waits_for_there_is_one(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    add_acts(console, 40)
    at = console.submit("approver", "/log.csv?by=sender", {}).location or ""
    assert console.submit("approver", "/log.csv", {}).location == at
    told = console.visit("approver", at).text
    assert "Ez a lista most más szűréssel készül Önnek." in told
    assert console.submit("admin", "/log.csv", {}).location != at, "a colleague's is theirs"
    worker.run_one()
    assert console.submit("approver", "/log.csv", {}).location != at, "the first is ready"


@pytest.mark.both_databases
def test_a_user_waits_for_a_few_lists_at_a_time_and_has_asked_for_twenty_in_an_hour(
    console: ConsoleUnderTest,
) -> None:
    rng = Random(9)  # noqa: S311 - a test

    def ask(of: str) -> str:
        wanted = LongList("campaign recipients", of, {"campaign": of}, "hu")
        with write(console.engine) as connection:
            return ask_for_list(connection, wanted, "sender", console.now, rng).job_id

    def finish(state: str) -> None:
        with write(console.engine) as connection:
            connection.execute(update(jobs).values(state=state))

    for number in range(MOST_WAITING):
        ask(str(number))
    with pytest.raises(DownloadError) as refused:
        ask("one more")
    assert refused.value.code is ErrorCode.DOWNLOADS_WAITING
    for number in range(MOST_WAITING, MOST_AN_HOUR):
        finish("done")
        ask(str(number))
    finish("failed")
    with pytest.raises(DownloadError) as refused:
        ask("one more")
    assert refused.value.code is ErrorCode.DOWNLOADS_IN_AN_HOUR
    console.now += timedelta(hours=1)
    assert ask("one more")


def test_one_list_too_many_is_refused_on_the_page_whose_button_was_pressed(
    console: ConsoleUnderTest,
) -> None:
    with write(console.engine) as connection:
        for _each in range(MOST_AN_HOUR):
            note_export(connection, "approver", "requests", console.now)
    here = "/requests?exported=no"
    refused = console.submit("approver", "/requests.csv?exported=no", {}, pressed_on=here)
    assert (refused.status, refused.location) == (303, here)
    told = console.visit("approver", here).text
    assert "Egy óra alatt 20 lista tölthető le, és Ön ezt elérte." in told
    alone = console.submit("approver", "/requests.csv", {})
    assert alone.status == 429, "the browser does not tell where it was pressed"
    assert "Egy óra alatt 20 lista tölthető le" in alone.text


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
