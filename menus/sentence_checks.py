"""Whether a line's sentences are all there, alike in every language, and easy to follow by ear."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from common.findings import Code, Finding, Severity
from menus.lengths import prompt_seconds
from menus.loader import Line
from menus.phrasebook import Phrasebook, Slot
from menus.prompt_usage import (
    Spoken,
    action_first,
    is_text,
    keys_last,
    label_prompt,
    place_of,
    spoken_prompts,
    told_in_one_piece,
    written_prompt,
)
from menus.slots import Key
from menus.tree import Menu, Node, Transfer

Prompts: TypeAlias = Collection[str] | Mapping[str, Collection[str] | None]
"""Prompt ids; a mapping also tells which slots are filled, or None where that is not known."""

MAX_OPTION_SECONDS = 8
MAX_STATEMENT_SECONDS = 20
MAX_MENU_SECONDS = 40

TREE_PROMPTS = (
    "options.",
    "labels.",
    "info.",
    "texts.",
    "written.",
    "menus.",
    "transfers.",
    "closed.",
    "hangup.",
)
"""Prompts of these families are said by a tree or not at all."""


def check_wording(
    line: Line, required: Prompts, spoken_elsewhere: Collection[str]
) -> Iterator[Finding]:
    """Every flaw of the line's sentences; see ``menus.check.check_line`` for the arguments."""
    spoken = list(spoken_prompts(line.tree))
    filled = {said.prompt: said.slots for said in spoken if said.slots is not None}
    if isinstance(required, Mapping):
        filled |= {
            prompt: frozenset(slots) for prompt, slots in required.items() if slots is not None
        }
    in_writing = _in_writing(line, spoken)
    filled |= dict.fromkeys(in_writing, frozenset[str]())
    said_here = {said.prompt for said in spoken} | set(required) | in_writing
    elsewhere = {*spoken_elsewhere, *_read(spoken_elsewhere)}
    foreign = elsewhere - said_here
    yield from _check_presence(line, spoken, required, foreign)
    for language, book in line.phrasebooks.items():
        yield from _check_slots(line, language, filled, foreign)
        yield from _check_forms(line, language)
        yield from _check_options(line, language)
        yield from _check_labels(line, language)
        yield from _check_keys_named(line, language, said_here)
        yield from _check_lengths(line, language, said_here)
        for prompt in sorted(book.ids - said_here - foreign):
            if prompt.startswith(TREE_PROMPTS):
                message = f"no tree says prompt '{prompt}'"
                hint = "Remove it, or offer what it belongs to."
                yield _at_prompt(line, language, prompt, "unused-prompt", message, hint, "warning")


def _in_writing(line: Line, spoken: list[Spoken]) -> set[str]:
    """What is read of the sentences in messages and lists, where any language has it."""
    written = set[str]().union(*(book.ids for book in line.phrasebooks.values()))
    return _read(said.prompt for said in spoken) & written


def _read(spoken: Iterable[str]) -> set[str]:
    """The prompts with which statements and options may be read."""
    return {
        label_prompt(prompt) if prompt.startswith("options.") else written_prompt(prompt)
        for prompt in spoken
    }


def _check_labels(line: Line, language: str) -> Iterator[Finding]:
    """Where one option has a label for reading, every one has: a list is of one form."""
    book = line.phrasebooks[language]
    if not any(prompt.startswith("labels.") for prompt in book.ids):
        return
    for menu in line.tree.walk():
        for option in menu.options if isinstance(menu, Menu) else ():
            label = label_prompt(option.prompt)
            if option.prompt in book and label not in book:
                message = f"prompt '{option.prompt}' has no label '{label}', as others have"
                hint = "Write what it is called in a list: 'Meter reading', without the key."
                place = option.prompt
                yield _at_prompt(line, language, place, "prompt-missing", message, hint, "warning")


