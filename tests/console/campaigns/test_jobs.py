"""Jobs of staff whose plan, worker or database changes while they wait or are done."""

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.exc import DBAPIError

from backend.db.tables.messages import campaigns
from backend.db.tables.staff import drafts, jobs, stored_files, workers
from backend.db.transactions import read, write
from backend.interface.codes import JobKind
from backend.retention.expired_console_rows import KEEP_JOBS
from backend.staff.background_jobs import job_runner
from backend.staff.background_jobs.job_runner import JobRunner
from backend.staff.background_jobs.jobs import GONE_AFTER, Job, claim_job, note_worker
from backend.staff.background_jobs.stored_files import KEPT, discard_old_files
from common.csv_files.reading import Progress
from common.errors import ConnectionLostError
from tests.console.planning import (
    begun,
    choose_text,
    choose_time,
    load,
    runner,
    three_cases,
    version,
)
from tests.console.support import ConsoleUnderTest
from tests.support.databases.recipients import mobile

BOTH = pytest.mark.both_databases


def submitted(console: ConsoleUnderTest, worker: JobRunner) -> str:
    """A plan that waits for the worker to make its campaign; its address."""
    at = begun(console)
    load(console, at, three_cases(console))
    choose_text(console, at)
    while worker.run_one():
        pass
    assert console.submit("sender", f"{at}/check", {}).status == 303
    return at


def count(console: ConsoleUnderTest, table: Any) -> int:
    with read(console.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def states(console: ConsoleUnderTest) -> list[str]:
    with read(console.engine) as connection:
        found = select(jobs.c.state).order_by(jobs.c.created_at, jobs.c.job_id)
        return list(connection.scalars(found))


def is_wanted(console: ConsoleUnderTest, worker: JobRunner) -> bool:
    """Whether a tick of this worker would find a job."""
    with read(console.engine) as connection:
        wanted: bool = connection.execute(select(worker.is_wanted(console.now))).scalar_one()
    return wanted


@contextmanager
def away(engine: Engine, table: str) -> Iterator[None]:
    """The database has no such table for a while."""
    _rename(engine, table, f"{table}_away")
    try:
        yield
    finally:
        _rename(engine, f"{table}_away", table)


def _rename(engine: Engine, before: str, after: str) -> None:
    with write(engine) as connection:
        connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))
    # SQLite has opened its temporary storage for it, which no worker's connection has.
    engine.dispose()


