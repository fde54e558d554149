"""The menu in writing, for those who cannot hear it: a menu item's number is answered by message.

What is answered is what a caller hears there, which is the same for everybody. A transaction asks
who somebody is, so it is not done here: readings have a message of their own, and whatever else is
written is read by a colleague.
"""

import re
from collections.abc import Mapping, Sequence

from backend.desks import Desks
from ivr.texts import Form
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.slots import Hours
from menus.spoken import option_words
from menus.tree import Form as Transaction
from menus.tree import Goto, Hangup, Info, Menu, Node, Transfer
from menus.written import phone, written

MOST_CHARACTERS = 1_600
"""What the carrier takes as one message."""

BY_MESSAGE = "meter_reading"
"""The transaction that has a message of its own."""

_ALL = {"menu": 0, "menü": 0, "tema": 0, "téma": 0, "temak": 0, "témák": 0, "topics": 1}
"""Words that ask for the first menu, with the place of their language among the line's."""
_ENGLISH = re.compile(r"\s+en$")
_NUMBER = re.compile(r"[1-9](?:[. ,]?[1-9]){0,7}\.?")
_NO_BREAKS = re.compile("\u2060?–\u2060?")
"""What print needs between two figures; in a message it would double the cost."""
_SENTENCE_ENDS = re.compile(r"(?<=[.!?:])\s+")


class Topics:
    """A line's menu by message. ``form`` puts an answer into the letters in which it goes out."""

    def __init__(self, line: Line, desks: Desks, hours: Mapping[str, Hours], form: Form) -> None:
        self._tree = line.tree
        self._books = line.phrasebooks
        self._desks = desks
        self._hours = hours
        self._form = form

    def answer(self, body: str) -> str | None:
        """What to write back to somebody who asks for a menu item; ``None`` to anything else."""
        asked = " ".join(body.split()).casefold()
        languages = self._tree.languages
        word = asked.rstrip(".!")
        if word in _ALL:
            language = languages[min(_ALL[word], len(languages) - 1)]
            return self._told(self._tree.root, language)
        language = languages[0]
        if _ENGLISH.search(asked) and "en" in languages:
            asked, language = _ENGLISH.sub("", asked), "en"
        node = self._tree.dial(re.sub(r"\D", "", asked)) if _NUMBER.fullmatch(asked) else None
        return None if node is None else self._told(self._tree.target(node), language)

    def _told(self, node: Node, language: str) -> str:
        book = self._books[language]
        sentences = self._sentences(node, book)
        if node is not self._tree.root:
            sentences = [*sentences, book.write("topics.again").words]
        return self._form(_fitting(sentences))

    def _sentences(self, node: Node, book: Phrasebook) -> Sequence[str]:
        match node:
            case Menu():
                return [book.write("topics.choose").words, "; ".join(_offers(node, book)) + "."]
            case Info(text=str(text)) if text in book:
                return [book.write(text).words]
            case Info(statements=statements):
                return [book.write(statement).words for statement in statements]
            case Transfer(desk=desk):
                return [book.write("topics.person").words, self._reached(desk, book)]
            case Transaction(form=form) if form == BY_MESSAGE:
                return [book.write("topics.reading").words]
            case Transaction():
                return [book.write("topics.form").words]
            case Goto() | Hangup():
                return []

    def _reached(self, desk: str, book: Phrasebook) -> str:
        hours = _NO_BREAKS.sub("-", written(book.language).hours(self._hours[desk]))
        return f"{phone(self._desks.find(desk).number)} ({hours})."


def _offers(menu: Menu, book: Phrasebook) -> list[str]:
    return [
        f"{option.node.path} {option_words(book.parts(option.prompt))}" for option in menu.options
    ]


def _fitting(sentences: Sequence[str]) -> str:
    """The sentences as one message; of too many those that fit, because half a one misleads."""
    told = ""
    for sentence in _SENTENCE_ENDS.split(" ".join(sentences)):
        longer = f"{told} {sentence}".strip()
        if len(longer) > MOST_CHARACTERS:
            break
        told = longer
    return told
