"""Menu by SMS, for those who cannot hear it: a menu item's number is answered by message.

What is answered is what a caller hears there, which is the same for everybody. A transaction asks
who somebody is, so it is not done here: readings have a message of their own, and whatever else is
written is read by a colleague.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from backend.desks import Desks
from ivr.published_texts import prompt_to_read
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.print_forms import phone, written
from menus.prompt_usage import LINE_WORD, READING_FORM, option_label
from menus.slots import Hours
from menus.tree import OPERATOR_KEY, Form, Goto, Hangup, Info, Menu, Node, Transfer
from messages.content.gsm_encoding import soften

MOST_CHARACTERS = 1_500
"""What the carrier takes as one message (1,600), less the way to the other items."""

_MENU = frozenset({"menu", "menut", "tema", "temak", "temakat"})
_ENGLISH_MENU = frozenset({"topic", "topics"})
_COURTESIES = frozenset(
    ["a", "az", "kerem", "kerek", "szeretnem", "temat", "menupont", "menupontot", "please", "pls"]
)
_PARTS = re.compile(r"\d+(?:[ .,]+\d+)*|[^\W\d_]+")
_NO_BREAKS = re.compile("\u2060?–\u2060?")
"""What print needs between two figures; in a message it would double the cost."""
_SENTENCE_ENDS = re.compile(r"(?<=[.!?:])\s+")


class Topics:
    """A line's menu by message, in GSM-7 spelling."""

    def __init__(self, line: Line, desks: Desks, hours: Mapping[str, Hours]) -> None:
        self._tree = line.tree
        self._books = line.phrasebooks
        self._desks = desks
        self._hours = hours
        self._words = {
            language: book.write(LINE_WORD).words
            for language, book in line.phrasebooks.items()
            if LINE_WORD in book
        }
        self._languages = {_plain(word): language for language, word in self._words.items()}

    def answer(self, body: str, *, is_default: bool = True) -> str | None:
        """What to write back to somebody who asks for a menu item; ``None`` to anything else.

        A line that is not the default one is asked by its own word: ``TAVHO 2.1``.
        """
        parts = _PARTS.findall(_plain(body))
        language = self._languages.get(parts[0]) if parts else None
        if language is not None:
            parts = parts[1:] or ["menu"]
        elif not is_default:
            return None
        numbers = [part for part in parts if part[0].isdecimal()]
        words = {part for part in parts if not part[0].isdecimal()}
        if len(numbers) > 1 or words - _MENU - _ENGLISH_MENU - _COURTESIES - {"en", "hu"}:
            return None
        if "en" in words and "en" in self._tree.languages:
            language = "en"
        elif language is None or "hu" in words:
            english = "en" in self._tree.languages and words & _ENGLISH_MENU
            language = "en" if english else self._tree.languages[0]
        if numbers:
            return self._told_at(re.sub(r"\D", "", numbers[0]), language)
        asks = words & (_MENU | _ENGLISH_MENU)
        root = self._sentences(self._tree.root, language)
        return soften(_fitting(root)) if asks else None

    def _told_at(self, digits: str, language: str) -> str | None:
        if digits == OPERATOR_KEY:
            return self._told(self._of_a_person(self._tree.operator, language), language)
        node = self._tree.dial(digits)
        if node is None:
            return None
        return self._told(self._sentences(self._tree.target(node), language), language)

    def _told(self, sentences: Sequence[str], language: str) -> str:
        """An answer, with the way to all others below it."""
        again = self._books[language].write("topics.again").words
        return soften(f"{_fitting(sentences)}\n{again}")

    def _sentences(self, node: Node, language: str) -> Sequence[str]:
        book = self._books[language]
        match node:
            case Menu():
                offers = _offers(node, book, self._words.get(language))
                return ["\n".join([book.write("topics.choose").words, *offers])]
            case Info(statements=statements):
                return _to_read(book, statements)
            case Transfer(desk=desk, statements=statements):
                return [*_to_read(book, statements), *self._of_a_person(desk, language)]
            case Form(form=form) if form == READING_FORM:
                return [book.write("topics.reading").words]
            case Form():
                return [book.write("topics.form").words]
            case Goto() | Hangup():
                return []

    def _of_a_person(self, desk: str, language: str) -> Sequence[str]:
        book = self._books[language]
        hours = _NO_BREAKS.sub("-", written(language).hours(self._hours[desk]))
        reached = f"{phone(self._desks.find(desk).number)} ({hours})."
        return [book.write("topics.person").words, reached]


def _plain(text: str) -> str:
    """Without accents and capitals, as people write on a telephone."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _to_read(book: Phrasebook, statements: Sequence[str]) -> list[str]:
    return [book.write(prompt_to_read(book, statement)).words for statement in statements]


def _offers(menu: Menu, book: Phrasebook, word: str | None) -> list[str]:
    before = f"{word} " if word else ""
    return [
        f"{before}{option.node.path} {option_label(book, option.node.id)}"
        for option in menu.options
    ]


def _fitting(sentences: Sequence[str]) -> str:
    """The sentences as one message; of too many those that fit, because half a one misleads."""
    told = " ".join(sentences)
    if len(told) <= MOST_CHARACTERS:
        return told
    parts, told = _SENTENCE_ENDS.split(told), ""
    for sentence in parts:
        longer = f"{told} {sentence}".strip()
        if len(longer) > MOST_CHARACTERS:
            break
        told = longer
    return told
