"""What a caller can be sent in writing: contacts, accounts, addresses, alike for everybody."""

import re
from collections.abc import Callable, Mapping

from backend.published_text import PublishedText
from menus.loader import Line
from menus.slots import Digits, PhoneNumber, SlotValue
from menus.tree import Info
from menus.written import printed

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

Form = Callable[[str], str]
"""Puts a text into the letters in which it goes out."""


def published_texts(
    line: Line, form: Form = lambda text: text
) -> Mapping[tuple[str, str], PublishedText]:
    """The texts of a line by node and language; their only figures are published facts."""
    texts = {}
    for node in line.tree.walk():
        if not isinstance(node, Info) or node.text is None:
            continue
        for language, book in line.phrasebooks.items():
            if node.text not in book:
                continue
            written = book.write(node.text)
            figures = [*filter(None, map(_figure, written.figures)), *_EMAIL.findall(written.words)]
            name = f"{node.id}_{language}"
            texts[node.id, language] = PublishedText(name, form(written.words), tuple(figures))
    return texts


def _figure(value: SlotValue) -> str | None:
    match value:
        case PhoneNumber(e164=e164):
            return e164
        case Digits():
            return printed(value)
        case _:
            return None
