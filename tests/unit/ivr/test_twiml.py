"""What leaves for the carrier: portable, well-formed, every attribute written out."""

from xml.etree import ElementTree

import pytest

from ivr.dialogue.effects import Dial, HangUp, Listen, Said
from ivr.twiml import DocumentTooLongError, Links, TwimlRenderer, Voice
from menus.phrasebook import Phrasebook
from menus.slots import Digits, Key, PhoneNumber, SlotValue, Text, Verbatim

LINKS = Links("https://a.hu/t/1?x=1&y=2", "https://a.hu/t/1?heard=silence", "https://a.hu/d")
BOOKS = {
    "hu": Phrasebook("hu", {"say": "Jó napot!", "press": "Nyomja meg {key:press}.|", "at": "{p}"}),
    "en": Phrasebook("en", {"say": "Tom & Jerry <3", "press": "Press {key}.|", "at": "{p}"}),
}
VOICES = {"hu": Voice("Google.hu-HU-Wavenet-A", "hu-HU"), "en": Voice("Polly.Amy", "en-GB")}


@pytest.fixture
def renderer() -> TwimlRenderer:
    return TwimlRenderer(BOOKS, VOICES, {"general": "+3612383838"})


def said(language: str, prompt: str, **slots: SlotValue) -> Said:
    return Said(language, Text(prompt, tuple(slots.items())))


def test_a_question_stands_inside_its_gather_and_silence_behind_it(
    renderer: TwimlRenderer,
) -> None:
    speech = (said("hu", "say"), said("hu", "press", key=Key("5")))
    document = renderer.document(speech, Listen(1, "", 6), LINKS, "")
    assert document.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><Response>'
        '<Gather input="dtmf" action="https://a.hu/t/1?x=1&amp;y=2" method="POST" timeout="6" '
        'numDigits="1" finishOnKey="">'
        '<Say language="hu-HU" voice="Google.hu-HU-Wavenet-A">Jó napot!</Say>'
        '<Say language="hu-HU" voice="Google.hu-HU-Wavenet-A">Nyomja meg az ötös gombot.'
        '<break time="400ms"/></Say></Gather>'
        '<Redirect method="POST">https://a.hu/t/1?heard=silence</Redirect></Response>'
    )


def test_each_language_has_its_voice_and_signs_are_escaped(renderer: TwimlRenderer) -> None:
    document = renderer.document(
        (said("en", "say"), said("en", "at", p=Verbatim('"<&'))), HangUp(), LINKS, ""
    )
    response = ElementTree.fromstring(document)  # noqa: S314 - our own document
    assert [say.text for say in response.iter("Say")] == ["Tom & Jerry <3", '"<&']
    assert {say.get("voice") for say in response.iter("Say")} == {"Polly.Amy"}
    assert response[-1].tag == "Hangup"


def test_slow_speech_is_slower_rests_longer_and_plays_no_recording() -> None:
    sounds = {("hu", "say"): "https://a.hu/say.wav"}
    renderer = TwimlRenderer(BOOKS, VOICES, {}, sounds)
    speech = (said("hu", "say"), said("hu", "press", key=Key("5")))
    slowly = renderer.document(speech, Listen(1, "", 12), LINKS, "", slow=True).decode()
    assert '<prosody rate="80%">Jó napot!</prosody></Say>' in slowly
    assert 'Nyomja meg az ötös gombot.<break time="700ms"/></prosody></Say>' in slowly
    assert "<Play>" not in slowly
    as_usual = renderer.document(speech, Listen(1, "", 6), LINKS, "").decode()
    assert "<Play>https://a.hu/say.wav</Play>" in as_usual
    assert "prosody" not in as_usual


def test_a_transfer_shows_the_lines_own_number(renderer: TwimlRenderer) -> None:
    document = renderer.document((said("hu", "say"),), Dial("general"), LINKS, "+3680202938")
    assert (
        '<Dial action="https://a.hu/d" method="POST" timeout="30" callerId="+3680202938">'
        "<Number>+3612383838</Number></Dial></Response>"
    ) in document.decode()


@pytest.mark.parametrize("address", ["", "client:desk", "sip:desk@a.hu", "06 80 202 938"])
def test_what_is_no_number_is_not_shown_to_the_desk(renderer: TwimlRenderer, address: str) -> None:
    document = renderer.document((), Dial("general"), LINKS, address)
    assert b"callerId" not in document


def test_a_control_character_in_the_records_does_not_break_the_document(
    renderer: TwimlRenderer,
) -> None:
    document = renderer.document((said("hu", "at", p=Verbatim("a\x01b")),), HangUp(), LINKS, "")
    assert "ab" in ElementTree.fromstring(document).findtext("Say", "")  # noqa: S314 - our own


def test_what_a_caller_typed_is_not_kept_in_the_renderer(renderer: TwimlRenderer) -> None:
    speech = (said("hu", "at", p=Digits("20293811")), said("hu", "press", key=Key("5")))
    renderer.document(speech, Listen(1, "", 6), LINKS, "")
    assert "kettő" not in str(vars(renderer))
    assert "ötös" in str(vars(renderer))


def test_a_callers_number_is_not_kept_in_the_renderer(renderer: TwimlRenderer) -> None:
    speech = (said("hu", "at", p=PhoneNumber("+36301234567")),)
    assert "harminc" in renderer.document(speech, Listen(1, "", 6), LINKS, "").decode()
    assert "harminc" not in str(vars(renderer))


def test_a_document_that_the_carrier_would_refuse_is_not_sent(renderer: TwimlRenderer) -> None:
    with pytest.raises(DocumentTooLongError, match="bytes"):
        renderer.document((said("hu", "at", p=Verbatim("x" * 70_000)),), HangUp(), LINKS, "")
