"""The web phone in a real browser, calling a small voice application over real HTTP."""

from collections.abc import Iterator
from random import Random

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Page, expect

from simulator import Carrier
from simulator.server import create_simulator
from simulator.signature import signature, signed_url
from simulator.threaded_server import running
from simulator.voice.phone_page import demonstration
from tests.browser.pages import WIDE, OpenPage, in_both_widths, played_narrow_too
from tests.support.colleagues.chromium import Kind

pytestmark = pytest.mark.browser

TOKEN = "12345"
GREETING = (
    "Üdvözöljük! Mérőállás bejelentéséhez nyomja meg az egyes gombot, ügyintézőhöz a nullást."
)
ELECTRICITY, HEAT = "+3680202938", "+3680000010"
SLOW = "Üdvözli Önt a távhőszolgáltató."
GREETINGS = {ELECTRICITY: GREETING, HEAT: f'<prosody rate="80%">{SLOW}</prosody>'}


def voice_application() -> Flask:
    """A desk of four documents: a menu, an entry, a transfer and a goodbye.

    The heat line greets slowly, and a number of no line is told what it is.
    """
    app = Flask("voice_application")

    @app.before_request
    def signed() -> None:
        url = signed_url(request.base_url)
        form = [(k, v) for k, vs in request.form.lists() for v in vs]
        assert request.headers["X-Twilio-Signature"] == signature(url, form, TOKEN)

    def document(verbs: str) -> Response:
        return Response(f"<Response>{verbs}</Response>", content_type="text/xml")

    def say(text: str) -> str:
        return f'<Say language="hu-HU">{text}</Say>'

    @app.post("/voice")
    def menu() -> Response:
        greeting = GREETINGS.get(request.form["To"], f"Ez a {request.form['To']}.")
        gather = f'<Gather action="/chosen" numDigits="1" timeout="30">{say(greeting)}</Gather>'
        return document(gather)

    @app.post("/chosen")
    def chosen() -> Response:
        if request.form["Digits"] == "0":
            return document('<Dial action="/back">+3612381857</Dial>')
        ask = say('Adja meg a mérőállást,<break time="200ms"/> majd nyomja meg a kettőskeresztet.')
        return document(f'{say("Rendben.")}<Gather action="/entered" timeout="30">{ask}</Gather>')

    @app.post("/entered")
    def entered() -> Response:
        return document(say(f"Rögzítettük: {request.form['Digits']}."))

    @app.post("/back")
    def back() -> Response:
        return document(say(f"Kapcsolás: {request.form['DialCallStatus']}."))

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(voice_application()) as service:
        carrier = Carrier(
            voice_url=f"{service}/voice",
            auth_token=TOKEN,
            rng=Random(1),  # noqa: S311 - call ids that repeat from run to run
        )
        lines = demonstration([("electricity", ELECTRICITY), ("heat", HEAT)])
        with running(create_simulator(carrier, page=lines)) as simulator:
            yield simulator


@pytest.fixture
def page(open_page: OpenPage, address: str, request: pytest.FixtureRequest) -> Page:
    return open_page(address, getattr(request, "param", WIDE))


@played_narrow_too
def test_a_call_is_dialled_keyed_and_read_to_its_end(page: Page) -> None:
    expect(page.locator("#captions")).to_contain_text("nyomja meg a zöld Hívás gombot")
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions")).to_contain_text("Üdvözöljük!")
    page.get_by_role("button", name="1", exact=True).click()
    expect(page.locator("#captions")).to_contain_text("Rendben.")
    expect(page.locator("#captions")).to_contain_text("mérőállást, … majd nyomja")
    for key in "41530":
        page.keyboard.press(key)
    page.get_by_role("button", name="kettőskereszt").click()
    expect(page.locator("#captions")).to_contain_text("Rögzítettük: 41530.")
    expect(page.locator("#state")).to_have_text("A hívás véget ért", timeout=10_000)
    assert page.locator("#captions .pressed").all_inner_texts()[-1].split() == list("41530#")
    expect(page.get_by_role("button", name="Bontás")).to_be_disabled()


def test_a_key_stops_the_prompt_at_once_and_one_that_nobody_listens_to_is_shown_as_lost(
    page: Page,
) -> None:
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions .said")).to_have_count(1)
    page.keyboard.press("1")
    expect(page.locator("#captions .said").first).to_have_class("said cut")
    expect(page.locator("#captions")).to_contain_text("Rendben.")
    page.keyboard.press("7")
    expect(page.locator("kbd.lost")).to_have_text("7")


