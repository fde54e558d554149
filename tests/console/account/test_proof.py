"""A fresh proof that it is the user: before what matters, and with nothing lost by it."""

import re
from datetime import timedelta

import pyotp
from flask.testing import FlaskClient

from backend.db.tables.staff import second_factors
from backend.db.transactions import read
from tests.console.campaigns.test_campaigns import add_campaign
from tests.console.support import PASSWORD, ConsoleUnderTest
from tests.support.colleagues.staff import acts_of

SITE = "https://localhost"


def enrol(console: ConsoleUnderTest, role: str) -> pyotp.TOTP:
    page = console.visit(role, "/login/factor").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert secret is not None
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    form = {"code": totp.at(console.now)}
    assert console.submit(role, "/login/factor", form, page="/login/factor").status == 200
    return totp


def test_a_form_that_came_too_late_is_kept_and_sent_when_the_password_was_given(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console)}/return"
    console.visit("approver", path)
    console.now += timedelta(minutes=16)
    asked = console.submit("approver", path, {"reason": "A név <félreérthető>."})
    assert asked.status == 401
    assert "Igazolja, hogy Ön az" in asked.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert fields["repeat"] == path
    kept = {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in fields.items()}
    assert kept["reason"] == "A név <félreérthető>."
    client = console.client("approver")
    wrong = client.post("/login/again", data={**kept, "password": "wrong"}, base_url=SITE)
    assert wrong.status_code == 422
    assert "&lt;félreérthető&gt;" in wrong.text
    proved = {**kept, "password": PASSWORD}
    led = client.post("/login/again", data=proved, base_url=SITE)
    assert (led.status_code, led.location) == (307, path)
    # As a browser does after 307: the same fields again.
    assert client.post(led.location, data=proved, base_url=SITE).status_code == 303
    assert (
        "A név &lt;félreérthető&gt;." in console.visit("sender", path.removesuffix("/return")).text
    )


def test_the_form_that_follows_a_proof_is_one_of_ours_or_none(console: ConsoleUnderTest) -> None:
    for repeat in ("//elsewhere.example/", "https://elsewhere.example/", "/logout", "/nowhere"):
        form = {"password": PASSWORD, "repeat": repeat}
        answer = console.submit("sender", "/login/again", form)
        assert (answer.status, answer.location) == (303, "/")


def test_a_password_that_was_typed_is_not_kept_in_the_page_that_asks_for_proof(
    console: ConsoleUnderTest,
) -> None:
    console.visit("sender", "/me")
    console.now += timedelta(minutes=16)
    asked = console.submit("sender", "/me/password", {"new_password": "zebra paplan holnap"})
    assert asked.status == 401
    assert "zebra" not in asked.text


def test_to_enrol_or_remove_a_factor_ends_the_other_sessions_and_renews_this_one(
    console: ConsoleUnderTest,
) -> None:
    others = [console.client("sender"), console.app.test_client()]
    console.clients["sender"] = mine = console.app.test_client()
    login = {"name": "sender", "password": PASSWORD}
    assert console.submit("sender", "/login", login, page="/login").status == 303
    before = [_cookie(mine)]
    totp = enrol(console, "sender")
    assert others[0].get("/me", base_url=SITE).status_code == 401

    console.clients["sender"] = others[1]
    console.now += timedelta(minutes=1)
    assert console.submit("sender", "/login", login, page="/login").status == 303
    code = {"code": totp.at(console.now)}
    assert console.submit("sender", "/login/code", code, page="/login/code").status == 303
    console.clients["sender"] = mine
    before.append(_cookie(mine))
    assert console.submit("sender", "/me/factor/remove", {}).status == 303
    assert others[1].get("/me", base_url=SITE).status_code == 401

    assert console.visit("sender", "/me").status == 200
    for cookie in before:
        old = console.app.test_client(use_cookies=False)
        headers = {"Cookie": f"__Host-desk={cookie}"}
        assert old.get("/me", base_url=SITE, headers=headers).status_code == 401
    kept = [act for _by, act, *_rest in acts_of(console.engine) if act.startswith("factor")]
    assert kept == ["factor set", "factor remove"]


def test_a_secret_stays_the_same_until_its_first_code_and_is_shown_after_a_fresh_proof_only(
    console: ConsoleUnderTest,
) -> None:
    shown = [console.visit("sender", "/login/factor").text for _again in range(2)]
    assert len({re.findall(r"<code>([A-Z2-7 ]+)</code>", each)[0] for each in shown}) == 1
    with read(console.engine) as connection:
        assert connection.execute(second_factors.select()).first() is None
    console.now += timedelta(minutes=16)
    assert (console.visit("sender", "/login/factor").location or "").startswith("/login/again")


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("__Host-desk")
    assert cookie is not None
    return cookie.value
