"""A campaign that is planned in four steps, with the jobs that a worker does for it."""

import re
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update

from backend.db.tables.messages import acts, campaigns, exclusions, outbox, users
from backend.db.tables.staff import drafts, jobs, stored_file_parts, stored_files, workers
from backend.db.transactions import read, write
from backend.staff.background_jobs.jobs import GONE_AFTER, claim_job
from backend.staff.background_jobs.stored_files import KEPT, discard_old_files
from messages.campaigns.lifecycle import Actor
from messages.campaigns.returning import give_back
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
from tests.support.runs.examples import few
from tests.support.runs.tables import each_of

BOTH = pytest.mark.both_databases


def test_a_list_becomes_a_campaign_that_waits_for_approval(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    at = begun(console)
    assert load(console, at, three_cases(console)).location == f"{at}/who"
    assert "Mindjárt elkezdődik." in console.visit("sender", f"{at}/who").text
    assert worker.run_one()
    judged = console.visit("sender", f"{at}/who").text
    assert "folytatás · a lista feldolgozva: 3 címzett" in console.visit("sender", "/").text
    assert "3 címzett" in judged
    assert "kizárva: 2" in judged
    assert "ismeretlen ügy" in judged
    assert choose_text(console, at).location == f"{at}/when"
    assert worker.run_one()
    late = choose_time(console, at, day="2026. 11. 24", clock="20:30")
    assert late.status == 422
    assert "2026. 11. 25. 8:00" in late.text
    taken = re.search(r'name="take" value="([^"]+)"', late.text)
    assert taken is not None
    assert choose_time(console, at, take=taken[1]).location == f"{at}/check"
    look = console.visit("sender", f"{at}/check").text
    assert "Jóváhagyásra küldés" in look
    assert "Ami még hiányzik" not in look
    sent = console.submit("sender", f"{at}/check", {})
    assert sent.location is not None
    assert "/making/" in sent.location
    again = console.submit("sender", f"{at}/check", {})
    assert again.location == sent.location, "a second press is the same campaign"
    assert "A kampány készül" in console.visit("sender", sent.location).text
    assert worker.run_one()
    assert not worker.run_one()
    page = console.visit("sender", sent.location)
    assert page.location is not None
    assert page.location.startswith("/campaigns/")
    assert "Jóváhagyásra vár" in console.visit("sender", page.location).text.replace(
        "jóváhagyásra vár", "Jóváhagyásra vár"
    )
    with read(console.engine) as connection:
        row = connection.execute(select(campaigns)).one()
        assert (row.name, row.recipients, row.source_rows) == ("Novemberi értesítő", 3, 5)
        assert row.source == "lista.csv"
        assert row.starts_at is not None
        assert connection.scalar(select(func.count()).select_from(outbox)) == 3
        assert connection.scalar(select(func.count()).select_from(exclusions)) == 2
        assert connection.scalar(select(func.count()).select_from(drafts)) == 0
        created = select(acts.c.by).where(acts.c.act == "campaign create")
        assert connection.scalars(created).all() == ["sender"]


@each_of(
    ("content", "told"),
    few(
        [
            ("case_id;phone\nK-1;árvíz\n".encode("cp1250"), "ANSI (Windows-1250)"),
            (b"case_id;phone\n" + b"K-1;2;3\n" * 3000, "3000 hiba a listában, az első 50:"),
            ("case_id\nK-1\n".encode("utf-16"), "UTF-16"),
            (b"PK\x03\x04rest", "táblázatfájl"),
            (b"case_id\tphone\nK-1\t1\n", "Az értékeket nem pontosvessző"),
            (b"case_id;telefon\nK-1;1\n", "Ilyen oszlopot nem ismerünk"),
            (b"K-1\nK-2\n", "Nincs fejléc"),
            (b"case_id;phone\nK-1\n", "más az értékek száma"),
            (b'case_id\n"K-1\n', "idézőjelnek nincs párja"),
            (b"case_id\n\n", "egyetlen sor sincs"),
            (b"", "Nincs fejléc"),
            (b"case_id\nK\x001\n", ""),
        ],
        6,
    ),
)
def test_a_list_that_cannot_be_used_says_what_to_do_and_keeps_the_rest(
    console: ConsoleUnderTest, content: bytes, told: str
) -> None:
    worker = runner(console)
    at = begun(console)
    assert load(console, at, content).status == 303
    worker.run_one()
    page = console.visit("sender", f"{at}/who").text
    assert told in page
    assert "Novemberi értesítő" in page
    assert console.submit("sender", f"{at}/check", {}).status == 422


def test_a_file_that_is_too_large_is_refused_before_it_is_read(console: ConsoleUnderTest) -> None:
    at = begun(console)
    answer = console.client("sender").post(
        f"{at}/who",
        base_url="https://localhost",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(65 * 2**20)},
    )
    assert answer.status_code == 413
    assert "64 MB" in answer.text