@pytest.mark.whole_run
def test_the_caller_can_hang_up_and_call_again(page: Page) -> None:
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions")).to_contain_text("Üdvözöljük!")
    page.get_by_role("button", name="Bontás").click()
    expect(page.locator("#captions")).to_contain_text("Ön bontotta a hívást.")
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions")).not_to_contain_text("Ön bontotta")
    expect(page.locator("#captions")).to_contain_text("Üdvözöljük!")


@pytest.mark.whole_run
def test_a_transfer_ends_as_it_was_chosen(page: Page) -> None:
    page.get_by_label("Kapcsoláskor az ügyintéző").select_option("busy")
    page.get_by_label("Hívó szám", exact=True).select_option(label="más szám…")
    page.get_by_label("A hívó szám nemzetközi alakban").fill("+36201234567")
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions")).to_contain_text("Üdvözöljük!")
    page.keyboard.press("0")
    expect(page.locator("#captions")).to_contain_text("A hívott szám foglalt.", timeout=10_000)
    expect(page.locator("#captions")).to_contain_text("Kapcsolás: busy.")


@pytest.mark.whole_run
def test_a_sample_is_typed_with_one_click(page: Page) -> None:
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions")).to_contain_text("Üdvözöljük!")
    page.get_by_role("button", name="Beírás: Részszámla, részfogyasztás").click()
    expect(page.locator("kbd")).to_have_count(2, timeout=10_000)
    assert page.locator("kbd").all_inner_texts() == ["5", "3"]
    expect(page.locator("kbd.lost")).to_have_count(0)


@played_narrow_too
@pytest.mark.whole_run
def test_the_line_to_be_called_is_chosen_and_its_hints_come_along(page: Page) -> None:
    called = page.get_by_label("Hívott szám", exact=True)
    expect(called.locator("option:checked")).to_have_text("+36 80 202 938 (áram)")
    expect(page.get_by_role("button", name="Beírás: A mérő gyári száma")).to_be_visible()
    called.select_option(label="+36 80 000 010 (távhő)")
    expect(page.get_by_role("button", name="Beírás: A mérő gyári száma")).to_be_hidden()
    expect(page.get_by_role("button", name="Beírás: A melegvízmérő gyári száma")).to_be_visible()
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions .said")).to_have_text([SLOW])
    expect(called).to_be_disabled()
    page.get_by_role("button", name="Bontás").click()
    expect(called).to_be_enabled()
    called.select_option(label="+36 80 202 938 (áram)")
    page.get_by_role("button", name="Hívás", exact=True).click()
    expect(page.locator("#captions .said")).to_have_text([GREETING])


TYPED = {
    "06 1 234-5678": "+3612345678",
    "(06-80) 123/456": "+3680123456",
    " 0044 20 7946 0000": "+442079460000",
    "+3612345678": "+3612345678",
}


@pytest.mark.whole_run
def test_any_number_may_be_typed_as_it_is_printed(page: Page) -> None:
    page.get_by_label("Hívott szám", exact=True).select_option(label="más szám…")
    page.get_by_role("button", name="Hívás", exact=True).click()
    field = page.get_by_label("A hívott szám nemzetközi alakban")
    expect(field).to_be_focused()
    for typed, to in TYPED.items():
        field.fill(typed)
        page.get_by_role("button", name="Hívás", exact=True).click()
        expect(page.locator("#captions .said")).to_have_text([f"Ez a {to}."])
        assert page.locator("#captions .pressed").count() == 0
        page.get_by_role("button", name="Bontás").click()


@pytest.mark.whole_run
def test_a_typed_number_of_a_known_line_has_its_hints(page: Page) -> None:
    page.get_by_label("Hívott szám", exact=True).select_option(label="más szám…")
    expect(page.get_by_role("button", name="Beírás: A mérő gyári száma")).to_be_visible()
    page.get_by_label("A hívott szám nemzetközi alakban").fill("06 80 000 010")
    expect(page.get_by_role("button", name="Beírás: A melegvízmérő gyári száma")).to_be_visible()


def test_nothing_stands_outside_of_the_window(page: Page) -> None:
    for shown in in_both_widths(page):
        overflow = shown.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
        expect(shown.get_by_role("button", name="Hívás", exact=True)).to_be_in_viewport(ratio=1)
        expect(shown.get_by_role("button", name="Bontás")).to_be_in_viewport(ratio=1)


