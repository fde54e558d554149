"""What a caller can be sent in writing: contacts, accounts, addresses, alike for everybody."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from backend.interface.published_text import PublishedText, TextFlaw
from common.findings import Finding
from menus.loader import Line
from menus.phrasebook import Phrasebook, Printed
from menus.print_forms import printed
from menus.prompt_usage import label_prompt, written_prompt
from menus.slots import Digits, PhoneNumber
from menus.tree import Info, Menu, Transfer

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"[a-z]{3,6}://\S*|\bwww\.\S*|\S*@\S*|"
    r"[\w-]+\.(?:hu|com|eu|net|org|info|app|ly|link|online|xyz|biz|page|shop)\b\S*",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d(?:[ ./()-]?\d){3,}")

_FOR_READING = "written."
_ANSWERS = (_FOR_READING, "topics.")
"""Families of prompts that the menu by message writes, and nobody hears."""

Form = Callable[[str], str]
"""Puts a text into the letters in which it goes out."""

Judge = Callable[[PublishedText], Iterable[TextFlaw]]
"""Tells what is wrong with a text as it is written, before its letters are changed."""


def unjudged(_: PublishedText) -> tuple[TextFlaw, ...]:
    """Where nothing can be sent, nothing is wrong with it."""
    return ()


@dataclass(frozen=True, slots=True)
class _Text:
    node: str
    prompt: str
    language: str
    published: PublishedText


def published_texts(
    line: Line, form: Form = lambda text: text
) -> Mapping[tuple[str, str], PublishedText]:
    """The texts of a line by node and language; their only figures are published facts."""
    return {
        (each.node, each.language): replace(each.published, text=form(each.published.text))
        for each in _texts(line)
    }


def check_texts(line: Line, judge: Judge) -> tuple[Finding, ...]:
    """Every flaw of what the line sends: its texts, and what the menu by message quotes.

    A text keeps the rules of service messages, which ``judge`` knows. An answer of the menu by
    message was asked for by who reads it, so it may speak of debts; but it holds no link and no
    figures but published facts, and an e-mail address only in words that are for reading.
    """
    findings = [
        _at_prompt(line, each.language, each.prompt, flaw)
        for each in _texts(line)
        for flaw in judge(each.published)
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
    yield from _EMAIL.findall(written.words)


def _quoted(line: Line, book: Phrasebook) -> Iterator[str]:
    """The prompts that ``ivr.topics`` puts into a message."""
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


def _strays(book: Phrasebook, prompt: str) -> Iterator[TextFlaw]:
    # Published facts are words among these parts.
    words = "".join(part if isinstance(part, str) else "…" for part in book.parts(prompt))
    if prompt.startswith(_FOR_READING):
        words = _EMAIL.sub("…", words)
    for match in _LINK.finditer(words):
        excerpt = match[0].rstrip(".,;:")
        message = f'holds "{excerpt}", a link or an address, and the menu by message sends it'
        yield TextFlaw("unfit", message, "Leave it out.")
    for match in _FIGURES.finditer(_LINK.sub("", words)):
        message = (
            f'holds "{match[0]}", which is no published fact, and the menu by message sends it'
        )
        yield TextFlaw("unfit", message, "Write it into facts.yaml, and its name in braces here.")


def _at_prompt(line: Line, language: str, prompt: str, flaw: TextFlaw) -> Finding:
    message = f"prompt '{prompt}' {flaw.message}"
    source, location = line.prompt_sources[language], tuple(prompt.split("."))
    if flaw.kind == "unfit":
        return source.finding(location, "text-unfit", message, flaw.hint)
    return source.finding(location, "text-long", message, flaw.hint, severity="warning")