def _check_presence(
    line: Line, spoken: list[Spoken], required: Prompts, foreign: set[str]
) -> Iterator[Finding]:
    books = line.phrasebooks
    wanted: dict[str, Spoken | None] = dict.fromkeys(required)
    for said in reversed(spoken):
        wanted[said.prompt] = said
    written = set[str]().union(*(book.ids for book in books.values()))
    for prompt in sorted(written.difference(wanted, foreign) | wanted.keys()):
        having = [language for language, book in books.items() if prompt in book]
        files = [_file(line, language) for language in books if language not in having]
        if not files:
            continue
        if having:
            message = f"prompt '{prompt}' is missing from {' and '.join(files)}"
            hint = "Write it there, too."
            yield _at_prompt(line, having[0], prompt, "prompt-missing", message, hint)
            continue
        place = wanted.get(prompt)
        hint = f"Write it into {' and '.join(files)}."
        if place is not None:
            message = f"prompt '{prompt}' is said here and written nowhere"
            yield line.tree_source.finding(place.location, "prompt-missing", message, hint)
        else:
            message = f"prompt '{prompt}' is said by the dialogue and written nowhere"
            yield _at_prompt(line, next(iter(books)), prompt, "prompt-missing", message, hint)


def _check_slots(
    line: Line, language: str, filled: Mapping[str, frozenset[str]], foreign: set[str]
) -> Iterator[Finding]:
    book = line.phrasebooks[language]
    books = list(line.phrasebooks.items())
    before = books[: list(line.phrasebooks).index(language)]
    for prompt in sorted(book.ids - foreign):
        is_filled = prompt in filled
        if is_filled:
            yield from _compare_with_filled(line, language, prompt, filled[prompt])
        slots = _comparable_slots(book, prompt, is_filled)
        for other, first in before:
            if prompt not in first:
                continue
            theirs = _comparable_slots(first, prompt, is_filled)
            if theirs != slots:
                message = (
                    f"prompt '{prompt}' has {_listed(slots)} in '{language}',"
                    f" but {_listed(theirs)} in '{other}'"
                )
                hint = "Use the same slots in every language."
                yield _at_prompt(line, language, prompt, "slots-differ", message, hint)
                break


def _comparable_slots(book: Phrasebook, prompt: str, is_filled: bool) -> frozenset[str]:
    """The facts that a prompt says and, where nothing tells what fills them, its other slots."""
    return book.facts(prompt) | (frozenset() if is_filled else book.slots(prompt))


def _compare_with_filled(
    line: Line, language: str, prompt: str, filled: frozenset[str]
) -> Iterator[Finding]:
    slots = line.phrasebooks[language].slots(prompt)
    if missing := filled - slots:
        message = f"prompt '{prompt}' lacks {_listed(missing)}"
        hint = "Put it into the sentence: the caller has to hear it."
        yield _at_prompt(line, language, prompt, "slot-missing", message, hint)
    if unfilled := slots - filled:
        message = f"prompt '{prompt}' has {_listed(unfilled)}, which nothing fills"
        hint = "Take it out of the sentence."
        yield _at_prompt(line, language, prompt, "slot-unfilled", message, hint)


def _check_forms(line: Line, language: str) -> Iterator[Finding]:
    book = line.phrasebooks[language]
    forms = book.speaker.forms()
    every_form = frozenset[str]().union(*forms.values())
    for prompt in sorted(book.ids):
        is_option = prompt.startswith("options.")
        for part in book.parts(prompt):
            if isinstance(part, str):
                continue
            known = forms[Key] if is_option and part.name == "key" else every_form
            if part.form not in known:
                message = f"prompt '{prompt}' asks for the form '{part.form}' of '{part.name}'"
                listed = ", ".join(sorted(filter(None, known)))
                hint = f"The forms are: {listed}."
                yield _at_prompt(line, language, prompt, "unknown-slot-form", message, hint)


