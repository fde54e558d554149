"""Callers are spoken to as their number chose last, and nothing else of them is kept."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from backend.calls import caller_profiles as remembered
from backend.context import IdentificationLimits
from backend.db.tables.records import callers, calls, turns
from backend.db.transactions import read, write
from backend.retention import job
from ivr.call_handler import CallHandler
from ivr.dialogue.transcript import Keys
from ivr.lines.registry import Lines
from ivr.lines.reloading import ReloadingLines
from settings import HERE
from tests.support.calls.telephone import CALLER, HEAT_NUMBER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.databases.records import ledger


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        yield exchange


def greeting(exchange: Exchange, caller: str = CALLER) -> str:
    call = exchange.carrier.dial(from_=caller, to=LINE_NUMBER)
    told = " ".join(call.heard)
    call.hang_up()
    return told


def choose_other(exchange: Exchange, caller: str = CALLER) -> None:
    call = exchange.carrier.dial(from_=caller, to=LINE_NUMBER)
    call.type("8")
    call.hang_up()


def test_who_chose_english_is_greeted_in_english_and_offered_hungarian(exchange: Exchange) -> None:
    choose_other(exchange)
    told = greeting(exchange)
    assert "Welcome to ELMŰ-ÉMÁSZ" in told
    assert "Magyarul: nyolcas gomb" in told


def test_who_changes_back_is_greeted_in_hungarian(exchange: Exchange) -> None:
    choose_other(exchange)
    choose_other(exchange)
    assert "Üdvözli" in greeting(exchange)


@pytest.mark.parametrize("caller", ["+36309999999", "anonymous"])
def test_nobody_elses_choice_holds(exchange: Exchange, caller: str) -> None:
    choose_other(exchange)
    choose_other(exchange, "anonymous")
    assert "Üdvözli" in greeting(exchange, caller)


def test_it_is_forgotten_after_two_years(exchange: Exchange, utility: Database) -> None:
    choose_other(exchange)
    later = exchange.clock() + timedelta(days=731)
    job.run(utility.engine, later, IdentificationLimits())
    assert "Üdvözli" in greeting(exchange)


def press(exchange: Exchange, keys: str) -> None:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in keys.split():
        call.type(key)
    call.hang_up()


def kept(utility: Database) -> list[dict[str, object]]:
    with read(utility.engine) as connection:
        return [dict(row._mapping) for row in connection.execute(select(callers))]


def test_what_a_dropped_call_left_undone_is_kept_without_naming_anybody(
    exchange: Exchange, utility: Database
) -> None:
    press(exchange, "2 1 1 2 20293811 48213377# 12")
    [row] = kept(utility)
    assert row["left_undone"] == "payment_day"
    told = " ".join(map(str, row.values()))
    assert not re.search("20293811|48213377|301234567", told)


@pytest.mark.parametrize(
    "keys",
    [
        "5 3 2 20293811 1",  # stored
        "5 3 2 20293811 2",  # not wished for
        "5 3 2 20293811 0",  # talked with a person
        "5 3 2 20293811 9",  # gone back
        "2 1 1 2 20293811",  # nobody identified yet
        "6 3 1234",  # nothing of a site
    ],
)
def test_nothing_is_kept_of_a_call_that_left_nothing_undone(
    exchange: Exchange, utility: Database, keys: str
) -> None:
    press(exchange, keys)
    assert kept(utility) == []


@pytest.mark.both_databases
def test_it_is_forgotten_by_the_next_call_or_after_an_hour(
    exchange: Exchange, utility: Database
) -> None:
    press(exchange, "2 1 1 2 20293811 48213377#")
    press(exchange, "2 3")
    assert [row["left_undone"] for row in kept(utility)] == [None]
    press(exchange, "2 1 1 2 20293811 48213377#")
    limits = IdentificationLimits()
    job.run(utility.engine, exchange.clock() + timedelta(minutes=59), limits)
    assert [row["left_undone"] for row in kept(utility)] == ["payment_day"]
    job.run(utility.engine, exchange.clock() + timedelta(minutes=60), limits)
    assert kept(utility) == []


def test_a_changed_tree_leaves_nothing_to_go_on_with(
    exchange: Exchange, utility: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in ["5", "1", "20293811", "48213377#"]:
        call.type(key)
    monkeypatch.setattr(Lines, "begun_with", lambda *_: None)
    monkeypatch.setattr(ReloadingLines, "begun_with", lambda *_: None)
    exchange.app.extensions["dialogues"].clear()  # as in a process that did not take the last turn
    call.hang_up()
    assert kept(utility) == []
    with read(utility.engine) as connection:
        assert set(connection.scalars(select(calls.c.outcome))) == {"abandoned"}


@pytest.mark.both_databases
def test_the_yes_that_comes_with_the_hang_up_leaves_nothing_undone(
    exchange: Exchange, utility: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker stores the confirming key just before the end of the call is taken in."""
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in ["5", "3", "2", "20293811"]:
        call.type(key)
    end = CallHandler.close

    def yes_and_end(call_handler: CallHandler, call_sid: str) -> None:
        call_handler.hear(call_sid, CALLER, 5, Keys("1"))
        end(call_handler, call_sid)

    monkeypatch.setattr(CallHandler, "close", yes_and_end)
    call.hang_up()
    assert [request.kind for request in ledger(utility.engine)] == ["partial_billing_suspension"]
    assert kept(utility) == []
    with read(utility.engine) as connection:
        assert set(connection.scalars(select(calls.c.outcome))) == {"completed"}


