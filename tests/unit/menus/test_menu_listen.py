"""``zoldszam menu listen``: what a caller hears, read and, where espeak-ng is, spoken."""

import csv
import re
import shutil
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_line import DESKS, FORMS, Files

from cli.menu import espeak, menu_group
from cli.menu.espeak import VoiceError, installed_voice
from cli.menu.surroundings import TreeSurroundings
from ivr.code_prompts import REQUIRED
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Choice
from menus.lengths import PAUSE_SECONDS
from tests.support.runs.examples import all_asked_for

needs_voice = pytest.mark.skipif(
    shutil.which(espeak.PROGRAM) is None, reason="espeak-ng is not installed"
)


async def short_form(call: Call) -> None:
    """Ask one question."""
    await call.ask("form.after", Choice("1"))


def run(*arguments: str, command: str = "listen") -> Result:
    surroundings = TreeSurroundings(dict.fromkeys(FORMS, short_form), DESKS, REQUIRED)
    where = ("--prompts", "prompts")
    return CliRunner().invoke(
        menu_group(lambda _: surroundings), [command, *arguments, *where], env={"MENU_TREE": None}
    )


def heard(result: Result) -> list[str]:
    """The prompts and keys in their order."""
    return re.findall(r"^ *[\d.]+ s  ([\w.]+|\[.\])", result.stdout, re.MULTILINE)


@pytest.fixture(autouse=True)
def complete(files: Files) -> None:
    files.complete()


def test_a_way_of_keys_is_heard_from_the_first_word_each_key_when_it_was_offered() -> None:
    result = run("--keys", "2 1", "--language", "en")
    assert result.exit_code == 0
    # Where the other language is offered is the dialogue's choice.
    assert [each for each in heard(result) if each != "opening.language"] == [
        *("opening.welcome", "menus.main"),
        *("options.complaint", "options.billing", "[2]", "options.about_bill", "[1]"),
        *("info.about_bill", "navigation.info"),
    ]
    assert "info.about_bill: A bill comes every month." in result.output


def test_a_node_is_heard_alone() -> None:
    assert heard(run("--node", "about_bill")) == ["info.about_bill", "navigation.info"]


def test_the_seconds_tell_when_each_sentence_begins() -> None:
    begins = [float(each) for each in re.findall(r"^ *([\d.]+) s", run("--keys", "2").output, re.M)]
    assert begins == sorted(begins)
    assert begins[0] == 0.0


def test_silence_lasts_as_long_as_the_line_waits() -> None:
    lines = run("--keys", "-").output.splitlines()
    at = next(i for i, line in enumerate(lines) if line.endswith("[-]"))
    first, second = (float(line.split()[0]) for line in lines[at : at + 2])
    assert second - first == pytest.approx(6.0, abs=0.11)


def test_a_closed_desk_is_heard_as_closed() -> None:
    assert "transfer.closed" in heard(run("--node", "complaint", "--closed"))
    assert "transfer.closed" not in heard(run("--node", "complaint"))


def test_what_is_asked_for_has_to_be_there(files: Files) -> None:
    assert "Did you mean 'about_bill'?" in run("--node", "about_bil").output
    assert "Say either --node ID or --keys KEYS." in run().output
    assert "ended before the last key" in run("--keys", "4 2").output
    files.bend("desk: complaints", "desk: complaint")
    result = run("--node", "about_bill")
    assert (result.exit_code, "error[unknown-desk]" in result.output) == (1, True)


def test_without_a_voice_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = run("--node", "about_bill", "--wav", "bill.wav")
    assert result.exit_code == 1
    assert "apt install espeak-ng" in result.output
    assert not Path("bill.wav").exists()


@needs_voice
@pytest.mark.parametrize("language", ["hu", "en"])
def test_the_sound_is_as_long_as_is_told(language: str) -> None:
    result = run("--node", "about_bill", "--wav", "bill.wav", "--language", language)
    assert result.exit_code == 0, result.output
    told = float(result.output.splitlines()[-1].split()[0])
    with wave.open("bill.wav") as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(told, abs=0.1)
        assert any(sound.readframes(sound.getnframes()))


@needs_voice
def test_the_voice_rests_as_the_carrier_is_told_to() -> None:
    speak = installed_voice()
    without, resting = speak("hu", "Jó napot|"), speak("hu", "Jó napot||")
    assert resting.seconds - without.seconds > 0.9 * PAUSE_SECONDS
    tail = without.samples[-round(0.9 * PAUSE_SECONDS * without.rate) :]
    assert not any(tail)


@needs_voice
def test_a_voice_that_there_is_not_is_told_and_no_silence_is_written() -> None:
    with pytest.raises(VoiceError, match="cannot speak 'xx'"):
        installed_voice()("xx", "words")


@needs_voice
@pytest.mark.skipif(not all_asked_for(), reason="the whole run speaks every sentence")
def test_the_sentences_are_measured_beside_what_is_reckoned() -> None:
    result = run("--measure", "--csv", "hu.csv", command="phrases")
    assert result.exit_code == 0, result.output
    with Path("hu.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = {row["prompt"]: row for row in csv.DictReader(table, delimiter=";")}
    bill = rows["info.about_bill"]
    assert float(bill["spoken"]) == pytest.approx(float(bill["seconds"]), rel=0.4)
    table_of_all = re.findall(r"^\| (.+?) \| ([\d.]+) s \| ([\d.]+) s \|$", result.output, re.M)
    assert [what for what, _, _ in table_of_all] == [
        "until the first option",
        "longest piece of an item (complaint)",
        "all sentences",
    ]
    _, reckoned, spoken = table_of_all[-1]
    assert float(spoken) == pytest.approx(float(reckoned), rel=0.15)