@pytest.mark.whole_run
def test_a_browser_without_voices_says_so(page: Page) -> None:
    expect(page.locator("#voice-state")).to_have_text("ebben a böngészőben nem érhető el")
    expect(page.get_by_role("switch", name="Felolvasás")).to_be_disabled()


# Headless Chromium has no voices, so the engine below stands in for the browser's: it notes what
# it is given and finishes a sentence only when the test calls `finish`.
ENGINE = """
const engine = new EventTarget();
Object.assign(engine, {
  spoken: [], rates: [], open: [], cancelled: 0,
  getVoices: () => [{ lang: "hu-HU", name: "Minta", localService: true }],
  speak(words) {
    engine.spoken.push([words.lang, words.text]);
    engine.rates.push(words.rate);
    engine.open.push(words);
  },
  cancel() { engine.cancelled += 1; engine.open = []; },
  finish() { engine.open.splice(0).forEach((words) => words.dispatchEvent(new Event("end"))); },
});
Object.defineProperty(window, "speechSynthesis", { value: engine });
window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) { super(); this.text = text; }
};
"""


VOICED = Kind(first=ENGINE)


@pytest.fixture
def voiced(open_page: OpenPage, address: str) -> Page:
    return open_page(address, kind=VOICED)


def spoken(page: Page) -> list[list[str]]:
    said: list[list[str]] = page.evaluate("speechSynthesis.spoken")
    return said


def test_a_voice_speaks_hungarian_and_holds_the_clock_meanwhile(voiced: Page) -> None:
    expect(voiced.locator("#voice-state")).to_have_text("bekapcsolva")
    voiced.get_by_role("button", name="Hívás", exact=True).click()
    expect(voiced.locator("#captions .said")).to_have_count(1)
    assert spoken(voiced) == [["hu-HU", GREETING]]
    voiced.wait_for_timeout(1500)
    expect(voiced.locator("#time")).to_have_text("0:00")
    expect(voiced.locator("#state")).to_have_text("A vonal beszél")
    voiced.evaluate("speechSynthesis.finish()")
    expect(voiced.locator("#state")).to_have_text("Gombnyomásra vár")
    expect(voiced.locator("#time")).to_have_text("0:06")


@pytest.mark.whole_run
def test_a_key_silences_the_voice_and_rests_are_spoken_as_rests(voiced: Page) -> None:
    voiced.get_by_role("button", name="Hívás", exact=True).click()
    expect(voiced.locator("#captions .said")).to_have_count(1)
    voiced.keyboard.press("1")
    assert voiced.evaluate("speechSynthesis.cancelled") > 0
    expect(voiced.locator("#captions")).to_contain_text("Rendben.")
    voiced.evaluate("speechSynthesis.finish()")
    expect(voiced.locator("#captions")).to_contain_text("kettőskeresztet")
    assert [text for _, text in spoken(voiced)][2:] == [
        "Adja meg a mérőállást,",
        "majd nyomja meg a kettőskeresztet.",
    ]


@pytest.mark.whole_run
def test_the_voice_speaks_as_much_slower_as_the_line_asks(voiced: Page) -> None:
    voiced.get_by_role("button", name="Hívás", exact=True).click()
    expect(voiced.locator("#captions .said")).to_have_count(1)
    voiced.get_by_role("button", name="Bontás").click()
    voiced.get_by_label("Hívott szám", exact=True).select_option(HEAT)
    voiced.get_by_role("button", name="Hívás", exact=True).click()
    expect(voiced.locator("#captions .said")).to_have_text([SLOW])
    assert [text for _, text in spoken(voiced)] == [GREETING, SLOW]
    usual, slow = voiced.evaluate("speechSynthesis.rates")
    assert slow / usual == pytest.approx(0.8)


@pytest.mark.whole_run
def test_the_voice_can_be_switched_off_in_the_middle(voiced: Page) -> None:
    voiced.get_by_role("button", name="Hívás", exact=True).click()
    expect(voiced.locator("#captions .said")).to_have_count(1)
    voiced.get_by_role("switch", name="Felolvasás").uncheck()
    expect(voiced.locator("#voice-state")).to_have_text("kikapcsolva")
    expect(voiced.locator("#time")).to_have_text("0:02", timeout=10_000)
    expect(voiced.locator("#state")).to_have_text("A vonal beszél")
