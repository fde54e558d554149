"""The Gather, rule by rule (numbers as in the carrier's documentation), in virtual time."""

from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator import SimulatedCall
from simulator.voice.call import CallOverError
from simulator.voice.events import Interrupted, Lost
from simulator.voice.gather import KEYS, Collector, gather_settings
from tests.unit.simulator.voice_application import Dial, NewCarrier, Service

FORTY_TWO = "<Say>" + "x" * 42 + "</Say>"  # three seconds at fourteen characters a second


def state(call: SimulatedCall) -> str:
    return call.state  # a function, lest mypy narrow one look by an earlier one


def no_warning(code: int, text: str) -> None:
    pytest.fail(f"{code} {text}")


def gather(attributes: str, prompt: str = FORTY_TWO, after: str = "<Say>nothing</Say>") -> str:
    return f'<Gather action="/keys" {attributes}>{prompt}</Gather>{after}'


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished_on"),
    [
        ('numDigits="1"', "5", "5", ""),
        ('numDigits="4"', "1234", "1234", ""),
        ("", "1234#", "1234", "#"),
        ('finishOnKey="*"', "12#4*", "12#4", "*"),
        ('finishOnKey="" numDigits="3"', "1#*", "1#*", ""),
        ('finishOnKey="5" numDigits="6"', "2112#5", "2112#", "5"),
        ('finishOnKey="#" numDigits="4"', "12#", "12", "#"),
        ('numDigits="1"', "*", "*", ""),
    ],
)
def test_an_entry_ends_at_its_count_or_its_finishing_key(
    dial: Dial, service: Service, attributes: str, keys: str, digits: str, finished_on: str
) -> None:
    call = dial(gather(attributes))
    call.type(keys)
    (form,) = service.forms("/keys")
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == (
        digits,
        finished_on,
        "Gather End",
    )
    assert call.last_heard == "Thank you"


@pytest.mark.parametrize("attributes", ["", 'finishOnKey=""', 'numDigits="9"'])
def test_the_time_out_after_the_last_key_submits_what_was_typed(
    dial: Dial, service: Service, attributes: str
) -> None:
    call = dial(gather(attributes))
    call.type("41530")
    assert service.forms("/keys") == []
    call.silence()
    assert service.forms("/keys")[0]["Digits"] == "41530"
    assert service.forms("/keys")[0]["FinishedOnKey"] == ""


def test_silence_falls_through_to_the_next_verb(dial: Dial, service: Service) -> None:
    call = dial(gather('timeout="7"'))
    call.silence()
    assert call.last_heard == "nothing"
    assert call.ended_by == "application"
    assert service.forms("/keys") == []


def test_silence_at_the_last_verb_ends_the_call(dial: Dial) -> None:
    call = dial(gather("", after=""))
    call.silence()
    assert call.ended


@pytest.mark.parametrize("attributes", ["", 'numDigits="1"', 'finishOnKey="*"'])
def test_the_finishing_key_as_very_first_key_is_no_input(
    dial: Dial, service: Service, attributes: str
) -> None:
    call = dial(gather(attributes))
    call.press("*" if "*" in attributes else "#")
    assert call.last_heard == "nothing"
    assert service.forms("/keys") == []


@pytest.mark.parametrize("key", ["", "#"])
def test_an_empty_result_is_submitted_without_digits_when_asked_for(
    dial: Dial, service: Service, key: str
) -> None:
    call = dial(gather('actionOnEmptyResult="true"'))
    if key:
        call.press(key)
    else:
        call.silence()
    (form,) = service.forms("/keys")
    assert "Digits" not in form
    assert form["FinishedOnKey"] == key


def test_the_time_out_starts_when_the_prompts_have_been_spoken(dial: Dial) -> None:
    call = dial(gather('timeout="4"'), listens=False)
    assert (call.state, call.quiet) == ("gathering", False)
    began = call.now
    call.advance(3.0)
    assert call.quiet
    call.advance(3.99)
    assert call.state == "gathering"
    call.advance(0.01)
    assert call.heard[-1] == "nothing"
    assert call.now == pytest.approx(began + 7.0)


def test_the_first_key_stops_the_prompts_and_starts_the_time_out(
    dial: Dial, service: Service
) -> None:
    call = dial(gather('timeout="4"', FORTY_TWO + "<Say>never heard</Say>"), listens=False)
    call.advance(1.0)
    call.tap("1")
    assert call.quiet
    assert any(isinstance(event, Interrupted) for event in call.events)
    call.advance(3.9)
    assert call.state == "gathering"
    call.advance(0.1)
    assert service.forms("/keys")[0]["Digits"] == "1"
    assert "never heard" not in call.heard


def test_the_time_out_restarts_with_every_key(dial: Dial, service: Service) -> None:
    call = dial(gather('timeout="2"'))
    for key in "123":
        call.tap(key)
        call.advance(1.9)
    assert call.state == "gathering"
    call.advance(0.1)
    assert service.forms("/keys")[0]["Digits"] == "123"


def test_every_nested_prompt_is_part_of_the_gather(dial: Dial) -> None:
    prompts = '<Say>One</Say><Pause length="2"/><Say>Two</Say>'
    call = dial(gather('timeout="1"', prompts))
    assert call.heard == ["One", "Two"]
    assert call.now == pytest.approx(0.2 + 3 / 14 + 2 + 3 / 14)


def test_a_gather_without_action_asks_its_own_document_again(dial: Dial, service: Service) -> None:
    call = dial('<Gather numDigits="1"><Say>Again</Say></Gather>')
    call.press("7")
    assert [form.get("Digits") for form in service.forms("/voice")] == [None, "7"]
    assert call.last_heard == "Again"


