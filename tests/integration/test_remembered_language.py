"""Callers are greeted in the language that their number chose last."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend import retention
from backend.context import IdentificationLimits
from tests.database import Database
from tests.telephone import CALLER, LINE_NUMBER, Clock, Exchange


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
    assert "Welcome to the telephone service" in told
    assert "Magyar nyelvhez nyomja meg a nyolcas gombot" in told


def test_who_changes_back_is_greeted_in_hungarian(exchange: Exchange) -> None:
    choose_other(exchange)
    choose_other(exchange)
    assert "Üdvözli Önt" in greeting(exchange)


@pytest.mark.parametrize("caller", ["+36309999999", "anonymous"])
def test_nobody_elses_choice_holds(exchange: Exchange, caller: str) -> None:
    choose_other(exchange)
    choose_other(exchange, "anonymous")
    assert "Üdvözli Önt" in greeting(exchange, caller)


def test_it_is_forgotten_after_two_years(exchange: Exchange, utility: Database) -> None:
    choose_other(exchange)
    later = exchange.clock() + timedelta(days=731)
    retention.run(utility.engine, later, IdentificationLimits())
    assert "Üdvözli Önt" in greeting(exchange)