def _check_options(line: Line, language: str) -> Iterator[Finding]:
    book = line.phrasebooks[language]
    for menu in line.tree.walk():
        if not isinstance(menu, Menu):
            continue
        for option in menu.options:
            parts = book.parts(option.prompt) if option.prompt in book else ()
            has_key = any(isinstance(part, Slot) and part.name == "key" for part in parts)
            if has_key and not action_first(parts):
                message = f"prompt '{option.prompt}' names the key before the action is clear"
                hint = "Say what the option does first, and the key at the end."
                yield _at_prompt(line, language, option.prompt, "key-first", message, hint)


def _check_keys_named(line: Line, language: str, said: Collection[str]) -> Iterator[Finding]:
    """Sentences that name a key in so many words: what it does comes before it there, too."""
    book = line.phrasebooks[language]
    for prompt in sorted(book.ids.intersection(said)):
        if not prompt.startswith("options.") and not keys_last(book.parts(prompt)):
            message = f"prompt '{prompt}' names a key before what it does"
            hint = "Write what for first: 'ha helyes, nyomja meg …', 'to go on, press …'."
            yield _at_prompt(line, language, prompt, "key-first", message, hint)


def _check_lengths(line: Line, language: str, said: Collection[str]) -> Iterator[Finding]:
    book = line.phrasebooks[language]
    tree = line.tree
    heard = (prompt for prompt in sorted(book.ids.intersection(said)) if not is_text(prompt))
    limits = dict.fromkeys(heard, MAX_STATEMENT_SECONDS)
    for node in tree.walk():
        yield from _check_item(line, language, node)
        if isinstance(node, Menu):
            limits |= dict.fromkeys((at.prompt for at in node.options), MAX_OPTION_SECONDS)
            yield from _check_menu_length(line, language, node)
    for prompt, limit in limits.items():
        length = prompt_seconds(book, prompt)
        if length > limit:
            message = f"prompt '{prompt}' takes about {length:.1f} s to say, more than {limit} s"
            hint = "Shorten it."
            yield _at_prompt(line, language, prompt, "long-prompt", message, hint, "warning")


def _check_menu_length(line: Line, language: str, menu: Menu) -> Iterator[Finding]:
    book = line.phrasebooks[language]
    prompts = [*([menu.say] if menu.say else []), *(option.prompt for option in menu.options)]
    length = sum(prompt_seconds(book, prompt) for prompt in prompts)
    if length > MAX_MENU_SECONDS:
        message = (
            f"menu '{menu.id}' takes about {length:.1f} s to say in '{language}',"
            f" more than {MAX_MENU_SECONDS} s"
        )
        hint = "Shorten its options, or offer fewer."
        place = (*place_of(menu.path), "menu")
        yield line.tree_source.finding(place, "long-menu", message, hint, severity="warning")


def _check_item(line: Line, language: str, node: Node) -> Iterator[Finding]:
    """What is told in one piece can be listened to without a way out."""
    book = line.phrasebooks[language]
    limit = line.tree.limits.item
    pieces = told_in_one_piece(node)
    lengths = [sum(prompt_seconds(book, prompt) for prompt in piece) for piece in pieces]
    length = max(lengths, default=0.0)
    if length > limit:
        message = (
            f"'{node.id}' tells about {length:.1f} s in one piece in '{language}',"
            f" more than {limit} s"
        )
        hint = "Shorten it, make two items of it, or let it rest: rests: [a statement]."
        if isinstance(node, Transfer):
            hint = "Shorten it: what is told first, or what is said while the desk is closed."
        place = place_of(node.path)
        yield line.tree_source.finding(place, "item-long", message, hint, severity="warning")


def _at_prompt(
    line: Line,
    language: str,
    prompt: str,
    code: Code,
    message: str,
    hint: str,
    severity: Severity = "error",
) -> Finding:
    location = tuple(prompt.split("."))
    source = line.prompt_sources[language]
    return source.finding(location, code, message, hint, severity=severity)


def _file(line: Line, language: str) -> str:
    return Path(line.prompt_sources[language].file).name


def _listed(slots: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(slots)) or "no slot"
