"""Sentences and code fit together: each prompt that the code names is written, and the reverse."""

import ast
import re
from pathlib import Path

import pytest

import ivr
from menus.loader import load_line
from menus.spoken import spoken_prompts
from settings import HERE, Settings

_PROMPT = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
_MADE_IN_CODE = {
    *(f"ordinal.{place}" for place in range(1, 7)),
    *(f"meter_reading.which.{name}" for name in ("single", "day", "night", "controlled")),
    *(f"meter_reading.name.{name}" for name in ("single", "day", "night", "controlled")),
    *(f"{family}.{kind}" for family in ("noinput", "help") for kind in ("choice", "entry")),
    "goodbye",
    "technical_fault",
}


@pytest.fixture(scope="module")
def line():
    return load_line(Settings().menu_tree, HERE / "menus" / "prompts")


def named_in_code() -> set[str]:
    folder = Path(ivr.__file__).parent
    named: set[str] = set()
    for path in [*folder.glob("dialogue/*.py"), *folder.glob("forms/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named |= {node.value} if _PROMPT.fullmatch(node.value) else set()
    return {prompt for prompt in named if not re.match(r"\d", prompt)}


def test_every_prompt_that_the_code_names_is_written_in_every_language(line) -> None:
    for book in line.phrasebooks.values():
        assert (named_in_code() | _MADE_IN_CODE) - book.ids == set()


def test_no_prompt_is_written_that_nothing_says(line) -> None:
    of_tree = {spoken.prompt for spoken in spoken_prompts(line.tree)}
    for book in line.phrasebooks.values():
        assert book.ids - named_in_code() - _MADE_IN_CODE - of_tree == set()