@pytest.mark.parametrize("before", ["<Say>Please wait</Say>", '<Pause length="3"/>'])
def test_keys_outside_a_gather_are_lost(
    dial: Dial, carrier: NewCarrier, service: Service, before: str
) -> None:
    service.at("/voice", before + gather('numDigits="1"'))
    call = carrier().ring(from_="+36301234567", to="+3680202938")
    call.advance(0.3)
    call.tap("5")
    call.wait_until_quiet()
    assert [event.key for event in call.events if isinstance(event, Lost)] == ["5"]
    assert service.forms("/keys") == []
    assert call.state == "gathering"


@pytest.mark.parametrize("before", ["<Say>Please wait</Say>", '<Pause length="3"/>'])
def test_keys_outside_a_gather_wait_for_the_next_one_when_the_line_buffers(
    dial: Dial, carrier: NewCarrier, service: Service, before: str
) -> None:
    service.at("/voice", before + gather('numDigits="2"'))
    call = carrier(keys_outside_gather="buffer").ring(from_="+36301234567", to="+3680202938")
    for key in "53":
        call.advance(0.01)
        call.tap(key)
    call.wait_until_quiet()
    assert service.forms("/keys")[0]["Digits"] == "53"


@pytest.mark.parametrize(("policy", "digits"), [("drop", []), ("buffer", ["2"])])
def test_keys_during_a_webhook_follow_the_line_s_policy(
    dial: Dial, service: Service, policy: str, digits: list[str]
) -> None:
    service.at("/menu", gather('numDigits="1"'))
    call = dial(
        '<Gather action="/menu" numDigits="1"/>', fetch_seconds=1.0, keys_outside_gather=policy
    )
    call.type("52")
    assert service.forms("/menu")[0]["Digits"] == "5"
    assert [form["Digits"] for form in service.forms("/keys")] == digits


def test_keys_typed_at_a_human_pace_reach_the_next_menu(dial: Dial, service: Service) -> None:
    service.at("/menu", gather('numDigits="1"'))
    call = dial('<Gather action="/menu" numDigits="1"/>')
    call.type("52")
    assert service.forms("/keys")[0]["Digits"] == "2"


def test_keys_while_somebody_else_is_being_dialled_are_lost(
    dial: Dial, carrier: NewCarrier, service: Service
) -> None:
    service.at("/voice", "<Dial>+3612381857</Dial>" + gather('numDigits="1"'))
    call = carrier().ring(from_="+36301234567", to="+3680202938")
    call.advance(1.0)
    assert state(call) == "dialling"
    call.tap("5")
    call.advance(10.0)
    assert state(call) == "talking"
    call.tap("6")
    call.wait_until_quiet()
    assert service.forms("/keys") == []


def test_a_gather_for_speech_hears_no_keys(
    dial: Dial, carrier: NewCarrier, service: Service
) -> None:
    service.at("/voice", gather('input="speech" timeout="1"'))
    call = carrier().ring(from_="+36301234567", to="+3680202938")
    call.advance(1.0)
    call.tap("5")
    call.wait_until_quiet()
    assert call.ended
    assert service.forms("/keys") == []


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('finishOnKey="A"', 13310),
        ('finishOnKey="12"', 13311),
        ('method="PUT"', 13312),
        ('timeout="0"', 13313),
        ('timeout="soon"', 13313),
        ('numDigits="0"', 13314),
        ('numDigits="-1"', 13314),
        ('input="smell"', 13326),
    ],
)
def test_an_invalid_attribute_is_warned_about_and_keeps_its_default(
    dial: Dial, attributes: str, code: int
) -> None:
    call = dial(gather(attributes))
    assert [warning.code for warning in call.warnings] == [code]
    call.type("12#")
    assert call.last_heard == "Thank you"


def test_only_prompts_may_stand_in_a_gather(dial: Dial) -> None:
    call = dial(gather("", '<Say>Yes</Say><Dial>1</Dial><Play digits="12"/>'))
    assert [warning.code for warning in call.warnings] == [13320, 13320]
    assert call.heard == ["Yes"]


def test_the_waiting_gather_shows_its_attributes(dial: Dial) -> None:
    call = dial(gather('numDigits="8" timeout="10"'))
    assert call.gather == {"action": "/keys", "numDigits": "8", "timeout": "10"}
    call.type("20293811")
    assert call.gather is None


@pytest.mark.parametrize("wrong", ["", "12", "A", "x"])
def test_what_is_no_key_cannot_be_pressed(dial: Dial, wrong: str) -> None:
    call = dial(gather(""))
    with pytest.raises(ValueError, match="is not one key"):
        call.press(wrong)


def test_nothing_can_be_pressed_after_the_end(dial: Dial) -> None:
    call = dial("<Hangup/>")
    with pytest.raises(CallOverError, match="ended by: application"):
        call.press("1")
    with pytest.raises(CallOverError):
        call.silence()


@given(
    keys=st.text(alphabet=KEYS, max_size=12),
    finish=st.sampled_from(["", *KEYS]),
    count=st.none() | st.integers(1, 9),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_digits_never_hold_the_finishing_key_nor_exceed_the_count(
    keys: str, finish: str, count: int | None
) -> None:
    attributes = {"finishOnKey": finish} | ({"numDigits": str(count)} if count else {})
    collector = Collector(gather_settings(Element("Gather", attributes), no_warning))
    for position, key in enumerate(keys):
        if collector.take(key):
            assert collector.digits == keys[: position + (collector.finished_on == "")]
            break
    else:
        assert collector.digits == keys
    assert not finish or finish not in collector.digits
    assert count is None or len(collector.digits) <= count
