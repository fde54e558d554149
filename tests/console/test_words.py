"""The words of the console: nothing missing, nothing unused, no slip in the Hungarian."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import console
from common.error_codes import ErrorCode
from console.web.words import LANGUAGES, LOCALE
from tests.console.code_words import CODES, WITHOUT_A_SENTENCE

ROOM = Path(console.__path__[0])
KEYWORDS = {
    "_": None,
    "gettext": None,
    "N_": None,
    "ngettext": (1, 2),
}
CONTEXT = re.compile(r"\bword\(\s*['\"]([^'\"]+)['\"]")
SLOT = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
WORD = re.compile(r"\b[a-z]{4,}\b")
SAME_IN_BOTH = frozenset({"case_id", "phone", "szentendre", "szentendrén", "zoldszam"})
"""Words of a sentence that are no English: names of columns and examples."""

Key = tuple[str | None, str | tuple[str, ...]]


class Entry(NamedTuple):
    """One entry of a catalogue; several strings for the forms of a number."""

    file: str
    key: Key
    strings: tuple[str, ...]


@cache
def _entries(language: str) -> tuple[Entry, ...]:
    return tuple(_read(language))


def _read(language: str) -> Iterator[Entry]:
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=language, abort_invalid=True):
                if message.id:
                    given = message.string
                    strings = (given,) if isinstance(given, str) else tuple(given)
                    yield Entry(file.name, (message.context, message.id), strings)


@cache
def _used_messages() -> set[Key]:
    found: set[Key] = set()
    for method, ending in (("python", "*.py"), ("jinja2", "*.html")):
        for file in ROOM.rglob(ending):
            with file.open("rb") as opened:
                options = {"trim_blocks": "true"} if method == "jinja2" else {}
                for _line, message, _comments, _context in extract(
                    method, opened, keywords=KEYWORDS, options=options
                ):
                    found.add((None, message))
    return found


def _used_contexts() -> set[str]:
    files = [*ROOM.rglob("*.py"), *ROOM.rglob("*.html")]
    docstring = "campaign state"
    return {docstring} | {
        each for file in files for each in CONTEXT.findall(file.read_text(encoding="utf-8"))
    }


def _codes() -> set[Key]:
    return {(context, str(code)) for context, codes in CODES.items() for code in codes}


def test_every_context_of_the_code_is_enumerated_with_its_codes() -> None:
    assert _used_contexts() == set(CODES), "enter the context in tests/console/code_words.py"


def test_every_message_has_its_hungarian_and_no_entry_is_unused() -> None:
    used, there = _used_messages() | _codes(), {each.key for each in _entries("hu")}
    assert sorted(map(str, used - there)) == [], "add these to console/locale/hu"
    assert sorted(map(str, there - used)) == [], "take these out of console/locale/hu"


def test_every_code_has_its_english_and_no_entry_is_unused() -> None:
    codes, there = _codes(), {each.key for each in _entries("en")}
    assert sorted(map(str, codes - there)) == [], "add these to console/locale/en"
    assert sorted(map(str, there - codes - _used_messages())) == [], "take these out"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_stands_twice(language: str) -> None:
    counted = Counter(each.key for each in _entries(language))
    assert [key for key, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_string_has_the_slots_of_its_message(language: str) -> None:
    english = {each.key: each.strings for each in _entries("en")}
    for each in _entries(language):
        context, message = each.key
        expected = english[each.key] if context else _forms(message)
        for string in each.strings:
            assert _slots(string) == _slots(expected[-1]), each


def test_the_hungarian_is_written_by_the_rules() -> None:
    slips = [
        f"{each.file}: {string}: {slip}"
        for each in _entries("hu")
        for string in each.strings
        for slip in _slips(each, string)
    ]
    assert slips == []


def test_every_error_of_the_records_has_its_sentence_or_is_met_elsewhere() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in ROOM.rglob("*.py"))
    said = set(re.findall(r"\bErrorCode\.(\w+)", code))
    unsaid = {each for each in ErrorCode if each.name not in said} - WITHOUT_A_SENTENCE
    assert unsaid == set(), "give it a sentence in console/web/refusals.py or in its view"


def _slips(entry: Entry, string: str) -> Iterator[str]:
    context, message = entry.key
    if not string.strip():
        yield "empty"
    for sign in ('"', "...", "a(z)", "az(az)", "!", "Sikeres", "Hiba történt", "’", " - "):
        if sign in string:
            yield sign
    if string.strip() != string and not any(form != form.strip() for form in _forms(message)):
        yield "a blank at the edge"
    if context is None:
        spoken = _words(string) - SAME_IN_BOTH
        yield from sorted(spoken & set().union(*(_words(form) for form in _forms(message))))


def _words(string: str) -> set[str]:
    return set(WORD.findall(SLOT.sub(" ", string).lower()))


def _forms(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else message


def _slots(string: str) -> set[str]:
    return {first or second for first, second in SLOT.findall(string)}
