"""``zoldszam carrier``: an account like Twilio's over HTTP, and a service behind its address."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from flask import Flask, redirect, request

from app import create_app
from cli import commands
from settings import Settings
from simulator.account import AccountNumbers
from simulator.carrier import Carrier
from simulator.messaging_service import MessagingService
from simulator.server import create_simulator
from simulator.threaded_server import running
from sms.setup.addresses import CALLS, MESSAGES
from tests.support.carriers.twilio_api import (
    assert_valid_account,
    assert_valid_number,
    assert_valid_number_update,
)

ACCOUNT, TOKEN = "AC" + "5" * 32, "the token of a test"
GREEN, SENDER = "+3680202938", "+36209383838"
SERVICE = "MG" + "7" * 32
PUBLIC = "https://line.example.hu/desk"


class Desk:
    """The account and what is configured here; ``run`` is the command line."""

    def __init__(self, account: AccountNumbers, address: str, folder: Path) -> None:
        self.account = account
        self.updates: list[list[tuple[str, str]]] = []
        lines = folder / "lines.yaml"
        tree = Path(__file__).parents[3] / "menu_tree.yaml"
        lines.write_text(
            f"default: green\nlines:\n  green:\n    tree: {tree}\n    numbers: ['{GREEN}']\n"
        )
        self.environment = {
            "PUBLIC_URL": PUBLIC,
            "LINES_FILE": str(lines),
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": address,
            "SMS_FROM": SENDER,
        }

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(
            commands, ["carrier", *arguments], env=self.environment | environment
        )

    def check(self, **environment: str) -> Result:
        return self.run("check", "--no-own-address", **environment)

    def number(self, number: str) -> dict[str, object]:
        return next(n for n in self.account.numbers.values() if n["phone_number"] == number)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    account = AccountNumbers(ACCOUNT, TOKEN, Random(1))  # noqa: S311 - ids
    app = create_simulator(
        Carrier(voice_url="http://127.0.0.1:9/voice", auth_token=TOKEN), numbers=account
    )
    with running(app) as address:
        desk = Desk(account, address, tmp_path)

        @app.before_request
        def note() -> None:
            if request.method == "POST":
                desk.updates.append(list(request.form.items(multi=True)))

        for number in (GREEN, SENDER):
            account.add(number, **{n: PUBLIC + path for n, path in (CALLS | MESSAGES).items()})
        yield desk


def test_an_account_that_is_set_up_is_all_right_and_nothing_is_changed(desk: Desk) -> None:
    told = desk.check()
    assert told.exit_code == 0, told.output
    assert told.output.endswith("All is set up.\n")
    assert f"{GREEN}: voice_url: {PUBLIC}/voice/incoming" in told.output
    assert TOKEN not in told.output
    assert desk.updates == []


def test_what_the_simulator_answers_has_the_shape_of_twilios_document(desk: Desk) -> None:
    assert_valid_account(desk.account.resource())
    for number in desk.account.numbers.values():
        assert_valid_number(number)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("voice_url", "https://old.example.hu/voice", "voice_url: https://old.example.hu/voice"),
        ("voice_url", None, "voice_url: not set"),
        ("voice_fallback_url", None, "voice_fallback_url: not set"),
        ("status_callback", None, "status_callback: not set"),
        ("voice_application_sid", "AP" + "1" * 32, "goes before it"),
        ("trunk_sid", "TK" + "1" * 32, "SIP trunk"),
        ("capabilities", {"voice": False, "sms": True}, "takes no calls"),
        ("phone_number", "+3612345678", "is no number of this account"),
    ],
)
def test_what_is_wrong_with_a_number_is_told_with_its_mend(
    desk: Desk, field: str, value: object, told: str
) -> None:
    desk.number(GREEN)[field] = value
    answer = desk.check()
    assert answer.exit_code == 1
    assert f"WRONG {GREEN}: " in answer.output
    assert told in answer.output


def test_addresses_may_say_how_they_are_called_and_a_fallback_may_be_elsewhere(desk: Desk) -> None:
    desk.number(GREEN)["voice_url"] = f"{PUBLIC}/voice/incoming#rc=2&rp=5xx"
    desk.number(GREEN)["voice_fallback_url"] = "https://copies.example.hu/sorry.xml"
    assert desk.check().exit_code == 0


def test_a_number_asked_by_get_works_and_is_noted(desk: Desk) -> None:
    desk.number(GREEN)["voice_method"] = "GET"
    told = desk.check()
    assert told.exit_code == 0
    assert f"note  {GREEN}: voice_url: asked by GET" in told.output


def test_a_fallback_here_that_is_asked_by_get_is_noted_and_mended(desk: Desk) -> None:
    desk.number(GREEN)["voice_fallback_method"] = "GET"
    assert f"note  {GREEN}: voice_fallback_url: asked by GET" in desk.check().output
    assert desk.run("connect", "--number", GREEN, "--yes").exit_code == 0
    assert desk.updates == [[("VoiceFallbackMethod", "POST")]]
    desk.number(GREEN)["voice_fallback_url"] = "https://copies.example.hu/sorry.xml"
    desk.number(GREEN)["voice_fallback_method"] = "GET"
    assert "leads to" in desk.run("connect", "--number", GREEN).output


def test_a_wrong_token_is_told_by_its_variable_and_is_the_last_thing_asked(desk: Desk) -> None:
    told = desk.check(TWILIO_AUTH_TOKEN="another")
    assert told.exit_code == 1
    assert "WRONG TWILIO_AUTH_TOKEN: refused" in told.output
    assert GREEN not in told.output


def test_a_carrier_that_does_not_answer_is_told_as_such(desk: Desk) -> None:
    told = desk.check(TWILIO_API_URL="http://127.0.0.1:9")
    assert told.exit_code == 1
    assert "WRONG TWILIO_API_URL: no usable answer" in told.output


def test_a_clock_that_is_wrong_a_trial_and_a_closed_account_are_told(desk: Desk) -> None:
    desk.account.clock = lambda: datetime.now(UTC) - timedelta(minutes=5)
    desk.account.type = "Trial"
    told = desk.check()
    assert "seconds ahead of the carrier's" in told.output
    assert "the account is a trial" in told.output
    desk.account.status = "suspended"
    assert "the account is suspended" in desk.check().output


def test_a_messaging_service_must_exist_have_a_sender_and_send_replies_here(desk: Desk) -> None:
    by_service = {"SMS_FROM": "", "SMS_MESSAGING_SERVICE_SID": SERVICE}
    assert "no messaging service of this account" in desk.check(**by_service).output
    service = desk.account.services[SERVICE] = MessagingService()
    told = desk.check(**by_service)
    assert "has no sender" in told.output
    assert "replies go to nowhere" in told.output
    service.numbers = (SENDER,)
    service.inbound_url = f"{PUBLIC}/sms/inbound"
    assert desk.check(**by_service).exit_code == 0
    service.inbound_method = "GET"
    assert f"note  {SERVICE}: replies come by GET" in desk.check(**by_service).output
    service.leaves_replies_to_numbers = True
    assert desk.check(**by_service).exit_code == 0
    desk.number(SENDER)["sms_url"] = None
    assert f"WRONG {SENDER}: sms_url: not set" in desk.check(**by_service).output


def test_a_name_as_sender_is_noted_because_nobody_can_answer_it(desk: Desk) -> None:
    told = desk.check(SMS_FROM="Zoldszam")
    assert told.exit_code == 0
    assert "note  Zoldszam: messages come from a name" in told.output


def test_without_numbers_of_lines_those_that_lead_here_are_looked_at(desk: Desk) -> None:
    assert desk.check(LINES_FILE="").exit_code == 0
    for number in (GREEN, SENDER):
        desk.number(number)["voice_url"] = None
    told = desk.check(LINES_FILE="")
    assert "none of the account's 2 numbers leads here" in told.output


def test_the_check_is_there_for_other_programs(desk: Desk) -> None:
    desk.number(GREEN)["voice_url"] = None
    told = json.loads(desk.run("check", "--json", "--no-own-address").output)
    assert {"verdict", "subject", "told", "hint"} == set(told[0])
    assert [each["subject"] for each in told if each["verdict"] == "wrong"] == [GREEN]


def test_connecting_shows_the_difference_first_and_changes_only_what_differs(desk: Desk) -> None:
    number = desk.number(GREEN)
    number |= {"voice_url": "https://old.example.hu", "sms_method": "GET"}
    number["voice_application_sid"] = "AP" + "1" * 32
    number["voice_fallback_url"] = "https://copies.example.hu/sorry.xml"
    shown = desk.run("connect", "--number", "06 80 202 938", "--dry-run")
    assert f"voice_url: https://old.example.hu -> {PUBLIC}/voice/incoming" in shown.output
    assert desk.updates == []
    done = desk.run("connect", "--number", GREEN, "--yes")
    assert done.exit_code == 0, done.output
    assert_valid_number_update(desk.updates[0])
    assert {name for name, _ in desk.updates[0]} == {"VoiceUrl", "SmsMethod", "VoiceApplicationSid"}
    assert desk.check().exit_code == 0
    again = desk.run("connect", "--number", GREEN)
    assert again.output == f"{GREEN} leads to {PUBLIC} already.\n"


def test_connecting_asks_first_and_refuses_foreign_numbers_and_trunks(desk: Desk) -> None:
    desk.number(GREEN)["voice_url"] = None
    assert desk.run("connect", "--number", GREEN).exit_code == 1
    assert "is no number of this account" in desk.run("connect", "--number", "+3612345678").output
    desk.number(GREEN)["trunk_sid"] = "TK" + "1" * 32
    assert "SIP trunk" in desk.run("connect", "--number", GREEN, "--yes").output
    assert desk.updates == []


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The webhooks of a service; no call is made, so its database stays empty."""
    folder = tmp_path_factory.mktemp("service")
    return create_app(Settings(database_url=f"sqlite:///{folder}/none.db", auth_token=TOKEN))


