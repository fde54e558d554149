"""Say, Play, Pause, Redirect, Dial, Enqueue, Hangup and Reject, and what the carrier ignores."""

import io
import wave

import pytest
from werkzeug import Response as Answer

from simulator import DialOutcome
from simulator.voice.dial import Outcome
from simulator.voice.events import Dialled, Dialling, Heard
from tests.unit.simulator.voice_application import BASE, Dial, NewCarrier, Service


def speech(call_events: list[object]) -> Heard:
    (heard,) = [event for event in call_events if isinstance(event, Heard)]
    return heard


@pytest.mark.parametrize(
    ("say", "caption", "seconds"),
    [
        ("<Say>" + "x" * 28 + "</Say>", "x" * 28, 2.0),
        ('<Say>One<break time="600ms"/>two</Say>', "One … two", 8 / 14 + 0.6),
        ('<Say>One<break time="2s"/></Say>', "One", 3 / 14 + 2.0),
        ('<Say>One <break strength="strong"/> two</Say>', "One … two", 8 / 14 + 0.75),
        ("<Say>One<break/>two</Say>", "One … two", 8 / 14 + 0.5),
        ("<Say>  many \n blanks </Say>", "many blanks", 11 / 14),
        ('<Say><prosody pitch="low">low</prosody> words</Say>', "low words", 9 / 14),
        ('<Say>2<sub alias="amper">A</sub></Say>', "2amper", 6 / 14),
        ('<Say loop="3">abc</Say>', "abc", 9 / 14),
    ],
)
def test_speech_has_a_caption_and_an_estimated_length(
    dial: Dial, say: str, caption: str, seconds: float
) -> None:
    heard = speech(list(dial(say).events))
    assert heard.text == caption
    assert heard.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("80%", 0.8),
        ("62.5%", 0.625),
        ("100%", 1.0),
        ("150%", 1.5),
        ("x-slow", 0.5),
        ("slow", 0.75),
        ("medium", 1.0),
        ("fast", 1.5),
        ("x-fast", 2.0),
    ],
)
def test_words_of_another_speed_last_so_much_longer_and_their_rests_do_not(
    dial: Dial, written: str, rate: float
) -> None:
    say = f'<Say><prosody rate="{written}">Önt<break time="700ms"/>üdvözli.</prosody></Say>'
    call = dial(say)
    heard = speech(list(call.events))
    assert (heard.text, call.warnings) == ("Önt … üdvözli.", [])
    assert heard.rate == pytest.approx(rate)
    assert heard.seconds == pytest.approx(13 / 14 / rate + 0.7)
    assert call.now == pytest.approx(0.2 + heard.seconds)


def test_a_rate_holds_for_its_own_words_and_counts_from_the_usual_speed(dial: Dial) -> None:
    usual = "abc"
    slow = '<prosody rate="50%">abc<prosody rate="80%">abc</prosody></prosody>'
    heard = speech(list(dial(f"<Say>{usual}{slow}</Say>").events))
    assert heard.seconds == pytest.approx(3 / 14 * (1 + 1 / 0.5 + 1 / 0.8))
    assert heard.rate == pytest.approx(3 / (1 + 1 / 0.5 + 1 / 0.8))


@pytest.mark.parametrize("written", ["80", "0%", "-20%", "quick", ""])
def test_a_rate_that_is_none_is_warned_about_and_words_keep_their_speed(
    dial: Dial, written: str
) -> None:
    call = dial(f'<Say><prosody rate="{written}">abc</prosody></Say>')
    assert [(found.code, repr(written) in found.text) for found in call.warnings] == [(12200, True)]
    heard = speech(list(call.events))
    assert (heard.text, heard.rate) == ("abc", 1.0)


def test_a_rest_without_words_is_time_and_no_caption(dial: Dial) -> None:
    call = dial('<Say><break time="3s"/></Say>')
    assert (call.heard, call.warnings) == ([], [])
    assert call.now == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("attributes", "language"),
    [
        ('language="hu-HU"', "hu-HU"),
        ('voice="Google.hu-HU-Wavenet-A"', "hu-HU"),
        ("", "en-US"),
    ],
)
def test_speech_knows_its_language(dial: Dial, attributes: str, language: str) -> None:
    assert speech(list(dial(f"<Say {attributes}>x</Say>").events)).language == language


