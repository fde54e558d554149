"""A tree's own words, laid over those that several lines share."""

import pytest
from small_line import TREE, Files

from menus.slots import Text

OWN_HUNGARIAN = """\
opening:
  welcome: "Ez egy másik szolgáltató."
info:
  about_bill: "Itt nincs számla."
"""
OWN_ENGLISH = """\
opening:
  welcome: "This is another company."
info:
  about_bill: "There is no bill here."
"""


@pytest.fixture
def overlaid(files: Files) -> Files:
    """The small line with a few sentences of its own."""
    files.write(
        "menu_tree.yaml", TREE.replace("operator: general", "operator: general\nwords: own")
    )
    files.write("prompts/own.hu.yaml", OWN_HUNGARIAN)
    files.write("prompts/own.en.yaml", OWN_ENGLISH)
    return files


def test_own_sentences_take_the_place_of_shared_ones_and_the_others_stay(overlaid: Files) -> None:
    book = overlaid.load().phrasebooks["hu"]
    assert book.speak(Text("opening.welcome")) == "Ez egy másik szolgáltató."
    assert book.speak(Text("info.about_bill")) == "Itt nincs számla."
    assert book.speak(Text("transfer.connecting")) == "Kapcsolom."
    assert overlaid.findings() == []


def test_without_own_words_the_shared_ones_are_said(overlaid: Files) -> None:
    overlaid.write("menu_tree.yaml", TREE)
    book = overlaid.load().phrasebooks["hu"]
    assert book.speak(Text("opening.welcome")) == "Jó napot kívánok!"


def test_every_language_needs_its_own_words(overlaid: Files) -> None:
    (overlaid.prompts / "own.en.yaml").unlink()
    [flaw] = overlaid.flaws()
    assert flaw == (
        "menu_tree.yaml:3:17: error[no-prompt-file]: there is no prompt file"
        " 'prompts/own.en.yaml' for language 'en'. Write it, or take the language out."
    )


def test_a_flaw_is_told_where_it_stands_in_the_own_words(overlaid: Files) -> None:
    overlaid.bend('welcome: "This', 'hello: "Hi."\n  welcome: "This', "prompts/own.en.yaml")
    [finding] = overlaid.findings()
    assert finding == (
        "prompts/own.en.yaml:2:3: error[prompt-missing]: prompt 'opening.hello' is missing from"
        " hu.yaml. Write it there, too."
    )


def test_a_flaw_of_the_shared_words_is_told_there(overlaid: Files) -> None:
    overlaid.bend(
        'connecting: "Connecting', 'late: "Late."\n  connecting: "Connecting', "prompts/en.yaml"
    )
    [finding] = overlaid.findings()
    assert finding.startswith("prompts/en.yaml:4:3: error[prompt-missing]: prompt 'transfer.late'")


def test_a_malformed_own_sentence_is_told_where_it_stands(overlaid: Files) -> None:
    overlaid.bend("no bill here", "no {bill here", "prompts/own.en.yaml")
    [flaw] = overlaid.flaws()
    assert flaw.startswith("prompts/own.en.yaml:4:3: error[bad-slot]")


def test_any_byte_of_the_own_words_makes_another_version(overlaid: Files) -> None:
    first = overlaid.load().tree_hash
    overlaid.write("prompts/own.hu.yaml", OWN_HUNGARIAN + "# another version\n")
    second = overlaid.load().tree_hash
    # What moves from one file to the other is another version, too.
    shared = (overlaid.prompts / "hu.yaml").read_text("utf-8")
    overlaid.write("prompts/own.hu.yaml", "")
    overlaid.write("prompts/hu.yaml", shared + "own: word\n")
    overlaid.write("prompts/own.hu.yaml", "own2: word\n")
    assert len({first, second, overlaid.load().tree_hash}) == 3
