"""How often a password may be guessed, and whose address counts."""

import re
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from backend.db.tables.staff import sessions
from backend.db.transactions import read, write
from backend.staff.authentication.login import Desk, log_in
from backend.staff.authentication.throttle import (
    ADDRESS_FAILURES,
    ADDRESS_WITHIN,
    FREE_FAILURES,
    attempt,
    note_failure,
)
from console.application import create_application
from tests.console.support import PASSWORD, ConsoleUnderTest
from tests.support.runs.examples import few

AT_ONCE = 12


class Counting(PasswordHasher):
    """Hashes that cost nothing; counts the comparisons with a password that somebody has."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.decoy = ""
        self.judged = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.decoy = super().hash(password, salt=salt)
        return self.decoy

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        self.judged += hash != self.decoy
        return super().verify(hash, password)  # type: ignore[arg-type]


@pytest.mark.both_databases
def test_of_guesses_that_are_made_at_once_no_more_are_judged_than_one_after_another(
    console: ConsoleUnderTest,
) -> None:
    hasher, together = Counting(), Barrier(AT_ONCE)
    desk = Desk(console.engine, "s" * 40, Random(2), lambda: console.now, hasher)  # noqa: S311
    assert log_in(desk, "nobody", "wrong", "10.0.0.9") is None, "the decoy is made"

    def guess() -> None:
        together.wait()
        log_in(desk, "sender", "wrong", "10.0.0.1")

    guesses = [Thread(target=guess) for _each in range(AT_ONCE)]
    for each in guesses:
        each.start()
    for each in guesses:
        each.join()
    assert hasher.judged == FREE_FAILURES + 1
    console.now += timedelta(minutes=1)
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is not None
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is not None, "nothing is left of them"


def _log_in(app: Flask, name: str, password: str, **headers: str) -> tuple[int, str]:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = headers.pop("address", "127.0.0.1")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    page = client.get("/login", base_url="https://localhost", headers=named).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"name": name, "password": password, "csrf_token": token[1]}
    origin = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = client.post(
        "/login", data=form, base_url="https://localhost", headers={**named, **origin}
    )
    return answer.status_code, answer.text


def test_an_address_with_thirty_failures_waits_whatever_the_name_and_no_other_address_does(
    console: ConsoleUnderTest,
) -> None:
    with write(console.engine) as connection:
        for each in range(ADDRESS_FAILURES - 1):
            tried = attempt("s" * 40, "password", f"name{each}", "10.0.0.1")
            note_failure(connection, tried, console.now)
    assert _log_in(console.app, "anybody", "wrong", address="10.0.0.1")[0] == 422
    status, page = _log_in(console.app, "sender", PASSWORD, address="10.0.0.1")
    assert status == 422
    assert "A felhasználónév vagy a jelszó nem megfelelő." in page
    assert "Több hibás próbálkozás után várni kell" in page
    assert _log_in(console.app, "sender", PASSWORD, address="10.0.0.2")[0] == 303
    console.now += ADDRESS_WITHIN
    assert _log_in(console.app, "sender", PASSWORD, address="10.0.0.1")[0] == 303


@pytest.mark.parametrize(
    ("hops", "address"), few([(2, "203.0.113.7"), (0, "10.0.0.1"), (1, "10.0.0.8")], 2)
)
def test_an_address_is_taken_from_as_many_proxies_as_there_are(
    console: ConsoleUnderTest, hops: int, address: str
) -> None:
    app = create_application(replace(console.app.extensions["console"], proxy_hops=hops))
    forged = {"X_Forwarded_For": "198.51.100.1, 203.0.113.7, 10.0.0.8", "address": "10.0.0.1"}
    assert _log_in(app, "sender", PASSWORD, **forged)[0] == 303
    with read(console.engine) as connection:
        assert connection.scalars(select(sessions.c.address)).all() == [address]


def test_nobody_elsewhere_keeps_a_colleague_from_logging_in_where_they_have_before(
    console: ConsoleUnderTest,
) -> None:
    desk = Desk(console.engine, "s" * 40, Random(2), lambda: console.now, Counting())  # noqa: S311
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is not None
    for each in range(FREE_FAILURES + 4):
        assert log_in(desk, "sender", "wrong", f"198.51.100.{each}") is None
        console.now += timedelta(minutes=15)
    console.now -= timedelta(minutes=14)
    assert log_in(desk, "sender", PASSWORD, "198.51.100.9") is None, "a stranger's address waits"
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is not None
    for _each in range(FREE_FAILURES + 1):
        log_in(desk, "sender", "wrong", "10.0.0.1")
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is None, "its own failures count there"


def test_failures_by_a_clock_that_was_fast_keep_nobody_out_when_it_is_right(
    console: ConsoleUnderTest,
) -> None:
    right = console.now
    desk = Desk(console.engine, "s" * 40, Random(2), lambda: console.now, Counting())  # noqa: S311
    console.now += timedelta(days=400)
    for _ in range(FREE_FAILURES + 3):
        log_in(desk, "sender", "wrong", "10.0.0.1")
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is None
    console.now = right
    assert log_in(desk, "sender", PASSWORD, "10.0.0.1") is not None