def own(desk: Desk, address: str, token: str = TOKEN) -> str:
    told = desk.run("check", PUBLIC_URL=address, TWILIO_AUTH_TOKEN=token).output
    return next(line for line in told.splitlines() if f" {address}: " in line)


def test_the_own_address_is_asked_as_the_carrier_would(desk: Desk, service: Flask) -> None:
    with running(service) as address:
        assert own(desk, address).startswith(f"ok    {address}: it leads to this service")
        desk.account.auth_token = "a newer token"
        assert "refuses our signature" in own(desk, address, "a newer token")


def test_an_address_that_leads_elsewhere_redirects_or_is_dead_is_told(desk: Desk) -> None:
    elsewhere = Flask("elsewhere")
    elsewhere.add_url_rule("/moved/voice/status", view_func=_moved, methods=["POST"])
    with running(elsewhere) as address:
        assert "another service answers there (HTTP 404)" in own(desk, address)
        assert "it redirects (HTTP 302)" in own(desk, f"{address}/moved")
    assert "cannot be reached" in own(desk, "http://127.0.0.1:9")


def test_a_proxy_that_writes_queries_anew_is_told(desk: Desk, service: Flask) -> None:
    def proxy(environ, start_response):  # type: ignore[no-untyped-def]
        environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("+", "%20")
        return service.wsgi_app(environ, start_response)

    with running(proxy) as address:
        assert "a proxy changes the query" in own(desk, address)


def _moved() -> object:
    return redirect("/elsewhere")