@pytest.mark.whole_run
def test_of_a_plan_that_was_discarded_after_it_was_submitted_no_campaign_is_made(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = begun(console)
    three_cases(console)
    form = {"name": "Novemberi értesítő", "source": "register", "days": "1"}
    sent = {**form, "version": version(console, f"{at}/who")}
    console.submit("sender", f"{at}/who", sent)
    choose_text(console, at)
    worker.run_one()
    worker.run_one()
    assert "/making/" in (console.submit("sender", f"{at}/check", {}).location or "")
    assert console.submit("sender", f"{at}/discard", {}).location == "/campaigns"
    assert worker.run_one()
    assert count(console, campaigns) == 0
    assert states(console)[-1] == "failed"


def test_a_plan_that_was_changed_after_it_was_submitted_is_made_when_it_is_submitted_again(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = submitted(console, worker)
    answer = choose_time(console, at, day="2026. 11. 27.", clock="10:00")
    assert answer.location == f"{at}/check"
    assert worker.run_one()
    assert count(console, campaigns) == 0
    assert "A kampány nem készült el" not in console.visit("sender", f"{at}/check").text
    assert console.submit("sender", f"{at}/check", {}).status == 303
    assert worker.run_one()
    with read(console.engine) as connection:
        made = connection.execute(select(campaigns.c.starts_at)).all()
    assert [row.starts_at.day for row in made] == [27]
    assert count(console, drafts) == 0


@BOTH
def test_when_the_database_goes_away_after_the_campaign_is_stored_it_is_not_made_twice(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = submitted(console, worker)
    make = worker.handlers[JobKind.CREATE]

    def interrupted(job: Job, progress: Progress) -> Mapping[str, Any]:
        make(job, progress)
        raise ConnectionLostError("The database has closed the connection.")

    broken = JobRunner(console.engine, "w1", lambda: console.now, {JobKind.CREATE: interrupted})
    assert broken.run_one()
    assert console.visit("sender", f"{at}/check").status == 404, "the plan is a campaign by now"
    assert (count(console, campaigns), count(console, drafts)) == (1, 0)
    assert worker.run_one(), "the same worker is at it again"
    assert states(console)[-1] == "done"
    assert count(console, campaigns) == 1


def test_a_job_whose_end_cannot_be_written_is_done_again_by_the_worker_that_has_it(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    load(console, begun(console), three_cases(console))
    judge, jobs_away = worker.handlers[JobKind.JUDGE], away(console.engine, "jobs")

    def last_moment(job: Job, progress: Progress) -> Mapping[str, Any]:
        result = judge(job, progress)
        jobs_away.__enter__()
        return result

    broken = JobRunner(console.engine, "w1", lambda: console.now, {JobKind.JUDGE: last_moment})
    with pytest.raises(DBAPIError):
        broken.run_one()
    jobs_away.__exit__(None, None, None)
    assert states(console) == ["running"]
    assert is_wanted(console, worker)
    assert worker.run_one()
    assert states(console) == ["done"]
    assert not is_wanted(console, worker)


def test_a_plan_that_is_older_than_its_jobs_is_opened_and_judged_anew(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = submitted(console, worker)
    console.now += KEEP_JOBS + timedelta(days=1)
    with write(console.engine) as connection:
        connection.execute(delete(jobs))
    console.clients.clear()
    for step in ("who", "what", "when", "check"):
        assert console.visit("sender", f"{at}/{step}").status == 200
    assert load(console, at, b"case_id\nK-0\n").status == 303
    assert states(console) == ["waiting"]


def test_what_has_failed_is_judged_again_with_the_same_press(console: ConsoleUnderTest) -> None:
    def fail(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        raise RuntimeError

    worker = runner(console)
    at = begun(console)
    load(console, at, three_cases(console))
    JobRunner(console.engine, "w1", lambda: console.now, {JobKind.JUDGE: fail}).run_one()
    same = {"name": "Novemberi értesítő", "source": "file", "days": "30"}
    console.submit("sender", f"{at}/who", {**same, "version": version(console, f"{at}/who")})
    assert worker.run_one()
    assert "3 címzett" in console.visit("sender", f"{at}/who").text


def test_a_fault_in_a_job_is_logged_without_what_stands_in_the_list(
    console: ConsoleUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_job: Job, _progress: Progress) -> Mapping[str, Any]:
        raise ValueError(f"no number: {mobile(1)}")

    runner(console)
    load(console, begun(console), three_cases(console))
    with caplog.at_level(logging.INFO):
        JobRunner(console.engine, "w1", lambda: console.now, {JobKind.JUDGE: fail}).run_one()
    assert states(console) == ["failed"]
    assert "ValueError at test_jobs.py" in caplog.text
    assert mobile(1) not in caplog.text


def test_a_worker_goes_on_being_seen_after_whatever_failure(
    console: ConsoleUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "SEEN_EVERY", timedelta(milliseconds=20))
    failed, stopping = threading.Event(), threading.Event()
    monkeypatch.setattr(job_runner.logger, "warning", lambda *_told, **_more: failed.set())
    worker = JobRunner(console.engine, "w1", lambda: console.now, {})
    present = threading.Thread(target=worker.stay_present, args=(stopping,))
    try:
        with away(console.engine, "workers"):
            present.start()
            assert failed.wait(10)
        until = time.monotonic() + 10
        while not count(console, workers) and time.monotonic() < until:
            time.sleep(0.02)
        assert count(console, workers) == 1
    finally:
        stopping.set()
        present.join()


@pytest.mark.parametrize("time", ["at nine", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_no_button_proposes_is_not_understood(
    console: ConsoleUnderTest, time: str
) -> None:
    assert choose_time(console, begun(console), take=time).status == 422


@pytest.mark.whole_run
def test_a_list_that_was_replaced_leaves_the_figures_of_the_newer_one(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = begun(console)
    load(console, at, three_cases(console))
    load(console, at, b"case_id\nK-0\n")
    assert worker.run_one()
    assert worker.run_one()
    page = console.visit("sender", f"{at}/who").text
    assert re.search(r"\b1 címzett", page)
    assert count(console, stored_files) == 2, "the newer list and who of it is left out"


def left_by_dead_workers(console: ConsoleUnderTest, *names: str) -> list[str]:
    """Each worker in turn takes the job over and is not seen any more; who was refused it."""
    refused = []
    for name in names:
        with write(console.engine) as connection:
            note_worker(connection, name, console.now)
            if claim_job(connection, name, console.now) is None:
                refused.append(name)
        console.now += 2 * GONE_AFTER
    return refused


def test_a_list_at_which_three_workers_die_is_given_up_and_says_what_to_do(
    console: ConsoleUnderTest,
) -> None:
    at = begun(console)
    load(console, at, three_cases(console))
    assert left_by_dead_workers(console, "w1", "w2", "w3", "w4") == ["w4"]
    assert states(console) == ["failed"]
    told = "A feldolgozás háromszor félbeszakadt. Próbálja kisebb listával"
    assert told in console.visit("sender", "/").text
    assert told in console.visit("sender", f"{at}/who").text


def test_a_job_that_its_own_worker_begins_again_is_not_given_up(console: ConsoleUnderTest) -> None:
    load(console, begun(console), three_cases(console))
    assert left_by_dead_workers(console, *["w1"] * 6) == []
    worker = runner(console)
    assert worker.run_one(), "the database was away six times, and nobody has died"
    assert states(console) == ["done"]


def test_wrong_values_of_a_list_are_kept_no_longer_than_the_list(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    at = begun(console)
    load(console, at, b"case_id;phone\nK-1;wrong-value;x\n")
    console.now += timedelta(hours=10)
    console.clients.clear()
    assert worker.run_one()
    with read(console.engine) as connection:
        assert "wrong-value" not in str(connection.execute(select(jobs)).all())
    assert "más az értékek száma" in console.visit("sender", f"{at}/who").text
    console.now += KEPT - timedelta(hours=10) + timedelta(seconds=1)
    console.clients.clear()
    with write(console.engine) as connection:
        discard_old_files(connection, console.now)
    assert count(console, stored_files) == 0
    page = console.visit("sender", f"{at}/who").text
    assert "más az értékek száma" not in page
    assert "A listában hiba van. Javítsa a fájlt" in page


def test_with_a_plan_goes_what_its_list_has_come_to(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    at = begun(console)
    load(console, at, three_cases(console))
    worker.run_one()
    load(console, at, b"case_id;phone\nK-1;2;3\n")
    worker.run_one()
    assert count(console, stored_files) == 2, "the newer list and its faults"
    assert console.submit("sender", f"{at}/discard", {}).status == 303
    assert count(console, stored_files) == 0
