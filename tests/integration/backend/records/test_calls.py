"""Calls and their transcripts, on both databases."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from backend.calls import call_ends, call_log, transcripts
from backend.db.driver import driver_of
from backend.db.kept_connections import single_statements
from backend.db.tables import records as tables
from backend.db.transactions import read, write
from backend.interface.commands import ChangePaymentDay, SuspendPartialBilling
from backend.service import submit
from ivr.turn_transaction import AlreadyAnsweredError, TurnTransaction
from tests.support.databases.database import Database
from tests.support.databases.records import context, ledger

BEGAN = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)
SID = "CA" + "0123456789abcdef" * 2


def begin(database: Database, sid: str = SID, rng: Random | None = None) -> call_log.StoredCall:
    with write(database.engine) as connection:
        return call_log.begin_call(
            connection,
            sid,
            BEGAN,
            caller_key="hash",
            dialled="+3680202938",
            tree_hash="first tree",
            rng=rng or Random(),  # noqa: S311 - nothing in a test is secret
        )


def add(database: Database, turn: int, heard: str, place: str = "main") -> bool:
    with write(database.engine) as connection:
        at = BEGAN + timedelta(seconds=turn)
        return transcripts.add_turn(driver_of(connection), SID, turn, at, place, heard)


def heard(database: Database) -> list[tuple[int, str | None]]:
    with read(database.engine) as connection:
        turns = transcripts.read_turns(driver_of(connection), SID)
    assert all(turn.moment() is None for turn in turns)
    return [(turn.turn, turn.heard) for turn in turns]


def test_a_turn_is_added_only_behind_the_one_that_it_follows(database: Database) -> None:
    def add_after(turn: int, after: str) -> bool:
        with write(database.engine) as connection:
            driver = driver_of(connection)
            return transcripts.add_turn(driver, SID, turn, BEGAN, "main", "[]", after=after)

    begin(database)
    add(database, 0, '["0"]')
    assert not add_after(1, '["another"]')
    assert not add_after(2, '["0"]')
    assert add_after(1, '["0"]')
    assert not add_after(1, '["0"]')
    assert heard(database) == [(0, '["0"]'), (1, "[]")]
    with write(database.engine) as connection:
        assert call_ends.end_call(connection, SID, BEGAN, "informed")
    assert not add_after(2, "[]")


def at_the_same_time(*works: Callable[[], None]) -> None:
    start = Barrier(len(works))
    failures: list[Exception] = []

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_moment_of_one_turn_is_told_with_the_turns(database: Database) -> None:
    begin(database)
    for turn in range(3):
        add(database, turn, "[]")
    with read(database.engine) as connection:
        turns = transcripts.read_turns(driver_of(connection), SID, timed=1)
    assert [turn.moment() for turn in turns] == [None, BEGAN + timedelta(seconds=1), None]


def test_a_call_that_begins_again_is_the_same_call(database: Database) -> None:
    first = begin(database)
    assert re.fullmatch("[0-9]{6}", first.reference)
    assert first == call_log.StoredCall(first.reference, "first tree", BEGAN, None)
    assert begin(database) == first
    with read(database.engine) as connection:
        assert call_log.find_call(connection, SID) == first
        assert call_log.find_call(connection, "another") is None


def test_a_reference_is_longer_where_no_short_one_is_free(database: Database) -> None:
    class Taken(Random):
        def randrange(self, *bounds: int) -> int:  # type: ignore[override]
            return 5 if bounds == (10**6,) else super().randrange(*bounds)

    first = begin(database, "CA1", Taken(5))
    second = begin(database, "CA2", Taken(6))
    assert (first.reference, len(second.reference)) == ("000005", 8)


@pytest.mark.both_databases
def test_a_reference_that_is_taken_is_drawn_again(database: Database) -> None:
    first = begin(database, "CA1", Random(5))  # noqa: S311 - it must repeat
    second = begin(database, "CA2", Random(5))  # noqa: S311 - it must repeat
    assert first.reference != second.reference


@pytest.mark.both_databases
def test_a_call_is_entered_with_its_first_turn_or_not_at_all(database: Database) -> None:
    def begin_with(sid: str, reference: str) -> bool:
        head = transcripts.Head(sid, reference, "hash", "+3680202938", "tree", BEGAN, "general")
        with write(database.engine) as connection:
            return transcripts.begin_call(driver_of(connection), head, "main", "[]")

    assert begin_with(SID, "123456")
    assert not begin_with(SID, "654321")
    assert not begin_with("CA2", "123456")
    with read(database.engine) as connection:
        [call] = connection.execute(select(tables.calls)).all()
        [turn] = connection.execute(select(tables.turns)).all()
    assert call[:6] == (SID, "123456", "hash", "+3680202938", "tree", BEGAN)
    assert (call.desk, call.agent_at, call.ended_at, call.outcome) == ("general", None, None, None)
    assert turn == (SID, 0, BEGAN, "main", "[]")


def test_a_call_sid_may_be_any_text_of_128_characters(database: Database) -> None:
    sid = "é" * 128
    begin(database, sid)
    with read(database.engine) as connection:
        assert call_log.find_call(connection, sid) is not None


def test_turns_come_back_in_their_order_as_they_were(database: Database) -> None:
    begin(database)
    for turn in (0, 1, 2, 10, 3):
        assert add(database, turn, f'{{"keys":"{turn}"}}')
    assert heard(database) == [(turn, f'{{"keys":"{turn}"}}') for turn in (0, 1, 2, 3, 10)]


@pytest.mark.both_databases
def test_the_same_turn_again_adds_nothing(database: Database) -> None:
    begin(database)
    assert add(database, 0, '"first"')
    assert not add(database, 0, '"second"')
    assert heard(database) == [(0, '"first"')]


@pytest.mark.both_databases
def test_a_turn_is_stored_with_its_moment_in_utc(database: Database) -> None:
    begin(database)
    add(database, 1, "[]")
    with read(database.engine) as connection:
        [at] = connection.execute(select(tables.turns.c.at)).scalars()
        [step] = call_log.find_path(connection, SID)
    assert at == BEGAN + timedelta(seconds=1)
    assert at.tzinfo is UTC
    assert step == call_log.Step(1, at, "main")


def test_a_turn_without_a_time_zone_is_refused(database: Database) -> None:
    begin(database)
    naive = BEGAN.replace(tzinfo=None)
    with pytest.raises(ValueError, match="has no time zone"), write(database.engine) as connection:
        transcripts.add_turn(driver_of(connection), SID, 0, naive, "main", "[]")


@pytest.mark.both_databases
def test_two_webhooks_with_the_same_turn_at_once_add_one(database: Database) -> None:
    begin(database)
    added: list[tuple[int, bool]] = []

    def webhook(turn: int, mine: str) -> None:
        added.append((turn, add(database, turn, mine)))

    for turn in range(10):
        at_the_same_time(*(partial(webhook, turn, f'"{mine}"') for mine in range(3)))
    assert sorted(added) == sorted(
        (turn, first) for turn in range(10) for first in (True, False, False)
    )
    assert len(heard(database)) == 10


@pytest.mark.both_databases
def test_a_webhook_that_comes_second_stores_nothing_of_its_own(utility: Database) -> None:
    begin(utility)
    receipts: list[tuple[str, ...]] = []

    def webhook() -> None:
        with (
            suppress(AlreadyAnsweredError),
            single_statements(utility.engine) as connection,
            TurnTransaction(utility.engine, connection, context(call_sid=SID)) as transaction,
        ):
            command = ChangePaymentDay("20293811", "C-1001", 12)
            submitted = transaction.submit(command).receipts
            transaction.add_turn(0, "done", "[]", after=None)
            receipts.append(submitted)

    at_the_same_time(webhook, webhook, webhook)
    assert len(receipts) == 1
    assert [request.receipt for request in ledger(utility.engine)] == list(receipts[0])


@pytest.mark.both_databases
def test_of_two_suspensions_at_once_one_is_a_request(utility: Database) -> None:
    receipts: list[tuple[str, ...]] = []

    def suspend() -> None:
        with write(utility.engine) as connection:
            command = SuspendPartialBilling("20293811", "C-1001", BEGAN.date())
            receipts.append(submit(connection, command, context()).receipts)

    at_the_same_time(suspend, suspend)
    assert sorted(len(each) for each in receipts) == [0, 1]
    assert len(ledger(utility.engine)) == 1


def test_the_end_keeps_the_path_and_forgets_what_was_typed(database: Database) -> None:
    begin(database)
    add(database, 0, '"20293811"', "identify.site")
    add(database, 1, '"48213377"', "identify.serial")
    ended = BEGAN + timedelta(minutes=3)
    with write(database.engine) as connection:
        assert call_ends.end_call(connection, SID, ended, "completed")
    assert heard(database) == [(0, None), (1, None)]
    with read(database.engine) as connection:
        places = [step.place for step in call_log.find_path(connection, SID)]
        call = call_log.find_call(connection, SID)
    assert places == ["identify.site", "identify.serial"]
    assert call is not None
    assert call.ended_at == ended


def test_a_call_ends_once(database: Database) -> None:
    begin(database)
    with write(database.engine) as connection:
        assert call_ends.end_call(connection, SID, BEGAN, "completed")
        assert not call_ends.end_call(connection, SID, BEGAN + timedelta(hours=1), "failed")
        assert not call_ends.end_call(connection, "another", BEGAN, "completed")
    with read(database.engine) as connection:
        [row] = connection.execute(select(tables.calls)).mappings()
    assert (row["ended_at"], row["outcome"]) == (BEGAN, "completed")


def test_the_first_answer_of_a_person_is_what_counts(database: Database) -> None:
    begin(database)
    with write(database.engine) as connection:
        call_log.note_desk(connection, SID, "billing")
        call_log.note_agent(connection, SID, BEGAN + timedelta(seconds=200))
        call_log.note_desk(connection, SID, "general")
        call_log.note_agent(connection, SID, BEGAN + timedelta(seconds=900))
    with read(database.engine) as connection:
        [row] = connection.execute(select(tables.calls)).mappings()
    assert row["desk"] == "general"
    assert row["agent_at"] - row["began_at"] == timedelta(seconds=200)
