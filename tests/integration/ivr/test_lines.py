"""Several lines in one service: the number that was dialled decides, and the call keeps to it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from backend.db.tables.records import calls
from backend.db.transactions import read
from backend.records.requests.ledger import list_requests
from common.errors import ConfigurationError
from common.findings import TreeError
from settings import HERE
from simulator.parameters import spellings
from simulator.signature import signature as sign
from simulator.voice.call import SimulatedCall
from simulator.voice.events import Dialled
from tests.support.calls.telephone import (
    CALLER,
    HEAT_NUMBER,
    LINE_NUMBER,
    PUBLIC_URL,
    TOKEN,
    Clock,
    Exchange,
)
from tests.support.databases.database import Database

NOW = "2026-11-20 10:00"
ELECTRICITY = "Üdvözli az ELMŰ-ÉMÁSZ!"
HEAT = "Üdvözli a távhőszolgáltató!"
LINES = HERE / "lines.yaml"


on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what has nothing to do with the store."""


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at(NOW), settings={"lines": LINES}) as exchange:
        yield exchange


def dial(exchange: Exchange, to: str, keys: str = "") -> SimulatedCall:
    call = exchange.carrier.dial(from_=CALLER, to=to)
    for group in keys.split():
        call.type(group)
    return call


def bent(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The shipped file with its paths made whole, changed as told."""
    text = LINES.read_text("utf-8")
    for name in ("menu_tree.yaml", "menus/trees/heat.yaml", "heat_desks.yaml"):
        text = text.replace(f": {name}", f": {HERE / name}")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = tmp_path / "lines.yaml"
    file.write_text(text, "utf-8")
    return file


def test_each_number_has_its_line_with_its_own_words_menus_desks_and_records(
    exchange: Exchange, utility: Database
) -> None:
    heat = dial(exchange, HEAT_NUMBER)
    electricity = dial(exchange, LINE_NUMBER)
    assert HEAT in heat.last_heard
    assert ELECTRICITY in electricity.last_heard
    # Turn by turn beside each other, in one process.
    for call, keys in ((heat, "2"), (electricity, "5"), (heat, "1"), (electricity, "1")):
        call.type(keys)
    assert "az ügyfélkódját" in heat.last_heard
    assert "nyolcjegyű felhasználói azonosítóját" in electricity.last_heard
    for call, keys in (
        (heat, "1234# 72010002# 130# 1"),
        (electricity, "20293811 48213377# 41530# 1"),
    ):
        for group in keys.split():
            call.type(group)
    assert "köbméter fogyott" in heat.last_heard
    assert "kilowattóra fogyott" in electricity.last_heard
    with read(utility.engine) as connection:
        kinds = [request.kind for request in list_requests(connection)]
    assert kinds == ["hot_water_reading", "meter_reading"]
    for call, desk in ((heat, "+3610000001"), (electricity, "+3612383838")):
        call.type("0")
        assert [event.number for event in call.events if isinstance(event, Dialled)] == [desk]


@on_one_database
def test_a_number_that_no_line_names_gets_the_default_one(exchange: Exchange) -> None:
    for number in ("+3612383838", "sip:desk@example.hu", ""):
        assert ELECTRICITY in dial(exchange, number).last_heard


@on_one_database
def test_every_number_of_a_line_leads_to_it(exchange: Exchange) -> None:
    for number in ("+36209383838", "+36309383838", "+36709383838"):
        assert ELECTRICITY in dial(exchange, number).last_heard


def test_a_call_keeps_to_the_line_that_it_began_with_whatever_a_later_webhook_says(
    exchange: Exchange, tmp_path: Path
) -> None:
    call = dial(exchange, HEAT_NUMBER, "2")
    # The number now leads elsewhere, and another worker takes over.
    exchange.settings["lines"] = bent(tmp_path, (f'"{HEAT_NUMBER}"', '"+3680000011"'))
    exchange.restart()
    call.type("1")
    assert "az ügyfélkódját" in call.last_heard
    assert ELECTRICITY in dial(exchange, HEAT_NUMBER).last_heard
    assert HEAT in dial(exchange, "+3680000011").last_heard


def test_a_call_of_a_line_that_is_gone_gets_an_apology_and_a_person(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    call = dial(exchange, HEAT_NUMBER, "2")
    exchange.settings["lines"] = None
    exchange.restart()
    with caplog.at_level(logging.ERROR):
        call.type("1")
    assert "Rendszerünk átmenetileg nem érhető el." in call.last_heard
    assert "TranscriptMismatchError" in caplog.text


@on_one_database
def test_without_the_file_one_tree_answers_every_number(utility: Database) -> None:
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        for number in (LINE_NUMBER, HEAT_NUMBER, ""):
            assert ELECTRICITY in dial(exchange, number).last_heard


@on_one_database
def test_the_apology_is_that_of_the_line_that_was_dialled(exchange: Exchange) -> None:
    client = exchange.app.test_client()
    desks = {HEAT_NUMBER: "+3610000001", LINE_NUMBER: "+3612383838", "": "+3612383838"}
    for number, desk in desks.items():
        answer = client.post("/voice/fallback", data={"To": number})
        assert f"<Number>{desk}</Number>" in answer.text
        form = [("CallSid", "CA1"), ("From", CALLER), ("To", number), ("Digits", "1")]
        failed = client.post(
            "/voice/turns/3",
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": sign(f"{PUBLIC_URL}/voice/turns/3", form, TOKEN)},
        )
        assert failed.data == answer.data


def test_two_numbers_may_share_a_tree_and_greet_differently(
    utility: Database, tmp_path: Path
) -> None:
    english_line = f"""\
  english:
    tree: {HERE / "menus/trees/heat.yaml"}
    desks: {HERE / "heat_desks.yaml"}
    numbers: ["+3680000012"]
    languages: [en]
    opening: [opening.recording]
  heat:
"""
    lines = bent(tmp_path, ("  heat:\n", english_line))
    with Exchange(utility.url, Clock.at(NOW), settings={"lines": lines}) as exchange:
        english = dial(exchange, "+3680000012")
        hungarian = dial(exchange, HEAT_NUMBER)
        assert english.last_heard.startswith("We record this call")
        assert "nyolcas gombot" not in english.last_heard
        assert HEAT in hungarian.last_heard
        english.type("8")
        assert "That is not a valid option." in english.last_heard
        hungarian.type("8")
        assert "Welcome to district heating" in hungarian.last_heard
    with read(utility.engine) as connection:
        assert len(set(connection.scalars(select(calls.c.tree_hash)))) == 2


@on_one_database
@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("languages: [de]", 'lines.heat.languages: "de" is not in heat.yaml and its words.'),
        ("opening: [opening.hello]", 'lines.heat.opening: "opening.hello" is not in heat.yaml'),
    ],
)
def test_what_a_line_does_not_have_is_named(
    utility: Database, tmp_path: Path, setting: str, complaint: str
) -> None:
    lines = bent(tmp_path, ("    # Made up;", f"    {setting}\n    # Made up;"))
    with pytest.raises(ConfigurationError) as caught:
        Exchange(utility.url, Clock.at(NOW), settings={"lines": lines})
    assert complaint in str(caught.value)


@on_one_database
def test_a_service_with_one_broken_line_does_not_start(utility: Database, tmp_path: Path) -> None:
    tree = tmp_path / "heat.yaml"
    sound = (HERE / "menus" / "trees" / "heat.yaml").read_text("utf-8")
    tree.write_text(sound.replace("desk: heat_complaints", "desk: heat_complaint"), "utf-8")
    lines = bent(tmp_path, (str(HERE / "menus/trees/heat.yaml"), str(tree)))
    with pytest.raises(TreeError, match="there is no desk 'heat_complaint'"):
        Exchange(utility.url, Clock.at(NOW), settings={"lines": lines})


@on_one_database
@pytest.mark.parametrize("dialled", spellings(HEAT_NUMBER))
def test_however_the_dialled_number_is_written_it_has_its_line_and_is_shown_to_desks(
    exchange: Exchange, dialled: str
) -> None:
    call = dial(exchange, dialled)
    assert HEAT in call.last_heard
    call.type("0")
    assert f'callerId="{HEAT_NUMBER}"' in "".join(call.documents)
    client = exchange.app.test_client()
    answers = [
        client.get("/voice/fallback", query_string={"To": dialled}),
        client.post("/voice/fallback", data={"To": dialled}),
    ]
    for answer in answers:
        assert f'callerId="{HEAT_NUMBER}"' in answer.text
        assert "+3610000001" in answer.text


@on_one_database
def test_where_the_dialled_number_is_not_known_the_first_of_the_line_is_shown(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, "sip:desk@example.hu", "0")
    assert f'callerId="{LINE_NUMBER}"' in "".join(call.documents)
    assert f'callerId="{LINE_NUMBER}"' in exchange.app.test_client().get("/voice/fallback").text
    alone_settings = {"sms_sender": "+36209383838"}
    rng = Random(20260102)  # noqa: S311 - tests repeat
    with Exchange(utility.url, Clock.at(NOW), rng, settings=alone_settings) as alone:
        assert 'callerId="+36209383838"' in "".join(dial(alone, "", "0").documents)