def test_a_call_ends_and_is_emptied_whatever_is_wrong_with_its_transcript(
    exchange: Exchange, utility: Database
) -> None:
    for broken in ('"slow":"usual"', "[[["):
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for key in ["2", "1", "1", "2", "20293811", "48213377#"]:
            call.type(key)
        first = turns.c.call_sid == call.sid, turns.c.turn == 0
        with write(utility.engine) as connection:
            heard = connection.scalar(select(turns.c.heard).where(*first))
            assert heard is not None
            corrected = heard.replace('"slow":false', broken)
            connection.execute(update(turns).where(*first).values(heard=corrected))
        call.hang_up()
        with read(utility.engine) as connection:
            assert connection.scalar(select(turns.c.heard.is_not(None)).where(*first)) == 0
            ended = select(calls.c.ended_at).where(calls.c.call_sid == call.sid)
            assert connection.scalar(ended) is not None
    assert kept(utility) == []


def test_another_line_offers_nothing_and_forgets_nothing(utility: Database) -> None:
    lines = {"lines": HERE / "lines.yaml"}
    with Exchange(utility.url, Clock.at("2026-11-20 10:00"), settings=lines) as exchange:
        press(exchange, "2 1 1 2 20293811 48213377# 12")
        on_heat = exchange.carrier.dial(from_=CALLER, to=HEAT_NUMBER)
        assert "megszakadt" not in " ".join(on_heat.heard)
        on_heat.hang_up()
        assert "megszakadt" in greeting(exchange)


def test_who_hung_up_after_information_has_not_given_up(
    exchange: Exchange, utility: Database
) -> None:
    press(exchange, "2 3")
    with read(utility.engine) as connection:
        assert set(connection.scalars(select(calls.c.outcome))) == {"informed"}


def test_a_call_is_emptied_also_when_nothing_can_be_noted_of_it(
    exchange: Exchange, utility: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("INSERT INTO callers", {}, Exception("deadlock detected"))

    monkeypatch.setattr(remembered, "note_unfinished", fails)
    press(exchange, "2 1 1 2 20293811 48213377#")
    with read(utility.engine) as connection:
        assert set(connection.scalars(select(turns.c.heard))) == {None}
        assert set(connection.scalars(select(calls.c.outcome))) == {"abandoned"}


@pytest.mark.parametrize("second", ["2 1 1 2 20293811 48213377# 12 1", "2 3"])
def test_a_call_whose_end_is_told_late_leaves_nothing_undone(
    exchange: Exchange, utility: Database, second: str
) -> None:
    lost = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in ["2", "1", "1", "2", "20293811", "48213377#", "12"]:
        lost.type(key)
    exchange.clock.set("2026-11-20 10:05")
    press(exchange, second)
    lost.hang_up()
    assert kept(utility) == []


def test_the_end_of_an_earlier_call_takes_no_later_note_away(
    exchange: Exchange, utility: Database
) -> None:
    earlier = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    earlier.type("2")
    exchange.clock.set("2026-11-20 10:05")
    press(exchange, "2 1 1 2 20293811 48213377# 12")
    earlier.hang_up()
    assert [row["left_undone"] for row in kept(utility)] == ["payment_day"]