def test_a_step_that_was_saved_in_another_window_is_shown_beside_what_was_typed(
    console: ConsoleUnderTest,
) -> None:
    at = begun(console)
    old = version(console, f"{at}/who")
    assert load(console, at, b"case_id\nK-1\n").status == 303
    form = {"name": "Másik név", "source": "register", "days": "10", "version": old}
    stale = console.submit("sender", f"{at}/who", form)
    assert stale.status == 409
    assert "Másik név" in stale.text
    assert "Novemberi értesítő" in stale.text
    newer = re.search(r'name="version" value="(\d+)"', stale.text)
    assert newer is not None
    assert console.submit("sender", f"{at}/who", {**form, "version": newer[1]}).status == 303


def test_what_is_missing_is_listed_and_nothing_is_made(console: ConsoleUnderTest) -> None:
    at = begun(console)
    refused = console.submit("sender", f"{at}/check", {})
    assert refused.status == 422
    for told in (
        "Válassza ki, kinek szól a kampány.",
        "Válasszon szöveget.",
        "A háttérfolyamat nem fut",
    ):
        assert told in refused.text
    with read(console.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(jobs)) == 0


def test_a_text_that_the_service_sends_by_itself_is_no_text_of_a_campaign(
    console: ConsoleUnderTest,
) -> None:
    page = console.visit("sender", f"{begun(console)}/what").text
    assert "debt_contact_1" in page
    assert "reading_window_open" in page
    assert "opt_out_ack" not in page


def test_a_colleague_cannot_find_a_plan_and_who_may_not_write_cannot_begin_one(
    console: ConsoleUnderTest,
) -> None:
    at = begun(console)
    for step in ("who", "what", "when", "check", "discard"):
        assert console.visit("admin", f"{at}/{step}").status == 404
    assert console.submit("viewer", "/campaigns/new", {}).status == 403