@pytest.mark.parametrize(
    ("say", "code"),
    [
        ("<Say> </Say>", 13520),
        ("<Say>" + "á" * 2049 + "</Say>", 13521),
        ('<Say voice="Polly.Joanna">' + "a" * 3001 + "</Say>", 13521),
        ('<Say voice="Google.hu-HU-Wavenet-A">' + "a" * 5001 + "</Say>", 13521),
    ],
)
def test_too_little_and_too_much_to_say_is_warned_about(dial: Dial, say: str, code: int) -> None:
    call = dial(say + "<Say>Next</Say>")
    assert [warning.code for warning in call.warnings] == [code]
    assert call.heard == ["Next"]


@pytest.mark.parametrize(
    ("verbs", "warning"),
    [
        ("<say>x</say>", "perhaps <Say>"),
        ("<Sing>x</Sing>", "unknown verb <Sing>"),
        ('<Pause Length="1"/>', "unknown attribute Length"),
        ("<Dial>1<Client>someone</Client></Dial>", "<Client> may not stand in <Dial>"),
        ("<Say>a<blink>b</blink></Say>", "unknown tag <blink>"),
        ("<Pause/>stray", "text outside of a verb"),
        ('<Gather><Say Voice="x">a</Say></Gather>', "unknown attribute Voice of <Say>"),
    ],
)
def test_what_the_schema_does_not_know_is_warned_about_and_ignored(
    dial: Dial, verbs: str, warning: str
) -> None:
    call = dial(verbs + "<Say>Next</Say>")
    if call.gather is not None:
        call.silence()
    assert [found.code for found in call.warnings] == [12200]
    assert warning in call.warnings[0].text
    assert call.heard[-1] == "Next"


def test_a_root_in_the_wrong_case_leaves_nothing_to_perform(dial: Dial, service: Service) -> None:
    service.answers["/voice"] = lambda _: Answer(
        "<response><Say>x</Say></response>", content_type="text/xml"
    )
    call = dial()
    assert (call.heard, call.ended_by) == ([], "application")
    assert [warning.code for warning in call.warnings] == [12200]


def test_comments_and_namespaces_of_the_document_are_no_verbs(dial: Dial) -> None:
    call = dial("<!-- greeting --><Say>x</Say>")
    assert (call.warnings, call.heard) == ([], ["x"])


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("<Response><Say>Verb</Say></Response>", ["Verb"]),
        ("Just words", ["Just words"]),
    ],
)
def test_plain_text_is_performed_or_spoken(
    dial: Dial, service: Service, text: str, heard: list[str]
) -> None:
    service.answers["/voice"] = lambda _: Answer(text, content_type="text/plain")
    assert dial().heard == heard


def test_a_sound_instead_of_a_document_is_played(dial: Dial, service: Service) -> None:
    service.answers["/voice"] = lambda _: Answer(b"ID3", content_type="audio/mpeg")
    call = dial()
    assert (call.heard, call.ended_by) == (["♪ voice"], "application")


def _wav(seconds: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * seconds)
    return file.getvalue()


def test_a_sound_lasts_as_long_as_its_header_says(dial: Dial, service: Service) -> None:
    service.answers["/hold.wav"] = lambda _: Answer(_wav(12), content_type="audio/wav")
    call = dial('<Play loop="2">/hold.wav</Play>')
    assert speech(list(call.events)).seconds == pytest.approx(24.0)
    assert service.received[-1] == ("/hold.wav", {})


@pytest.mark.parametrize(("path", "code"), [("/missing.wav", 11200), ("/keys", 13325)])
def test_a_sound_that_is_none_is_skipped_with_a_warning(dial: Dial, path: str, code: int) -> None:
    call = dial(f"<Play>{path}</Play><Say>Next</Say>")
    assert [warning.code for warning in call.warnings] == [code]
    assert call.heard == ["Next"]


def test_a_pause_takes_its_length(dial: Dial) -> None:
    assert dial('<Pause length="7"/><Pause/>').now == pytest.approx(0.2 + 8.0)


def test_hanging_up_ends_the_call_before_later_verbs(dial: Dial) -> None:
    call = dial("<Hangup/><Say>never</Say>")
    assert (call.heard, call.ended_by) == ([], "application")


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_rejected_call_was_never_answered(
    dial: Dial, service: Service, reason: str, status: str
) -> None:
    service.at("/status", "", content_type=None)
    call = dial(f'<Reject reason="{reason}"/>', status_url=f"{BASE}/status")
    assert call.ended_by == "rejected"
    assert service.forms("/status")[0]["CallStatus"] == status
    assert service.forms("/status")[0]["CallDuration"] == "0"


