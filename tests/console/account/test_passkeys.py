"""Passkeys as second factors: enrolled with a fresh proof, each challenge once, removed."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import pytest

from backend.db.transactions import read
from backend.staff.audit import list_acts
from tests.console.support import ConsoleUnderTest, Visited
from tests.support.colleagues.passkey_device import ORIGIN, PasskeyDevice
from tests.support.databases.database import Database

pytestmark = pytest.mark.skipif(
    find_spec("webauthn") is None, reason="the extra oidc is not installed"
)

NEW, CODE = "/me/passkeys/new", "/login/code"


@dataclass
class Desk:
    """The console, and what browsers do in it."""

    console: ConsoleUnderTest

    def options(self, role: str, path: str, page: str, form: dict[str, str]) -> dict[str, Any]:
        answer = self.console.submit(role, path, form, page=page)
        assert answer.status == 200
        told: dict[str, Any] = json.loads(answer.text)
        return told

    def enrol(self, role: str, device: PasskeyDevice, label: str = "irodai gép") -> Visited:
        form = {"label": label}
        options = self.options(role, "/me/passkeys/challenge", NEW, form)
        form["passkey"] = device.create(options)
        return self.console.submit(role, NEW, form, page=NEW)

    def begin(self, role: str) -> None:
        """Log in by password, in a new browser."""
        self.console.clients.pop(role, None)
        self.console.client(role)

    def ask(self, role: str, page: str = CODE) -> dict[str, Any]:
        return self.options(role, "/login/passkey", page, {})

    def prove(self, role: str, answer: str, page: str = CODE, **form: str) -> Visited:
        return self.console.submit(role, page, {"passkey": answer, **form}, page=page)

    def acts(self, act: str) -> list[tuple[str, str | None]]:
        with read(self.console.engine) as connection:
            return [(each.by, each.detail) for each in list_acts(connection, act=act)]


@pytest.fixture
def desk(database: Database) -> Desk:
    # Not at the top: its library would be a twelfth of the collection of all tests.
    from backend.staff.authentication.webauthn_checks import WebAuthnChecks

    checks = WebAuthnChecks(ORIGIN, "Zöldszám")
    return Desk(ConsoleUnderTest(database.engine, "required", passkeys=checks))


def test_an_approver_enrols_a_passkey_first_and_logs_in_with_it(desk: Desk) -> None:
    led = desk.console.visit("approver", "/").location or ""
    assert led.startswith("/login/factor")
    assert "Azonosítókulcs használata" in desk.console.visit("approver", led).text
    device = PasskeyDevice()
    done = desk.enrol("approver", device)
    assert len(re.findall(r"<code>[a-z2-7-]{19}</code>", done.text)) == 10
    assert desk.console.visit("approver", "/campaigns").status == 200
    assert "irodai gép" in desk.console.visit("approver", "/me").text
    desk.begin("approver")
    assert (desk.console.visit("approver", "/").location or "").startswith(CODE)
    options = desk.ask("approver")
    assert len(options["allowCredentials"]) == 1
    answer = desk.prove("approver", device.get(options), next="/inbox")
    assert (answer.status, answer.location) == (303, "/inbox")
    assert desk.console.visit("approver", "/inbox").status == 200
    assert [by for by, _detail in desk.acts("passkey add")] == ["approver"]


def test_an_answer_is_good_once_in_its_session_and_its_time(desk: Desk) -> None:
    device = PasskeyDevice()
    desk.enrol("approver", device)
    desk.begin("approver")
    answer = device.get(desk.ask("approver"))
    device.count = 10
    late = device.get(desk.ask("approver"))
    desk.console.now += timedelta(minutes=5)
    assert desk.prove("approver", late).status == 422
    assert desk.prove("approver", answer).status == 422, "its challenge is void"
    good = device.get(desk.ask("approver"))
    assert desk.prove("approver", good).status == 303
    desk.begin("approver")
    desk.ask("approver")
    assert desk.prove("approver", good).status == 422, "of another session"
    assert desk.acts("login failure")[0] == ("approver", "passkey")


@pytest.mark.parametrize("wrong", ["origin", "rp_id", "key", "count"])
def test_a_passkey_of_another_place_or_a_copy_of_one_is_refused(desk: Desk, wrong: str) -> None:
    device = PasskeyDevice()
    desk.enrol("approver", device)
    desk.begin("approver")
    device.count = 5
    assert desk.prove("approver", device.get(desk.ask("approver"))).status == 303
    desk.begin("approver")
    values = {
        "origin": "https://localhost.elsewhere.example",
        "rp_id": "elsewhere.example",
        "key": PasskeyDevice().key,
        "count": 5,
    }
    setattr(device, wrong, values[wrong])
    page = desk.prove("approver", device.get(desk.ask("approver")))
    assert page.status == 422
    assert "Az azonosítókulcsot nem fogadtuk el." in page.text


def test_a_passkey_opens_no_colleagues_session_and_no_rubbish_does(desk: Desk) -> None:
    mine, theirs = PasskeyDevice(), PasskeyDevice()
    desk.enrol("approver", mine)
    desk.enrol("admin", theirs)
    desk.begin("approver")
    assert desk.prove("approver", theirs.get(desk.ask("approver"))).status == 422
    for rubbish in ("x", "[]", json.dumps({"id": json.loads(mine.get({"challenge": ""}))["id"]})):
        desk.ask("approver")
        assert desk.prove("approver", rubbish).status == 422
    options = desk.options("admin", "/me/passkeys/challenge", NEW, {"label": "új"})
    form = {"label": "új", "passkey": "{}"}
    assert desk.console.submit("admin", NEW, form, page=NEW).status == 422
    form["passkey"] = theirs.create(options)
    again = desk.console.submit("admin", NEW, form, page=NEW)
    assert again.status == 422, "its challenge was used up by the one before"
    assert desk.enrol("admin", theirs).status == 422, "it is there already"


def test_wrong_passkeys_make_the_name_wait_like_wrong_codes(desk: Desk) -> None:
    device = PasskeyDevice()
    desk.enrol("approver", device)
    desk.begin("approver")
    for _failure in range(5):
        desk.ask("approver")
        assert desk.prove("approver", "{}").status == 422
    assert desk.prove("approver", device.get(desk.ask("approver"))).status == 422
    desk.console.now += timedelta(minutes=1)
    assert desk.prove("approver", device.get(desk.ask("approver"))).status == 303


def test_what_matters_asks_for_the_passkey_again_and_a_form_that_waits_is_sent(desk: Desk) -> None:
    device = PasskeyDevice()
    desk.enrol("sender", device)
    desk.console.now += timedelta(minutes=16)
    assert (desk.console.visit("sender", NEW).location or "").startswith("/login/again")
    waiting = desk.console.submit("sender", "/me/phone", {"phone": "0630 123 4567"})
    assert waiting.status == 401
    assert "Tovább azonosítókulccsal" in waiting.text
    answer = device.get(desk.ask("sender", "/login/again"))
    kept = {"repeat": "/me/phone", "phone": "0630 123 4567"}
    sent = desk.prove("sender", answer, "/login/again", **kept)
    assert (sent.status, sent.location) == (307, "/me/phone")
    assert desk.console.visit("sender", NEW).status == 200


def test_adding_and_removing_end_the_other_sessions_and_a_name_is_wanted(desk: Desk) -> None:
    console, device = desk.console, PasskeyDevice()
    console.client("sender")
    elsewhere = console.clients.pop("sender")
    assert console.submit("sender", "/me/passkeys/challenge", {}, page=NEW).status == 422
    refused = console.submit("sender", NEW, {"label": " ", "passkey": "{}"}, page=NEW)
    assert refused.status == 422
    assert desk.enrol("sender", device).status == 200
    assert elsewhere.get("/me", base_url="https://localhost").status_code == 401
    added = desk.enrol("sender", PasskeyDevice(), "<b>másik</b>")
    assert (added.status, added.location) == (303, "/me")
    me = console.visit("sender", "/me").text
    assert "&lt;b&gt;másik" in me
    first, second = re.findall(r"/me/passkeys/([0-9a-f]{64})/remove", me)
    console.clients["other"] = console.clients.pop("sender")
    assert console.submit("viewer", f"/me/passkeys/{first}/remove", {}).status == 404
    console.clients["sender"] = console.clients.pop("other")
    for key in (first, second):
        assert console.submit("sender", f"/me/passkeys/{key}/remove", {}).location == "/me"
    assert "Bekapcsolva." not in console.visit("sender", "/me").text
    assert len(desk.acts("passkey remove")) == 2
    desk.begin("sender")
    assert console.visit("sender", "/").status == 200


def test_passkeys_that_are_not_offered_are_nowhere(console: ConsoleUnderTest) -> None:
    assert console.visit("sender", NEW).status == 404
    assert "Azonosítókulcs" not in console.visit("sender", "/me").text
    assert console.submit("sender", "/login/passkey", {}).status == 404