def test_a_returned_campaign_is_planned_again_with_its_recipients_and_the_reason(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = begun(console)
    load(console, at, three_cases(console))
    choose_text(console, at)
    worker.run_one()
    worker.run_one()
    console.submit("sender", f"{at}/check", {})
    worker.run_one()
    with write(console.engine) as connection:
        campaign = connection.execute(select(campaigns.c.campaign_id)).scalar_one()
        actor = Actor("approver", console.now)
        give_back(connection, campaign, "Másik sablonnal kérem.", actor, Random(2))  # noqa: S311
    listed = console.visit("sender", "/campaigns").text
    assert "approver visszaadta javításra" in listed
    found = re.search(r"/campaigns/new/\w+/check", listed)
    assert found is not None
    at = found[0].removesuffix("/check")
    page = console.visit("sender", found[0]).text
    assert "Másik sablonnal kérem." in page
    assert "A lista még nincs beolvasva" in page
    assert console.submit("sender", f"{at}/judge", {}).location == found[0]
    worker.run_one()
    assert "3 címzett" in console.visit("sender", found[0]).text
    form = {"name": "Újra", "source": "former", "days": "30"}
    sent = {**form, "version": version(console, f"{at}/who")}
    assert console.submit("sender", f"{at}/who", sent).status == 303
    worker.run_one()
    assert "3 címzett" in console.visit("sender", f"{at}/who").text


def test_a_rehearsal_of_a_draft_goes_to_its_author_alone(console: ConsoleUnderTest) -> None:
    with write(console.engine) as connection:
        connection.execute(update(users).values(phone=mobile(7)))
    at = begun(console)
    load(console, at, b"case_id\nK-1\n")
    choose_text(console, at)
    for _press in range(2):
        assert (
            console.submit("sender", f"{at}/rehearse", {"form_key": "k" * 32}).location
            == f"{at}/check"
        )
    with read(console.engine) as connection:
        row = connection.execute(select(campaigns)).one()
        assert row.rehearsal_of == row.campaign_id
        assert connection.scalars(select(outbox.c.phone)).all() == [mobile(7)]


def test_a_job_of_a_dead_worker_is_taken_over_and_makes_one_campaign(
    console: ConsoleUnderTest,
) -> None:
    first = runner(console)
    at = begun(console)
    load(console, at, three_cases(console))
    choose_text(console, at)
    first.run_one()
    first.run_one()
    console.submit("sender", f"{at}/check", {})
    with write(console.engine) as connection:
        held = claim_job(connection, "w1", console.now)
    assert held is not None
    # It stores the campaign and dies before it can say so.
    first.handlers[held.kind](held, lambda _stage, _done, _total: None)
    second = runner(console, "w2")
    assert not second.run_one(), "the first was seen a moment ago"
    console.now += GONE_AFTER + timedelta(seconds=1)
    second = runner(console, "w2")
    assert second.run_one()
    with read(console.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(campaigns)) == 1
        assert connection.scalar(select(func.count()).select_from(outbox)) == 3
        states = select(jobs.c.state).where(jobs.c.job_id == held.job_id)
        assert connection.scalar(states) == "done"


@BOTH
def test_of_two_workers_that_look_at_once_one_gets_the_job(console: ConsoleUnderTest) -> None:
    runner(console)
    at = begun(console)
    load(console, at, b"case_id\nK-1\n")
    with write(console.engine) as connection:
        assert claim_job(connection, "w1", console.now) is not None
        assert claim_job(connection, "w2", console.now) is None


def test_files_of_staff_are_kept_for_a_day_and_the_page_says_so_afterwards(
    console: ConsoleUnderTest,
) -> None:
    worker = runner(console)
    at = begun(console)
    load(console, at, b"case_id\nK-1\n")
    worker.run_one()
    with write(console.engine) as connection:
        # Whoever is at the page for a day has to log in again; the draft is still there.
        assert discard_old_files(connection, console.now + KEPT + timedelta(seconds=1)) == 2
        assert connection.scalar(select(func.count()).select_from(stored_file_parts)) == 0
        assert connection.scalar(select(func.count()).select_from(stored_files)) == 0
    assert "egy nap után töröltük" in console.visit("sender", f"{at}/who").text
    assert console.submit("sender", f"{at}/excluded.csv", {}).status == 404


def test_a_plan_is_discarded_with_its_list_after_a_page_that_says_so(
    console: ConsoleUnderTest,
) -> None:
    at = begun(console)
    load(console, at, b"case_id\nK-1\n")
    assert "nem vonható vissza" in console.visit("sender", f"{at}/discard").text
    assert console.submit("sender", f"{at}/discard", {}).location == "/campaigns"
    with read(console.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(drafts)) == 0
        assert connection.scalar(select(func.count()).select_from(stored_files)) == 0


def test_whoever_is_left_out_can_be_loaded_down(console: ConsoleUnderTest) -> None:
    worker = runner(console)
    at = begun(console)
    load(console, at, three_cases(console))
    worker.run_one()
    answer = console.submit("sender", f"{at}/excluded.csv", {})
    assert answer.status == 200
    assert "K-none;ismeretlen ügy" in answer.text
    assert answer.text.count("\n") == 3


def test_a_worker_that_ends_in_peace_leaves_its_place(console: ConsoleUnderTest) -> None:
    import threading

    worker = runner(console)
    stopping = threading.Event()
    stopping.set()
    worker.stay_present(stopping)
    with read(console.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(workers)) == 0


def test_only_texts_that_name_nobody_are_offered_and_reminders_first(
    console: ConsoleUnderTest,
) -> None:
    seen = console.visit("sender", f"{begun(console)}/what").text
    offered = re.findall(r'<option value="(\w+)"', seen)
    assert offered[:2] == ["debt_contact_1", "debt_contact_2"]
    assert "reading_window_open" in offered
    assert not {"change_recorded", "reading_recorded_single"} & set(offered)
