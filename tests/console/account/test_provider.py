"""Logging in by an identity provider, against a real one over HTTP."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

pytest.importorskip("authlib", reason="the extra oidc is not installed")

from backend.db.transactions import read, write
from backend.staff.administration import disable_user
from backend.staff.audit import Act, list_acts
from backend.staff.authentication.identities import fingerprint, link_identity
from backend.staff.authentication.identity_provider import ProviderAccount
from backend.staff.authentication.openid_client import OpenIdClient
from backend.staff.authentication.throttle import ADDRESS_FAILURES, attempt, note_failure
from tests.console.support import ADDRESS, ConsoleUnderTest, Visited
from tests.support.colleagues.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_KEY,
    Provider,
    provider,
)
from tests.support.databases.database import Database
from tests.support.runs.tables import each_of

CALLBACK = "/login/oidc/callback"


@dataclass
class Desk:
    """The console with the provider that it trusts."""

    console: ConsoleUnderTest
    provider: Provider

    def link(self, name: str) -> None:
        issuer, subject = self.provider.issuer, self.provider.subject
        with write(self.console.engine) as connection:
            link_identity(connection, name, issuer, subject, self.console.now)

    def log_in(self, browser: str | None = None, path: str = "/login/oidc") -> Visited:
        """Press the button, be sent to the provider and back."""
        return self.come_back(self.set_out(browser, path), browser)

    def set_out(self, browser: str | None = None, path: str = "/login/oidc") -> str:
        """Where the provider sends the browser to."""
        begun = self.console.visit(browser, path)
        assert begun.status == 303
        answer = requests.get(begun.location or "", allow_redirects=False, timeout=10)
        assert answer.headers["Location"].startswith(f"https://localhost{CALLBACK}?")
        return str(answer.headers["Location"]).removeprefix("https://localhost")

    def come_back(self, place: str, browser: str | None = None) -> Visited:
        return self.console.visit(browser, place)

    def refusal(self, place: str | None = None) -> Visited:
        """The page on which a login ends."""
        answer = self.log_in() if place is None else self.come_back(place)
        assert answer.location is not None
        assert answer.location.startswith("/login/oidc/refused/")
        assert self.console.visit(None, "/").status == 303
        return self.console.visit(None, answer.location)

    def acts(self, act: str) -> list[Act]:
        with read(self.console.engine) as connection:
            return list_acts(connection, act=act)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with provider(f"https://localhost{CALLBACK}") as made:
        account = ProviderAccount(
            made.issuer, CLIENT_ID, CLIENT_SECRET, made.callback, frozenset({"urn:two"})
        )
        client = OpenIdClient(account, lambda: console.now)
        console = ConsoleUnderTest(database.engine, now=datetime.now(UTC), provider=client)
        yield Desk(console, made)


def test_who_is_linked_comes_in_by_the_provider_without_a_password(desk: Desk) -> None:
    assert "Bejelentkezés céges fiókkal" in desk.console.visit(None, "/login?next=/inbox").text
    desk.link("sender")
    answer = desk.log_in(path="/login/oidc?next=/inbox")
    assert (answer.status, answer.location) == (303, "/inbox")
    assert "Fiókom (sender)" in desk.console.visit(None, "/inbox").text
    (asked,) = desk.provider.asked
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid")
    assert asked["ui_locales"] == "hu"
    (act, *_others) = desk.acts("login")
    assert (act.by, act.detail) == ("sender", "provider")


def test_who_is_not_linked_is_told_what_to_give_the_administrator(desk: Desk) -> None:
    page = desk.refusal()
    assert page.status == 403
    assert "Kérjen hozzáférést a rendszergazdától." in page.text
    assert desk.provider.subject in page.text
    assert (
        desk.provider.subject not in desk.console.visit(None, "/login/oidc/refused/unlinked").text
    )
    (act,) = desk.acts("login failure")
    assert (act.by, act.subject, act.detail) == ("console", "provider", "unlinked")


def test_a_disabled_user_is_refused_like_one_who_is_not_linked(desk: Desk) -> None:
    unlinked = desk.refusal()
    desk.link("sender")
    with write(desk.console.engine) as connection:
        disable_user(connection, "sender", desk.console.now)
    disabled = desk.refusal()
    assert (disabled.status, _plain(disabled)) == (unlinked.status, _plain(unlinked))


def _plain(page: Visited) -> str:
    return page.text[page.text.index("<main") :]


@each_of(
    ("wrong", "reason"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"aud": "somebody"}, "azp"),
        ({"aud": "somebody", "azp": CLIENT_ID}, "aud"),
        ({"aud": [CLIENT_ID, "somebody"], "azp": CLIENT_ID}, "aud"),
        ({"iss": "https://elsewhere.example"}, "iss"),
        ({"exp": 1_000_000_000}, "exp"),
        ({"iat": 4_000_000_000}, "iat"),
        ({"sub": 7}, "sub"),
        ({"at_hash": "wrong"}, "at_hash"),
        ({"amr": "mfa"}, "amr"),
    ],
)
def test_a_token_that_is_not_for_this_login_is_refused(
    desk: Desk, wrong: dict[str, object], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    desk.console.clients.clear()
    desk.link("sender")
    desk.provider.wrong = wrong
    page = desk.refusal()
    assert page.status == 502
    assert "A céges beléptető szolgáltatás válasza nem használható." in page.text
    assert desk.acts("login failure")[0].detail == "answer"
    assert caplog.messages == [f"login by the provider: answer ({reason})"]


def test_a_signature_by_an_unknown_key_is_refused_and_a_new_key_is_asked_for(desk: Desk) -> None:
    desk.link("sender")
    assert desk.log_in().location == "/"
    desk.console.clients.clear()
    desk.provider.key = OTHER_KEY
    assert desk.refusal().status == 502
    desk.provider.published = OTHER_KEY
    desk.console.now += timedelta(minutes=2)
    assert desk.log_in().location == "/"


def test_an_answer_with_another_state_from_elsewhere_or_a_second_time_is_refused(
    desk: Desk,
) -> None:
    desk.link("sender")
    place = desk.set_out()
    state = parse_qs(urlsplit(place).query)["state"][0]
    assert desk.refusal(place.replace(state, "another")).status == 400
    assert desk.refusal(place).status == 400, "the login that was on its way is used up"
    elsewhere = desk.set_out().replace("iss=http", "iss=https")
    assert desk.refusal(elsewhere).status == 502
    place = desk.set_out()
    assert desk.come_back(place).location == "/"
    desk.console.clients.clear()
    page = desk.refusal(place)
    assert page.status == 400
    assert "A bejelentkezés lejárt, vagy másik ablakban kezdte el." in page.text


def test_a_provider_that_is_down_or_refuses_is_told_in_a_sentence(desk: Desk) -> None:
    desk.provider.error = "access_denied"
    assert "A bejelentkezés megszakadt" in desk.refusal().text
    desk.provider.error = None
    place = desk.set_out()
    issuer, desk.provider.issuer = desk.provider.issuer, "http://127.0.0.1:1"
    desk.console.now += timedelta(hours=1)
    assert desk.refusal(place).status == 502, "its metadata name another issuer"
    desk.provider.issuer = issuer


def test_the_login_page_stands_while_the_provider_does_not_answer(database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    account = ProviderAccount(issuer, CLIENT_ID, CLIENT_SECRET, "https://localhost")
    client = OpenIdClient(account, lambda: console.now)
    console = ConsoleUnderTest(database.engine, provider=client)
    refused = console.visit(None, console.visit(None, "/login/oidc").location or "")
    assert refused.status == 503
    assert "nem válaszol" in refused.text
    with provider(f"https://localhost{CALLBACK}", port) as made:
        early = console.visit(None, "/login/oidc").location or ""
        assert early.endswith("/unreachable"), "it is left alone for ten seconds"
        console.now += timedelta(seconds=10)
        begun = console.visit(None, "/login/oidc")
        assert (begun.location or "").startswith(f"{made.issuer}/authorize?")
    assert console.visit("sender", "/me").status == 200


def test_many_failures_make_an_address_wait_before_the_provider_is_asked(desk: Desk) -> None:
    desk.link("sender")
    with write(desk.console.engine) as connection:
        for _failure in range(ADDRESS_FAILURES - 1):
            tried = attempt("s" * 40, "password", "anybody", ADDRESS)
            note_failure(connection, tried, desk.console.now)
    desk.provider.wrong = {"nonce": "another"}
    desk.log_in()
    desk.provider.wrong = {}
    assert desk.refusal().status == 429
    desk.console.now += timedelta(minutes=15)
    # The hour of the provider is the real one.
    desk.provider.wrong = {"exp": int(desk.console.now.timestamp()) + 60}
    assert desk.log_in().location == "/"


def test_an_approver_needs_a_factor_of_ours_unless_the_provider_has_seen_one(
    database: Database,
) -> None:
    with provider(f"https://localhost{CALLBACK}") as made:
        account = ProviderAccount(
            made.issuer, CLIENT_ID, CLIENT_SECRET, made.callback, frozenset({"urn:two"})
        )
        client = OpenIdClient(account, lambda: console.now)
        console = ConsoleUnderTest(
            database.engine, "required", now=datetime.now(UTC), provider=client
        )
        desk = Desk(console, made)
        desk.link("approver")
        assert (desk.log_in().location or "").startswith("/login/factor")
        for amr, acr in ((["pwd", "mfa"], None), ([], "urn:two")):
            made.amr, made.acr = amr, acr
            console.clients.clear()
            assert desk.log_in().location == "/"
            assert console.visit(None, "/campaigns").status == 200


def test_what_needs_a_fresh_proof_is_proved_at_the_provider_by_the_same_person(
    desk: Desk,
) -> None:
    desk.link("admin")
    desk.log_in()
    desk.console.now += timedelta(minutes=16)
    desk.provider.wrong = {"exp": int(desk.console.now.timestamp()) + 60}
    led = desk.console.visit(None, "/me/password").location or ""
    assert led.startswith("/login/again?")
    assert "Igazolás céges fiókkal" in desk.console.visit(None, led).text
    again = "/login/oidc?again=1&next=/me/password"
    old = int(desk.console.now.timestamp()) - 900
    desk.provider.auth_time = old
    assert (desk.log_in(path=again).location or "").endswith("/answer")
    assert desk.provider.asked[-1]["prompt"] == "login"
    desk.provider.auth_time = int(desk.console.now.timestamp())
    desk.provider.subject = "somebody else"
    assert (desk.log_in(path=again).location or "").endswith("/other-person")
    desk.provider.subject = Provider("").subject
    assert desk.log_in(path=again).location == "/me/password"
    assert desk.console.visit(None, "/me/password").status == 200


def test_an_administrator_links_and_unlinks_with_a_fresh_proof_and_on_record(desk: Desk) -> None:
    console, issuer, subject = desk.console, desk.provider.issuer, desk.provider.subject
    path = "/staff/sender/identity"
    assert console.visit("approver", path).status == 403
    assert console.visit("admin", "/staff/nobody/identity").status == 404
    assert console.submit("admin", path, {"subject": "  "}, page=path).status == 422
    assert console.submit("admin", path, {"subject": subject}, page=path).location == path
    assert subject in console.visit("admin", path).text
    other = "/staff/viewer/identity"
    taken = console.submit("admin", other, {"subject": subject}, page=other)
    assert taken.status == 422
    assert "Ez az azonosító már össze van kapcsolva: sender." in taken.text
    assert desk.log_in().location == "/"
    assert console.submit("admin", f"{path}/remove", {}, page=path).location == path
    assert console.visit(None, "/me").status == 401, "sessions end with the link"
    assert desk.refusal().status == 403
    (gone,), (made,) = desk.acts("identity unlink"), desk.acts("identity link")
    mark = fingerprint(issuer, subject)
    assert (made.by, made.subject, made.detail) == ("admin", "sender", mark)
    assert (gone.by, gone.subject, gone.detail) == ("admin", "sender", mark)
    own = "/staff/admin/identity"
    assert "másik rendszergazda módosíthatja" in console.visit("admin", own).text
    assert console.submit("admin", own, {"subject": "mine"}, page=own).status == 422
    console.now += timedelta(minutes=16)
    assert (console.visit("admin", path).location or "").startswith("/login/again")
