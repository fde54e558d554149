"""What people wrote, asked for and called about is deleted when its period is over."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Table, func, insert, select, update

from backend.context import IdentificationLimits
from backend.db.tables.api import api_answers, webhook_messages, webhooks
from backend.db.tables.messages import (
    ASKED_BY_CALL,
    acts,
    campaigns,
    inbound_messages,
    outbox,
    tasks,
)
from backend.db.tables.records import (
    callers,
    calls,
    identification_failures,
    proven_callers,
    requests,
    turns,
)
from backend.db.tables.staff import (
    drafts,
    form_keys,
    jobs,
    login_failures,
    passkey_challenges,
    sessions,
)
from backend.db.transactions import read, upserting, write
from backend.hooks.outbox import note_event
from backend.interface.codes import EventKind
from backend.retention import expired_rows
from backend.retention.job import Forgotten, preview, run
from backend.retention.periods import Periods
from backend.staff.api_access.api_answers import KeptAnswer, keep_answer, repeatable
from backend.staff.authentication.sessions import begin_session, end_session, key_of
from backend.staff.drafts import begin_draft
from cli import commands
from common.errors import SettingsError
from settings import Settings
from tests.support.colleagues.staff import colleague
from tests.support.databases.database import Database
from tests.support.runs.tables import each_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PHONE = "+36301234567"
LIMITS = IdentificationLimits()
NOTHING = Forgotten(0, 0)
NUMBERS = count(1)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def add_reply(connection: Connection, at: datetime, meaning: str = "other") -> str:
    sid = f"SM{next(NUMBERS)}"
    row = {
        "message_sid": sid,
        "received_at": at,
        "phone": PHONE,
        "body": "Kérem, hívjanak fel!",
        "meaning": meaning,
        "acknowledged": False,
    }
    connection.execute(insert(inbound_messages), row)
    return sid


def add_task(
    connection: Connection, at: datetime, done_at: datetime | None, message_sid: str | None = None
) -> None:
    row = {
        "kind": "read_message",
        "phone": PHONE,
        "message_sid": message_sid,
        "opened_at": at,
        "done_at": done_at,
    }
    number = connection.execute(insert(tasks).returning(tasks.c.number), row).scalar_one()
    joined = update(inbound_messages).where(inbound_messages.c.message_sid == message_sid)
    connection.execute(joined.values(task_number=number))


def add_text(connection: Connection, at: datetime, created_by: str = ASKED_BY_CALL) -> str:
    campaign_id = f"C{next(NUMBERS)}"
    row = {
        "campaign_id": campaign_id,
        "name": "phones",
        "kind": "service",
        "template": "phones",
        "template_version": 1,
        "message": "Hívja!",
        "segments": 1,
        "state": "done",
        "source": created_by,
        "source_rows": 1,
        "recipients": 1,
        "created_at": at,
        "created_by": created_by,
    }
    connection.execute(insert(campaigns), row)
    connection.execute(insert(outbox), {"campaign_id": campaign_id, "line": 1, "phone": PHONE})
    return campaign_id


def add_caller(connection: Connection, at: datetime) -> str:
    key = f"caller {next(NUMBERS)}"
    connection.execute(insert(callers), {"caller_key": key, "language": "en", "seen_at": at})
    return key


def add_call(connection: Connection, at: datetime, *, ended: bool = True) -> str:
    number = next(NUMBERS)
    row = {
        "call_sid": f"CA{number}",
        "reference": f"{number:08}",
        "tree_hash": "a tree",
        "began_at": at,
        "ended_at": at + SECOND if ended else None,
    }
    connection.execute(insert(calls), row)
    path = [
        {"call_sid": row["call_sid"], "turn": turn, "at": at, "place": "main"} for turn in range(3)
    ]
    connection.execute(insert(turns), path)
    return f"CA{number}"


def add_failure(connection: Connection, at: datetime) -> None:
    row = {"at": at, "call_sid": "CA0", "site_key": "a hash", "only_asked": False}
    connection.execute(insert(identification_failures), row)


def add_session(connection: Connection, at: datetime) -> None:
    """One that has ended long after its last use."""
    name = colleague(connection)
    key = f"session {next(NUMBERS)}"
    begin_session(connection, key, name, "10.0.0.1", at - days(1), proved=True)
    end_session(connection, name, key_of(key), at)


def add_draft(connection: Connection, at: datetime) -> None:
    rng = Random(next(NUMBERS))  # noqa: S311 - a test
    begin_draft(connection, "campaign", colleague(connection), "who", {}, at, rng)


def add_job(connection: Connection, at: datetime) -> None:
    row = {
        "job_id": f"job {next(NUMBERS)}",
        "kind": "judge",
        "by": colleague(connection),
        "state": "done",
        "data": {},
        "created_at": at - days(1),
        "finished_at": at,
    }
    connection.execute(insert(jobs), row)


def add_form_key(connection: Connection, at: datetime) -> None:
    row = {"form_key": f"form {next(NUMBERS)}", "by": "anna", "at": at}
    connection.execute(insert(form_keys), row)


def add_login_failure(connection: Connection, at: datetime) -> None:
    row = {"kind": "password", "name_key": "a hash", "address_key": "a hash", "at": at}
    connection.execute(insert(login_failures), row)


def add_challenge(connection: Connection, at: datetime) -> None:
    row = {
        "challenge": f"challenge {next(NUMBERS)}",
        "session_key": "a key",
        "purpose": "prove",
        "made_at": at,
    }
    connection.execute(insert(passkey_challenges), row)


def add_answer(connection: Connection, at: datetime) -> None:
    asked = repeatable("erp", f"request {next(NUMBERS)}", "POST /", b"")
    keep_answer(connection, asked, KeptAnswer(200, "{}"), at)


def add_event(connection: Connection, at: datetime) -> None:
    """One that was never delivered."""
    row = {"webhook_id": "a", "url": "https://erp.example.hu/", "secret": "", "created_at": at}
    told = upserting(connection, webhooks).values({**row, "created_by": colleague(connection)})
    connection.execute(told.on_conflict_do_nothing())
    note_event(connection, EventKind.REQUEST_RECORDED, f"{next(NUMBERS):08}", at)


def number_of(database: Database, table: Table) -> int:
    with read(database.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def kept(database: Database, table: Table) -> set[object]:
    """The first column of what is left."""
    with read(database.engine) as connection:
        return set(connection.scalars(select(table.c[0])))


ADDED: dict[str, tuple[Table, timedelta, Callable[[Connection, datetime], object]]] = {
    "failed_identifications": (identification_failures, LIMITS.site_within, add_failure),
    "texts": (campaigns, days(30), add_text),
    "topics": (inbound_messages, days(30), lambda c, at: add_reply(c, at, "topic")),
    "replies": (inbound_messages, days(90), add_reply),
    "tasks": (tasks, days(365), lambda c, at: add_task(c, at, at)),
    "callers": (callers, days(730), add_caller),
    "past_calls": (calls, days(1825), add_call),
    "sessions": (sessions, days(90), add_session),
    "drafts": (drafts, days(180), add_draft),
    "jobs": (jobs, days(30), add_job),
    "forms": (form_keys, days(1), add_form_key),
    "login_failures": (login_failures, days(1), add_login_failure),
    "challenges": (passkey_challenges, days(1), add_challenge),
    "answers": (api_answers, days(2), add_answer),
    "events": (webhook_messages, days(30), add_event),
}


@pytest.mark.both_databases
def test_each_kind_is_deleted_a_moment_after_its_period_and_not_before(database: Database) -> None:
    with write(database.engine) as connection:
        for _, period, add in ADDED.values():
            add(connection, NOW - period)
    tables = {table for table, _, _ in ADDED.values()}
    younger = {table: kept(database, table) for table in tables}
    with write(database.engine) as connection:
        for _, period, add in ADDED.values():
            add(connection, NOW - period - SECOND)
    one_of_each = Forgotten(**{**asdict(NOTHING), **dict.fromkeys(ADDED, 1)})
    # To look changes nothing, and tells what will be done.
    assert preview(database.engine, NOW, LIMITS) == one_of_each
    assert sum(number_of(database, table) for table in tables) == 2 * len(ADDED)
    assert run(database.engine, NOW, LIMITS) == one_of_each
    assert {table: kept(database, table) for table in tables} == younger
    assert run(database.engine, NOW, LIMITS) == preview(database.engine, NOW, LIMITS) == NOTHING


PERIODS = {
    "texts": Periods(topics=days(3)),
    "topics": Periods(topics=days(3)),
    "replies": Periods(replies=days(3)),
    "tasks": Periods(tasks=days(3)),
    "callers": Periods(callers=days(3)),
    "past_calls": Periods(calls=days(3)),
}


@pytest.mark.parametrize("kind", PERIODS)
def test_another_period_holds_for_its_own_kind_only(database: Database, kind: str) -> None:
    with write(database.engine) as connection:
        for each in PERIODS:
            ADDED[each][2](connection, NOW - days(3) - SECOND)
    forgotten = asdict(run(database.engine, NOW, LIMITS, PERIODS[kind]))
    expected = {"texts", "topics"} if kind in {"texts", "topics"} else {kind}
    assert {name for name, number in forgotten.items() if number} == expected


def test_a_reply_stays_until_its_task_was_done_long_enough_ago(database: Database) -> None:
    long_ago = NOW - days(300)
    with write(database.engine) as connection:
        for done_at in (None, NOW - days(90), NOW - days(90) - SECOND):
            add_task(connection, long_ago, done_at, add_reply(connection, long_ago))
        # Done once, and something of the same reply is open.
        twice = add_reply(connection, long_ago)
        add_task(connection, long_ago, long_ago, twice)
        add_task(connection, long_ago, None, twice)
        # A task without a reply keeps none from going.
        add_task(connection, long_ago, None)
        alone = add_reply(connection, long_ago)
    before = kept(database, inbound_messages)
    assert run(database.engine, NOW, LIMITS) == Forgotten(0, 0, replies=2)
    gone = before - kept(database, inbound_messages)
    assert len(gone) == 2
    assert alone in gone
    assert twice not in gone
    # What happened stays known without the words.
    assert number_of(database, tasks) == 6


def test_an_open_task_is_never_past(database: Database) -> None:
    with write(database.engine) as connection:
        add_task(connection, NOW - days(4000), None, add_reply(connection, NOW - days(4000)))
    assert run(database.engine, NOW, LIMITS) == NOTHING
    assert number_of(database, inbound_messages) == 1


def test_no_number_of_a_person_is_left_when_all_periods_are_over(database: Database) -> None:
    with write(database.engine) as connection:
        for meaning in (
            "opt_out",
            "opt_in",
            "wrong_addressee",
            "help",
            "reading",
            "topic",
            "other",
        ):
            add_reply(connection, NOW, meaning)
        add_task(connection, NOW, NOW, add_reply(connection, NOW))
        add_text(connection, NOW)
    run(database.engine, NOW + days(366), LIMITS)
    for table in (inbound_messages, tasks, outbox):
        assert number_of(database, table) == 0


def test_a_calls_path_goes_with_it_and_the_ledger_stays(database: Database) -> None:
    with write(database.engine) as connection:
        old, young = (add_call(connection, NOW - days(1825 + more)) for more in (1, 0))
        for receipt, sid in (("00000017", old), ("00000025", young)):
            row = {
                "receipt": receipt,
                "kind": "callback",
                "data": {},
                "channel": "ivr",
                "call_sid": sid,
                "created_at": NOW - days(1825),
                "flags": [],
            }
            connection.execute(insert(requests), row)
    assert run(database.engine, NOW, LIMITS) == Forgotten(0, 0, past_calls=1)
    assert kept(database, turns) == {young}
    assert number_of(database, turns) == 3
    assert number_of(database, requests) == 2


def test_campaigns_of_staff_and_what_they_did_stay(database: Database) -> None:
    with write(database.engine) as connection:
        add_text(connection, NOW - days(4000), "anna")
        row = {"at": NOW - days(4000), "by": "anna", "act": "task finish", "subject": "1"}
        connection.execute(insert(acts), row)
    assert run(database.engine, NOW, LIMITS) == NOTHING
    assert [number_of(database, table) for table in (campaigns, outbox, acts)] == [1, 1, 1]


def test_a_call_whose_end_was_never_reported_is_closed_and_deleted_in_one_run(
    database: Database,
) -> None:
    with write(database.engine) as connection:
        add_call(connection, NOW - days(1826), ended=False)
        add_call(connection, NOW - days(1), ended=False)
        add_call(connection, NOW - timedelta(hours=1), ended=False)
    done = Forgotten(calls=2, failed_identifications=0, past_calls=1)
    assert preview(database.engine, NOW, LIMITS) == done
    assert run(database.engine, NOW, LIMITS) == done


def test_more_than_fits_one_transaction_goes_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expired_rows, "AT_ONCE", 20)
    number = 2 * expired_rows.AT_ONCE
    with write(database.engine) as connection:
        for _ in range(number):
            add_call(connection, NOW - days(1826))
        add_reply(connection, NOW - days(91))
        young = add_call(connection, NOW - days(1))
    assert run(database.engine, NOW, LIMITS) == Forgotten(0, 0, replies=1, past_calls=number)
    assert kept(database, turns) == {young}


def zoldszam(database: Database, *arguments: str, **environment: str) -> Result:
    arguments = ("retention", "run", *arguments, "--database", database.url)
    return CliRunner().invoke(commands, arguments, env=environment)


def test_the_command_obeys_the_settings_and_tells_each_kind(database: Database) -> None:
    now = datetime.now(UTC)
    with write(database.engine) as connection:
        for age in (3, 9, 80):
            add_reply(connection, now - days(age))
            add_reply(connection, now - days(age), "topic")
        add_task(connection, now - days(9), now - days(9))
        add_caller(connection, now - days(9))
        proof = {"caller_key": "a", "site_key": "b", "at": now - days(9)}
        connection.execute(proven_callers.insert(), [proof, {**proof, "site_key": "c", "at": now}])
        add_call(connection, now - days(9))
        add_text(connection, now - days(9))
    settings = dict.fromkeys(("KEEP_TASKS", "KEEP_TOPICS", "KEEP_CALLERS", "KEEP_CALLS"), "8")
    settings["KEEP_REPLIES"] = "60"
    told = (
        "calls closed whose end was never reported: 0\n"
        "failed identifications deleted: 0\n"
        "texts to callers deleted: 1\n"
        "topics asked for by message deleted: 2\n"
        "replies deleted: 1\n"
        "finished tasks deleted: 1\n"
        "remembered callers deleted: 1\n"
        "callers known by their proofs deleted: 1\n"
        "past calls deleted with their paths: 1\n"
        "ended sessions of staff deleted: 0\n"
        "drafts deleted that nobody touched for long: 0\n"
        "finished jobs deleted: 0\n"
        "marks of forms that were sent deleted: 0\n"
        "failed logins deleted that no wait counts any more: 0\n"
        "unanswered challenges for passkeys deleted: 0\n"
        "answers to other systems deleted that no repeat can ask for: 0\n"
        "events deleted that other systems were told of: 0\n"
    )
    looked = zoldszam(database, "--dry-run", **settings)
    assert (looked.exit_code, looked.output) == (0, f"Nothing was changed. A run now:\n{told}")
    done = zoldszam(database, **settings)
    assert (done.exit_code, done.output) == (0, told)
    assert number_of(database, inbound_messages) == 3
    assert "deleted: 1" not in zoldszam(database, **settings).output


def test_the_usual_periods_are_those_of_the_settings() -> None:
    assert Settings.from_environment({}).periods == Periods()


VARIABLES = ("KEEP_REPLIES", "KEEP_TASKS", "KEEP_TOPICS", "KEEP_CALLERS", "KEEP_CALLS")


def test_each_setting_is_read_in_days() -> None:
    given = {name: str(number) for number, name in enumerate(VARIABLES, 1)}
    assert Settings.from_environment(given).periods == Periods(*map(days, range(1, 6)))
    assert Settings.from_environment({"KEEP_CALLS": "36500"}).periods.calls == days(36500)


@each_of("name", VARIABLES)
@each_of("written", ["0", "-1", "1.5", "90 days", "36501", "ever"])
def test_a_period_that_is_no_number_of_days_is_refused(name: str, written: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: written})
    assert f"{name} is {json.dumps(written)}, which cannot be used: a whole number of days" in str(
        refused.value
    )
    assert "Write it like" in str(refused.value)


def test_with_a_wrong_period_nothing_is_deleted(database: Database) -> None:
    with write(database.engine) as connection:
        add_reply(connection, datetime.now(UTC) - days(1000))
    refused = zoldszam(database, KEEP_REPLIES="a while")
    assert refused.exit_code == 1
    assert refused.output.startswith("KEEP_REPLIES is")
    assert number_of(database, inbound_messages) == 1


def test_a_reply_is_kept_from_the_end_of_its_task_on_however_short_tasks_are_kept(
    database: Database,
) -> None:
    periods = Periods(tasks=days(30))
    with write(database.engine) as connection:
        sid = add_reply(connection, NOW - days(200))
        add_task(connection, NOW - days(200), NOW - days(31), sid)
    for _ in range(2):
        run(database.engine, NOW, LIMITS, periods)
    assert kept(database, inbound_messages) == {sid}
    run(database.engine, NOW + days(60), LIMITS, periods)
    assert (number_of(database, inbound_messages), number_of(database, tasks)) == (0, 0)


def test_a_text_that_a_colleague_looks_for_is_kept_until_it_is_found(database: Database) -> None:
    with write(database.engine) as connection:
        campaign_id = add_text(connection, NOW - days(60))
        number = connection.execute(select(outbox.c.number)).scalar_one()
        row = {"kind": "find_message", "phone": PHONE, "outbox_number": number, "opened_at": NOW}
        connection.execute(insert(tasks), row)
    run(database.engine, NOW, LIMITS)
    assert kept(database, campaigns) == {campaign_id}
    with write(database.engine) as connection:
        connection.execute(tasks.update().values(done_at=NOW))
    run(database.engine, NOW, LIMITS)
    assert kept(database, campaigns) == set()
