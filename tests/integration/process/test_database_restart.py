"""A PostgreSQL that is restarted during a call costs the caller nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import OperationalError
from sqlalchemy import Column, ColumnElement, select

from backend.calls.call_ends import LATE_ANSWER
from backend.db.postgres.postgres_statements import PostgresStatements
from backend.db.tables.records import callers, requests, turns
from backend.db.transactions import read
from ivr.call_endings import CallEndings
from simulator.signature import signature as sign
from simulator.voice.call import SimulatedCall
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, TOKEN, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.databases.outages import close_all_connections
from tests.support.runs.examples import few

KEYS = ["5", "3", "1", "20293811", "210#", "1"]

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def ours(database: Database, column: Column[Any], *where: ColumnElement[bool]) -> list[Any]:
    """A column's values, read over a new connection."""
    database.engine.dispose()
    with read(database.engine) as connection:
        return list(connection.scalars(select(column).where(*where)))


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        yield exchange


def dial(exchange: Exchange, keys: list[str]) -> SimulatedCall:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for group in keys:
        call.type(group)
    return call


def post(exchange: Exchange, path: str, form: dict[str, str]) -> str:
    signed = {"X-Twilio-Signature": sign(f"{PUBLIC_URL}{path}", list(form.items()), TOKEN)}
    return exchange.app.test_client().post(path, data=form, headers=signed).text


@pytest.mark.parametrize("keys", few(["210#", "5", "1", "20293811"], 1))
def test_a_call_goes_on_after_the_database_has_closed_every_connection(
    exchange: Exchange, utility: Database, keys: str
) -> None:
    call = dial(exchange, [])
    for group in KEYS:
        call.type(group)
        if group == keys:
            close_all_connections(utility)
    assert "A módosítást rögzítettük" in call.last_heard
    assert not any("Rendszerünk átmenetileg" in heard for heard in call.heard)


def test_a_call_that_comes_back_from_its_fallback_is_asked_its_question_again(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, KEYS[:-1])
    close_all_connections(utility)
    answer = post(
        exchange, "/voice/incoming", dict(call.requests[-1].form) | {"CallStatus": "in-progress"}
    )
    assert "kétszáztíz kilowattóra lesz" in answer


def test_what_came_too_late_is_told_at_the_fallback(exchange: Exchange, utility: Database) -> None:
    call = dial(exchange, KEYS)
    late = {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC_URL}/voice/turns/{len(KEYS)}"}
    close_all_connections(utility)
    answer = post(exchange, "/voice/fallback", dict(call.requests[0].form) | late)
    assert answer == call.documents[len(KEYS)]


def test_what_another_caller_typed_is_forgotten_and_this_one_goes_on(
    exchange: Exchange, utility: Database
) -> None:
    abandoned = dial(exchange, KEYS[:-1])
    abandoned.hang_up()
    call = dial(exchange, KEYS[:-1])
    exchange.clock.now += LATE_ANSWER + timedelta(seconds=1)
    close_all_connections(utility)
    call.type(KEYS[-1])
    assert "A módosítást rögzítettük" in call.last_heard
    assert not any(ours(utility, turns.c.heard, turns.c.call_sid == abandoned.sid))


def test_a_yes_that_the_hang_up_overtakes_is_stored(
    exchange: Exchange, utility: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_late = CallEndings.take_late

    def taken_after_a_restart(*arguments: object) -> None:
        close_all_connections(utility)
        take_late(*arguments)

    call = dial(exchange, KEYS[:-1])
    monkeypatch.setattr(CallEndings, "take_late", taken_after_a_restart)
    call.press_and_hang_up(KEYS[-1])
    assert ours(utility, requests.c.kind) == ["partial_consumption"]


@pytest.mark.parametrize("keys", [KEYS[:4], KEYS[:5]])
def test_what_a_call_left_undone_is_noted_though_the_answer_to_the_commit_of_its_end_is_lost(
    exchange: Exchange, utility: Database, monkeypatch: pytest.MonkeyPatch, keys: list[str]
) -> None:
    commit = PostgresStatements.commit
    lost: list[PostgresStatements] = []

    def answer_lost(statements: PostgresStatements) -> None:
        commit(statements)
        if not lost:
            lost.append(statements)
            raise OperationalError

    call = dial(exchange, keys)
    monkeypatch.setattr(PostgresStatements, "commit", answer_lost)
    call.hang_up()
    assert lost
    assert ours(utility, callers.c.left_undone) == ["partial_consumption"]
    exchange.clock.now += LATE_ANSWER + timedelta(seconds=1)
    dial(exchange, KEYS[:1])
    assert not any(ours(utility, turns.c.heard, turns.c.call_sid == call.sid))
