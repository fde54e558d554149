"""How long sentences take: rests, published figures, and slots at their longest."""

import pytest

from ivr.code_prompts import SPOKEN
from menus.lengths import LONGEST, PAUSE_SECONDS, REFERENCE, WORDS, longest_words, prompt_seconds
from menus.phrasebook import Phrasebook
from menus.prompt_usage import told_in_one_piece
from menus.slots import Money
from menus.tree import Info, Transfer
from settings import HERE
from tests.support.calls.shipped_lines import shipped_line

FACTS = {"price": Money(4500)}


def book(sentence: str, language: str = "hu") -> Phrasebook:
    ordinals = {"ordinal.1": "Az első mérő", "ordinal.next": "A következő mérő"}
    return Phrasebook(language, {"said": sentence} | ordinals, FACTS)


def test_every_slot_of_the_dialogue_has_a_longest_value() -> None:
    filled = frozenset[str]().union(*SPOKEN.values())
    assert filled - LONGEST.keys() - WORDS.keys() == set()


@pytest.mark.parametrize("language", ["hu", "en"])
@pytest.mark.parametrize("tree", ["menu_tree.yaml", "menus/trees/heat.yaml"])
def test_every_slot_of_the_shipped_sentences_is_spoken_at_its_longest(
    tree: str, language: str
) -> None:
    spoken = shipped_line(HERE / tree).phrasebooks[language]
    assert [prompt for prompt in spoken.ids if "xxx" in longest_words(spoken, prompt)] == []


def test_fifteen_characters_are_a_second_and_a_rest_is_what_the_carrier_makes() -> None:
    assert prompt_seconds(book("x" * 30), "said") == pytest.approx(2.0)
    assert prompt_seconds(book("x" * 15 + "|"), "said") == pytest.approx(1.0 + PAUSE_SECONDS)
    assert prompt_seconds(book("x"), "unwritten") == 0.0


def test_an_identifier_counts_with_all_its_digits() -> None:
    words = longest_words(book("Azonosító: {reference}."), "said")
    assert words.count("kilenc") == len(REFERENCE)


def test_a_published_figure_counts_as_it_is_spoken() -> None:
    assert longest_words(book("Ára {price}."), "said") == "Ára négyezer-ötszáz forint."


def test_a_slot_that_is_filled_with_a_sentence_counts_as_the_longest_of_them() -> None:
    assert longest_words(book("{nth}?"), "said") == "A következő mérő?"


def test_a_slot_of_which_nothing_is_known_counts_as_some_words() -> None:
    assert prompt_seconds(book("{anything}"), "said") == pytest.approx(2.0)
    assert prompt_seconds(book("{date:press}"), "said") == pytest.approx(2.0)


def test_an_item_is_heard_in_pieces_between_its_rests() -> None:
    told = ("info.a", "info.b", "info.c")
    assert told_in_one_piece(Info("a", "1", told)) == (told,)
    rests = told_in_one_piece(Info("a", "1", told, rests=("info.c",)))
    assert rests == (("info.a", "info.b"), ("info.c",))


def test_before_a_closed_desk_is_heard_what_is_told_and_that_it_is_closed() -> None:
    node = Transfer("a", "1", "desk", "transfers.a", "closed.a", ("info.a",))
    assert told_in_one_piece(node) == (("info.a", "closed.a"),)
