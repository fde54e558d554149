"""Sentences that a studio has spoken: played in their calls, and served to whoever fetches them."""

import os
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ivr.lines.reloading import LOOK_EVERY
from menus.recordings import mark_recorded
from simulator.voice.call import SimulatedCall
from tests.support.calls.shipped_lines import shipped_line
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, Clock, Exchange
from tests.support.databases.database import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ELSEWHERE = (
    "hu/opening.hello.wav",
    "hu/manifest.yaml",
    "hu/opening.welcome",
    "hu/.wav",
    "hu/..%2f..%2fsecret.wav",
    "hu/..%2fsecret.wav",
    "..%2f/secret.wav",
    "../secret.wav",
    "../../secret.wav",
    "hu/../../secret.wav",
    "%2e%2e/secret.wav",
    "hu/%2e%2e%2fsecret.wav",
    "hu/..\\..\\secret.wav",
    "hu/opening.welcome.wav%00.wav",
    "HU/opening.welcome.wav",
    "en/opening.welcome.wav",
)
WELCOME = "Üdvözli az ELMŰ-ÉMÁSZ!"


def record(folder: Path, name: str, seconds: float = 0.5) -> Path:
    """Silence, in a sound file as a studio delivers it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(8000 * seconds))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for each test: what is unchanged there has to be published only once."""
    return tmp_path_factory.mktemp("sounds") / "recordings"


@pytest.fixture
def sounds(place: Path) -> Path:
    folder = place
    shutil.rmtree(folder, ignore_errors=True)
    os.utime(record(folder, "hu/opening.welcome.wav").parent, ns=(0, 10**18))
    return folder


@pytest.fixture
def exchange(utility: Database, sounds: Path) -> Iterator[Exchange]:
    clock = Clock.at("2026-11-20 10:00")
    with Exchange(utility.url, clock, settings={"recordings": sounds}) as exchange:
        yield exchange


@pytest.fixture
def client(exchange: Exchange) -> FlaskClient:
    return exchange.app.test_client()


def dial(exchange: Exchange) -> SimulatedCall:
    return exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)


def test_a_recorded_sentence_is_played_and_all_others_are_spoken(exchange: Exchange) -> None:
    call = dial(exchange)
    assert f"<Play>{PUBLIC_URL}/voice/recordings/hu/opening.welcome.wav?v=" in call.documents[0]
    assert WELCOME not in call.documents[0]
    assert "A hívást rögzítjük" in call.last_heard
    assert "♪ opening.welcome.wav" in call.last_heard
    # The carrier has fetched the sound and could play it.
    assert (call.errors, call.warnings) == ([], [])
    call.press("8")
    assert "Welcome to ELMŰ-ÉMÁSZ" in call.last_heard


def test_a_sound_stands_where_keys_interrupt_it(exchange: Exchange) -> None:
    document = dial(exchange).documents[0]
    assert document.index("<Gather") < document.index("<Play>") < document.index("</Gather>")


def test_a_sentence_that_was_changed_since_is_spoken_in_its_new_words(
    utility: Database, sounds: Path
) -> None:
    book = shipped_line().phrasebooks["hu"]
    mark_recorded(sounds, "hu", book)
    manifest = sounds / "hu" / "manifest.yaml"
    marked = manifest.read_text("utf-8")
    words = marked.split("words: ")[1].split(",")[0]
    manifest.write_text(marked.replace(words, "0" * len(words)), "utf-8")
    clock = Clock.at("2026-11-20 10:00")
    with Exchange(utility.url, clock, settings={"recordings": sounds}) as exchange:
        assert WELCOME in dial(exchange).last_heard
        manifest.write_text(marked, "utf-8")
        assert WELCOME in dial(exchange).last_heard
        clock.now += LOOK_EVERY
        assert WELCOME not in dial(exchange).last_heard


def test_a_new_sound_is_played_in_new_calls_only(exchange: Exchange, sounds: Path) -> None:
    before = dial(exchange)
    folder = record(sounds, "hu/transfer.connecting.wav").parent
    os.utime(folder, ns=(0, folder.stat().st_mtime_ns + 1_000_000))
    exchange.clock.now += LOOK_EVERY
    after = dial(exchange)
    before.press("0")
    after.press("0")
    assert "Kapcsoljuk ügyintézőnket." in before.last_heard
    assert "♪ transfer.connecting.wav" in after.last_heard
    assert before.errors == after.errors == []


def test_the_apology_needs_no_sound(exchange: Exchange, sounds: Path) -> None:
    record(sounds, "hu/technical_fault.wav")
    exchange.restart()
    assert "<Play>" not in exchange.app.test_client().get("/voice/fallback").text


def test_without_a_public_address_nothing_is_played(
    utility: Database, sounds: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"recordings": sounds, "public_url": None}
    with Exchange(utility.url, Clock.at("2026-11-20 10:00"), settings=settings):
        assert "PUBLIC_URL is not set: the carrier cannot fetch" in caplog.text


def test_a_sound_may_be_kept_for_long_by_its_version_and_shortly_without(
    client: FlaskClient,
) -> None:
    address = "/voice/recordings/hu/opening.welcome.wav"
    answer = client.get(f"{address}?v=1")
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert answer.data.startswith(b"RIFF")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(address).headers["Cache-Control"] == "public, max-age=3600"
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nothing_but_the_sounds_is_served(client: FlaskClient, sounds: Path) -> None:
    for place in (sounds, sounds.parent, sounds / "hu"):
        (place / "secret.yaml").write_text("a secret", "utf-8")
    (sounds / "secret.wav").write_text("a secret", "utf-8")
    (sounds.parent / "secret.wav").write_text("a secret", "utf-8")
    (sounds / "hu" / "manifest.yaml").write_text("a secret", "utf-8")
    for address in ELSEWHERE:
        answer = client.get(f"/voice/recordings/{address}", follow_redirects=True)
        assert (answer.status_code, b"a secret" in answer.data) == (404, False), address


def test_a_link_out_of_the_folder_is_the_operators_own_doing_but_a_folder_is_no_sound(
    client: FlaskClient, sounds: Path
) -> None:
    (sounds / "hu" / "a.wav").mkdir()
    assert client.get("/voice/recordings/hu/a.wav").status_code == 404


def test_without_a_folder_there_is_no_such_door(utility: Database) -> None:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        answer = exchange.app.test_client().get("/voice/recordings/hu/opening.welcome.wav")
    assert answer.status_code == 404
