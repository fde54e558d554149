"""Logging in: one sentence for all failures, waits, sessions that end, the second factor."""

import re
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from backend.db.transactions import write
from backend.staff.administration import disable_user, set_role
from console.web.headers import POLICY
from tests.console.support import PASSWORD, ConsoleUnderTest
from tests.support.databases.database import Database


def _log_in(console: ConsoleUnderTest, name: str, password: str) -> int:
    console.clients.pop("anonymous", None)
    form = {"name": name, "password": password}
    return console.submit(None, "/login", form, page="/login").status


def test_whoever_is_not_logged_in_is_led_to_the_login_page(console: ConsoleUnderTest) -> None:
    answer = console.visit(None, "/me")
    assert (answer.status, answer.location) == (303, "/login?next=/me")
    assert answer.headers["Content-Security-Policy"] == POLICY
    login = console.visit(None, "/login?next=//elsewhere.example/")
    assert '<input type="hidden" name="next" value="/">' in login.text
    assert "Felhasználónév" in login.text


@pytest.mark.parametrize("role", ["viewer", "sender", "approver", "admin"])
def test_every_role_sees_the_first_page_and_its_account(
    console: ConsoleUnderTest, role: str
) -> None:
    assert "Nincs teendője." in console.visit(role, "/").text
    assert console.visit(role, "/me").status == 200


def test_a_wrong_password_and_an_unknown_name_look_the_same(console: ConsoleUnderTest) -> None:
    pages = []
    for name in ("sender", "nobody"):
        console.clients.pop("anonymous", None)
        form = {"name": name, "password": "wrong"}
        answer = console.submit(None, "/login", form, page="/login")
        assert answer.status == 422
        assert "Javítandó" in answer.text
        kept = re.sub(r'csrf_token" value="[^"]*"', "", answer.text)
        pages.append(kept.replace(f'value="{name}"', ""))
    assert pages[0] == pages[1]


def test_whatever_is_wrong_with_a_login_one_password_is_compared(
    console: ConsoleUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write(console.engine) as connection:
        disable_user(connection, "viewer", console.now)
    _log_in(console, "sender", PASSWORD)
    for _attempt in range(5):
        _log_in(console, "approver", "wrong")
    compared: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, known: str, typed: str) -> bool:
        compared.append(typed)
        return verify(hasher, known, typed)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name, password, status in (
        ("sender", PASSWORD, 303),
        ("sender", "wrong", 422),
        ("nobody", PASSWORD, 422),
        ("viewer", PASSWORD, 422),
        ("approver", PASSWORD, 422),
    ):
        compared.clear()
        assert _log_in(console, name, password) == status
        assert compared == [password], name


def test_from_the_fifth_failure_on_even_the_right_password_has_to_wait(
    console: ConsoleUnderTest,
) -> None:
    for _attempt in range(5):
        assert _log_in(console, "sender", "wrong") == 422
    assert _log_in(console, "sender", PASSWORD) == 422
    console.now += timedelta(minutes=1)
    assert _log_in(console, "sender", PASSWORD) == 303


def test_a_session_ends_after_half_an_hour_and_with_a_new_role(console: ConsoleUnderTest) -> None:
    console.visit("sender", "/")
    console.now += timedelta(minutes=30)
    assert console.visit("sender", "/me").status == 401
    console.visit("viewer", "/")
    with write(console.engine) as connection:
        set_role(connection, "viewer", "sender", console.now)
    assert console.visit("viewer", "/").status == 401


def test_a_form_without_token_or_from_elsewhere_is_refused(console: ConsoleUnderTest) -> None:
    client = console.client("sender")
    assert client.post("/logout", base_url="https://localhost").status_code == 400
    foreign = {"Origin": "https://elsewhere.example"}
    answer = client.post("/logout", base_url="https://localhost", headers=foreign)
    assert answer.status_code == 403


def test_an_approver_enrols_a_second_factor_first_and_each_code_is_good_once(
    database: Database,
) -> None:
    console = ConsoleUnderTest(database.engine, second_factor="required")
    assert (console.visit("approver", "/").location or "").startswith("/login/factor")
    enrolling = console.visit("approver", "/login/factor")
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", enrolling.text)
    assert secret is not None
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    code = totp.at(console.now)
    done = console.submit("approver", "/login/factor", {"code": code}, page="/login/factor")
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", done.text)
    assert len(codes) == 10
    assert console.visit("approver", "/").status == 200
    console.clients.pop("approver")
    console.client("approver")
    assert (console.visit("approver", "/").location or "").startswith("/login/code")
    give = {"path": "/login/code", "page": "/login/code"}
    assert console.submit("approver", form={"code": code}, **give).status == 422
    assert console.submit("approver", form={"code": codes[0]}, **give).status == 303
    assert console.visit("approver", "/").status == 200