@pytest.mark.parametrize(
    ("outcome", "status", "duration", "took"),
    [
        (DialOutcome("answered", 45), "completed", "45", 49.0),
        ("answered", "completed", "30", 34.0),
        ("busy", "busy", "0", 2.0),
        ("no-answer", "no-answer", "0", 25.0),
        ("failed", "failed", "0", 1.0),
    ],
)
def test_a_transfer_reports_its_outcome_to_the_action(
    dial: Dial,
    service: Service,
    outcome: DialOutcome | Outcome,
    status: str,
    duration: str,
    took: float,
) -> None:
    service.at("/after", "<Say>After</Say>")
    call = dial(
        '<Dial action="/after" timeout="25">+3612381857</Dial><Say>never</Say>',
        dial_outcome={"+3612381857": outcome}.__getitem__,
    )
    (form,) = service.forms("/after")
    assert (form["DialCallStatus"], form["DialCallDuration"]) == (status, duration)
    assert form["DialBridged"] == ("true" if status == "completed" else "false")
    assert len(form["DialCallSid"]) == 34
    assert form["DialCallSid"] != call.sid
    assert call.heard == ["After"]
    began = next(event for event in call.events if isinstance(event, Dialling))
    over = next(event for event in call.events if isinstance(event, Dialled))
    assert over.number == "+3612381857"
    assert over.at - began.at == pytest.approx(took)


def test_a_transfer_without_action_goes_on_with_the_next_verb(dial: Dial) -> None:
    call = dial("<Dial><Number>+3612381857</Number></Dial><Say>Next</Say>")
    assert call.heard == ["Next"]


def test_the_first_of_several_numbers_to_answer_gets_the_call(
    dial: Dial,
) -> None:
    outcomes: dict[str, Outcome] = {"1": "busy", "2": "answered", "3": "answered"}
    call = dial(
        "<Dial><Number>1</Number><Number>2</Number><Number>3</Number></Dial>",
        dial_outcome=outcomes.__getitem__,
    )
    over = [event for event in call.events if isinstance(event, Dialled)]
    assert [(event.number, event.outcome) for event in over] == [("2", "answered")]


def test_a_transfer_to_nobody_fails(dial: Dial, service: Service) -> None:
    service.at("/after", "<Hangup/>")
    call = dial('<Dial action="/after"></Dial>')
    assert service.forms("/after")[0]["DialCallStatus"] == "failed"
    assert [warning.code for warning in call.warnings] == [12200]


def test_a_transfer_talks_no_longer_than_its_time_limit(dial: Dial, service: Service) -> None:
    service.at("/after", "<Hangup/>")
    dial('<Dial action="/after" timeLimit="10">1</Dial>')
    assert service.forms("/after")[0]["DialCallDuration"] == "10"


def test_the_star_ends_a_transfer_that_allows_it(carrier: NewCarrier, service: Service) -> None:
    service.at("/voice", '<Dial action="/after" hangupOnStar="true">1</Dial>')
    service.at("/after", "<Say>Back</Say>")
    call = carrier().ring(from_="+36301234567", to="+3680202938")
    call.advance(10.2)
    call.tap("5")
    call.tap("*")
    call.wait_until_quiet()
    assert service.forms("/after")[0]["DialCallDuration"] == "6"
    assert call.heard == ["Back"]


def test_a_queue_reports_how_it_ended(dial: Dial, service: Service) -> None:
    service.at("/after", "<Say>Back</Say>")
    call = dial('<Enqueue action="/after">complaints</Enqueue>')
    form = service.forms("/after")[0]
    assert (form["QueueResult"], form["QueueTime"]) == ("bridged", "4")
    assert call.heard == ["Back"]


def test_captions_can_be_read_as_they_come(dial: Dial) -> None:
    call = dial('<Say>One</Say><Gather action="/keys" numDigits="1"><Say>Two</Say></Gather>')
    assert call.heard_since_last() == ["One", "Two"]
    call.press("1")
    assert call.heard_since_last() == ["Thank you"]
    assert call.heard_since_last() == []
    assert call.documents[1] == "<Response><Say>Thank you</Say></Response>"
