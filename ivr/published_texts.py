"""What a caller can be sent in writing: contacts, accounts, addresses, alike for everybody."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from backend.interface.published_text import PublishedText
from common.findings import Finding
from menus.loader import Line
from menus.phrasebook import Phrasebook, Printed
from menus.print_forms import printed
from menus.prompt_usage import label_prompt, written_prompt
from menus.slots import Digits, PhoneNumber
from menus.tree import Info, Menu, Transfer
from messages.content.desk_facts import EMAIL, DeskFacts
from messages.content.gsm_encoding import soften
from messages.content.published_text_checks import TextFlaw, answer_flaws, text_flaws

_FOR_READING = "written."
_ANSWERS = (_FOR_READING, "topics.")
"""Families of prompts that the menu by message writes, and nobody hears."""


@dataclass(frozen=True, slots=True)
class _Text:
    node: str
    prompt: str
    language: str
    published: PublishedText


def published_texts(line: Line) -> Mapping[tuple[str, str], PublishedText]:
    """The texts of a line by node and language, in the letters in which they go out.

    Their only figures are published facts.
    """
    return {
        (each.node, each.language): replace(each.published, text=soften(each.published.text))
        for each in _texts(line)
    }


def check_texts(line: Line, facts: DeskFacts | None) -> tuple[Finding, ...]:
    """Every flaw of what the line sends: its texts, and what the menu by message quotes.

    ``facts`` are of the desk that messages name, see ``text_flaws``. The menu by message sends an
    e-mail address only in words that are for reading.
    """
    findings = [
        _at_prompt(line, each.language, each.prompt, flaw)
        for each in _texts(line)
        for flaw in text_flaws(each.published, facts)
    ]
    for language, book in line.phrasebooks.items():
        for prompt in dict.fromkeys(_quoted(line, book)):
            findings += [_at_prompt(line, language, prompt, flaw) for flaw in _strays(book, prompt)]
    files = [
        file for source in line.prompt_sources.values() for file in (source.file, *source.over)
    ]
    return tuple(
        sorted(findings, key=lambda found: (files.index(found.file), found.line, found.column))
    )


def _texts(line: Line) -> Iterator[_Text]:
    for node in line.tree.walk():
        if not isinstance(node, Info) or node.text is None:
            continue
        for language, book in line.phrasebooks.items():
            # A slot that nothing fills is a finding of its own.
            if node.text not in book or book.slots(node.text):
                continue
            written = book.write(node.text)
            text = PublishedText(f"{node.id}_{language}", written.words, tuple(_figures(written)))
            yield _Text(node.id, node.text, language, text)


def prompt_to_read(book: Phrasebook, statement: str) -> str:
    """The prompt with which a statement is read: its own written one, where there is one."""
    in_writing = written_prompt(statement)
    return in_writing if in_writing in book else statement


def _figures(written: Printed) -> Iterator[str]:
    """What a text may spell out; figures joined by capitals, as in A25366936T244, are one."""
    yield from (value.e164 for value in written.figures if isinstance(value, PhoneNumber))
    digits = [printed(value) for value in written.figures if isinstance(value, Digits)]
    if digits:
        one = "|".join(map(re.escape, filter(None, digits)))
        joined = rf"(?<![\w-])[A-Z]{{0,2}}(?:{one})(?:[A-Z](?:{one}))*(?![\w-])"
        yield from re.findall(joined, written.words)
    yield from EMAIL.findall(written.words)


def _quoted(line: Line, book: Phrasebook) -> Iterator[str]:
    """The prompts that ``ivr.menu_by_sms`` puts into a message."""
    prompts = [prompt for prompt in sorted(book.ids) if prompt.startswith(_ANSWERS)]
    for node in line.tree.walk():
        if isinstance(node, Menu):
            prompts += [_listed_as(book, option.prompt) for option in node.options]
        if isinstance(node, Info | Transfer):
            prompts += node.statements
    return (prompt for prompt in prompts if prompt in book)


def _listed_as(book: Phrasebook, option: str) -> str:
    label = label_prompt(option)
    return label if label in book else option


def _strays(book: Phrasebook, prompt: str) -> tuple[TextFlaw, ...]:
    # Published facts are words among these parts.
    words = "".join(part if isinstance(part, str) else "…" for part in book.parts(prompt))
    return answer_flaws(words, names_email=prompt.startswith(_FOR_READING))


def _at_prompt(line: Line, language: str, prompt: str, flaw: TextFlaw) -> Finding:
    message = f"prompt '{prompt}' {flaw.message}"
    source, location = line.prompt_sources[language], tuple(prompt.split("."))
    if flaw.kind == "unfit":
        return source.finding(location, "text-unfit", message, flaw.hint)
    return source.finding(location, "text-long", message, flaw.hint, severity="warning")
