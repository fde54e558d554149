"""A printed guide for customers: every menu item with the keys that lead to it, and who answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from menus.exports.guide_words import GuideWords, guide_words
from menus.loader import Line
from menus.print_forms import Written, phone, written
from menus.prompt_usage import LINE_WORD, READING_FORM, option_label
from menus.slots import Hours
from menus.tree import (
    BACK_KEY,
    LANGUAGE_KEY,
    OPERATOR_KEY,
    PACE_KEY,
    PATH_KEY,
    REPEAT_KEY,
    TEXT_KEY,
    Form,
    Info,
    Menu,
    Node,
    Transfer,
    Tree,
)

if TYPE_CHECKING:
    from jinja2 import Template

_TOLL_FREE = "+3680"
_ASKS_FOR_ALL = {"en": "TOPICS"}
"""What asks for the menu by message; MENU in any other language."""


@lru_cache(maxsize=1)
def _template() -> Template:
    # Loaded for a guide only: the other commands of the menu need not wait for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("guide.html")


def guide(
    line: Line,
    languages: Sequence[str],
    hours: Mapping[str, Hours],
    numbers: Sequence[str],
    messages: str | None = None,
) -> str:
    """The guide as one HTML document with nothing to fetch, a part for each language.

    ``hours`` are those of the desks, ``numbers`` (E.164) lead to the line, and ``messages`` (E.164)
    takes text messages. KeyError when the line does not speak a language or a desk has no hours.
    """
    parts = [_Part(line, language, hours, numbers, messages) for language in languages]
    return _template().render(
        parts=parts, language_key=LANGUAGE_KEY, text_key=TEXT_KEY, operator_key=OPERATOR_KEY
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """A node as the guide shows it; ``kind`` tells self-service and agents from information."""

    about: str
    path: list[str]
    kind: str
    own: bool
    is_menu: bool
    deep: int
    dialled: str
    rows: Sequence[_Item] = ()
    hours: str = ""


@dataclass(frozen=True)
class _Part:
    """The guide in one language, as the template reads it."""

    line: Line
    language: str
    hours_of: Mapping[str, Hours]
    numbers: Sequence[str]
    messages_to: str | None

    @property
    def tree(self) -> Tree:
        return self.line.tree

    @property
    def words(self) -> Written:
        return written(self.language)

    @property
    def texts(self) -> GuideWords:
        return guide_words(self.language)

    @property
    def title(self) -> str:
        service = self.tree.service
        return self.texts.title.format(self.words.services.get(service, service))

    @property
    def green(self) -> list[str]:
        return [phone(number) for number in self.numbers if number.startswith(_TOLL_FREE)]

    @property
    def others(self) -> list[str]:
        return [phone(number) for number in self.numbers if not number.startswith(_TOLL_FREE)]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """How the language is changed, told in the language that is wanted."""
        first, *others = self.tree.languages
        told = others if self.language == first else [self.language]
        return [(language, guide_words(language).change) for language in told if others]

    @property
    def general_keys(self) -> list[tuple[str, str]]:
        keys = [
            (OPERATOR_KEY, self.texts.operator),
            (BACK_KEY, self.texts.back),
            (REPEAT_KEY, self.texts.repeat),
            (f"{PATH_KEY}{PACE_KEY}{REPEAT_KEY}", self.texts.pace),
            (PATH_KEY, self.texts.direct_key),
        ]
        if len(self.tree.languages) > 1:
            keys.insert(1, (LANGUAGE_KEY, self.texts.language))
        return keys

    @property
    def messages(self) -> str:
        return phone(self.messages_to or "")

    @property
    def has_texts(self) -> bool:
        book = self.line.phrasebooks[self.language]
        return any(isinstance(node, Info) and node.text in book for node in self.tree.walk())

    @property
    def sent(self) -> list[tuple[str, str]]:
        """What to write, with what it is for; nothing in a language that no word chooses."""
        if self.messages_to is None:
            return []
        book, tree = self.line.phrasebooks[self.language], self.tree
        before = after = ""
        if LINE_WORD in book:
            before = f"{book.write(LINE_WORD).words} "
        elif self.language == "en" != tree.languages[0]:
            after = " EN"
        elif self.language != tree.languages[0]:
            return []
        topic = next((node.path for node in tree.walk() if node.path.count(".") == 1), "1")
        sent = [
            (before + _ASKS_FOR_ALL.get(self.language, "MENU"), self.texts.all_topics),
            (before + topic + after, self.texts.one_topic),
        ]
        takes = any(isinstance(node, Form) and node.form == READING_FORM for node in tree.walk())
        if takes and tree.service == "electricity":
            sent.append(("ALLAS", self.texts.reading))
        return sent

    @property
    def marks(self) -> list[str]:
        return [self.words.kinds[Form], self.words.kinds[Transfer]]

    @property
    def topics(self) -> list[_Item]:
        """The options of the first menu, each with everything below it."""
        return [self._item(option.node, 0) for option in self.tree.root.options]

    @property
    def operator_hours(self) -> str:
        return self.words.hours(self.hours_of[self.tree.operator])

    @property
    def desks(self) -> list[_Item]:
        return [self._item(node, 0) for node in self.tree.walk() if isinstance(node, Transfer)]

    def _item(self, node: Node, deep: int) -> _Item:
        # One digit is pressed at once; it is no path to be dialled.
        direct = f"{PATH_KEY}{node.path.replace('.', '')}{REPEAT_KEY}" if "." in node.path else ""
        marked = isinstance(node, Form | Transfer)
        return _Item(
            about=option_label(self.line.phrasebooks[self.language], node.id) or node.id,
            path=node.path.split("."),
            kind=self.words.kinds[type(node)] if marked else "",
            own=isinstance(node, Form),
            is_menu=isinstance(node, Menu),
            deep=deep,
            dialled=direct,
            rows=() if deep else list(self._below(node, 1)),
            hours=self._hours(node),
        )

    def _below(self, node: Node, deep: int) -> Iterator[_Item]:
        if isinstance(node, Menu):
            for option in node.options:
                yield self._item(option.node, deep)
                yield from self._below(option.node, deep + 1)

    def _hours(self, node: Node) -> str:
        return self.words.hours(self.hours_of[node.desk]) if isinstance(node, Transfer) else ""
