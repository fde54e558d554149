"""What is read is written as people write: labels in lists, figures in figures."""

import re
from pathlib import Path

import pytest

from ivr.published_texts import prompt_to_read
from menus.loader import Line
from menus.prompt_usage import label_prompt, option_label
from menus.tree import Info, Menu
from settings import HERE
from tests.support.calls.numerals import numbers_in
from tests.support.calls.shipped_lines import shipped_line
from tests.unit.menus.small_line import Files

TREES = ("menu_tree.yaml", "menus/trees/heat.yaml")
LANGUAGES = ("hu", "en")
CUT_OFF = re.compile(r"\w+(?:hoz|hez|höz)\b(?=$|,)|^(?:For|To) |\bpress\b|nyomja", re.IGNORECASE)
"""A sentence for the ear without its end: "Mérőállás bejelentéséhez"."""


@pytest.fixture(scope="module", params=TREES)
def line(request: pytest.FixtureRequest) -> Line:
    return shipped_line(HERE / str(request.param))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_has_a_label_that_is_no_sentence_cut_off(line: Line, language: str) -> None:
    book = line.phrasebooks[language]
    for menu in line.tree.walk():
        for option in menu.options if isinstance(menu, Menu) else ():
            assert label_prompt(option.prompt) in book, option.prompt
            label = option_label(book, option.node.id)
            assert not CUT_OFF.search(label), label
            assert not label.endswith((",", ":")), label
            assert len(label) <= 60, label


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_above_ten_stands_in_figures_in_a_message(line: Line, language: str) -> None:
    book = line.phrasebooks[language]
    for node in line.tree.walk():
        for statement in node.statements if isinstance(node, Info) else ():
            words = book.write(prompt_to_read(book, statement)).words
            in_words = {number for number in numbers_in(words, language) if int(number) > 10}
            assert not in_words, f"{statement}: {words}"


def test_where_one_option_has_a_label_the_others_need_one(files: Files) -> None:
    def unlabelled() -> list[str]:
        return [finding for finding in files.findings() if "has no label" in finding]

    assert unlabelled() == []
    for path in ("prompts/hu.yaml", "prompts/en.yaml"):
        words = Path(path).read_text("utf-8")
        files.write(path, f"{words}labels:\n  about_bill: Bill\n")
    missing = unlabelled()
    assert missing
    assert all("warning[prompt-missing]" in finding for finding in missing)
    assert not any("about_bill" in finding for finding in missing)
