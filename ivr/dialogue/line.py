"""The open line: speaking, and waiting for keys, another line, the records or the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Self, cast

from msgspec import Struct
from msgspec.structs import replace

from backend.interface.answers import Submitted, Unfinished
from backend.interface.codes import Service
from backend.interface.commands import Command
from backend.interface.place import Place
from backend.interface.published_text import PublishedText
from backend.interface.queries import Answer, Query
from ivr.dialogue.effects import Dial, Listen, LookUp, ReadClock, Said, Submit
from ivr.dialogue.navigation import TooManyFaultsError
from ivr.dialogue.transcript import Began, DialEnded, Keys, Silence
from menus.slots import Hours, Key, SlotValue, Text
from menus.tree import Menu, Node, Transfer, Tree


class Patience(Struct, frozen=True):
    """How long one question waits, in seconds, and how many silences and wrong keys it bears."""

    timeout: int
    max_noinput: int
    max_nomatch: int


@dataclass(frozen=True, slots=True)
class MenuQuestion:
    """What a menu asks: its sentences, the keys that it offers and its own patience."""

    sentences: tuple[Text, ...]
    options: Mapping[str, Node]
    patience: Patience


class CallSetting:
    """What is the same for every call of a line: its tree and its desks' hours as spoken.

    ``texts`` are what can be sent to a caller, by the node that tells it and the language. Made
    once: a replay asks the questions of the menus that it passes again and again.
    """

    def __init__(
        self,
        tree: Tree,
        hours: Mapping[str, Hours],
        texts: Mapping[tuple[str, str], PublishedText] = MappingProxyType({}),
    ) -> None:
        self.tree = tree
        self.hours = hours
        self.texts = texts
        limits = tree.limits
        self.choice_patience = Patience(limits.timeout, limits.max_noinput, limits.max_nomatch)
        self.one_silence = replace(self.choice_patience, max_noinput=1)
        self.entry_patience = replace(self.choice_patience, timeout=limits.entry_timeout)
        self.questions = {
            node.id: _menu_question(tree, node) for node in tree.walk() if isinstance(node, Menu)
        }
        self.operator_offers = _offer_question(tree, tree.offers, self.one_silence)
        self.offers = {
            node.id: _offer_question(tree, node.offers, self.one_silence)
            for node in tree.walk()
            if isinstance(node, Transfer)
        }

    def patience_at(self, digits: int) -> Patience:
        """How long a question waits, and what it bears, whose answer has at most so many keys."""
        return self.choice_patience if digits == 1 else self.entry_patience


def _menu_question(tree: Tree, menu: Menu) -> MenuQuestion:
    introduction = [] if menu.say is None else [Text(menu.say)]
    offers = [text(option.prompt, key=Key(option.key)) for option in menu.options]
    navigation = Text("navigation.main" if menu is tree.root else "navigation.below")
    return MenuQuestion(
        (*introduction, *offers, navigation),
        {option.key: option.node for option in menu.options},
        Patience(menu.timeout, menu.max_noinput, menu.max_nomatch),
    )


def _offer_question(tree: Tree, offers: Sequence[str], patience: Patience) -> MenuQuestion:
    """What helps at any hour, in the words of the menus that offer it."""
    options = {str(number): tree.node(offer) for number, offer in enumerate(offers, 1)}
    sentences = [text(f"options.{node.id}", key=Key(key)) for key, node in options.items()]
    return MenuQuestion((*sentences, Text("navigation.closed")), options, patience)


class UnconfirmedError(Exception):
    """A form tried to store what the caller has not confirmed: a fault of the form."""


def text(prompt: str, **slots: SlotValue) -> Text:
    return Text(prompt, tuple(slots.items()))


OTHER_LANGUAGE = "opening.language"
"""Said in the language that it offers, to those who do not understand the present one."""

RECEIPT_SLOT = "receipt"
RECEIPT_ALONE = "receipt.again"


class OpenLine:
    """What a call can do without a question being asked."""

    def __init__(self, setting: CallSetting, began: Began) -> None:
        self.setting = setting
        self.began = began
        self.language = setting.tree.languages[0]
        self.node_path = ""
        self._place = ("", "opening", "")
        self.slow = False
        self.offers_pace = False
        self.offers_resume = False
        self.offers_language = len(setting.tree.languages) > 1
        self.keeps_note = False
        self.typed: dict[str, str] = {}
        self.recalled: dict[str, str] = {}
        self.identified_site: str | None = None
        self._preface: list[Text] = []
        self._speech: list[Text] = []
        self._waits = 0
        self._confirmed = False
        self._in_form = False
        self._form_answers = 0
        self._form_recorded = False
        self._answers_since_submit = 0
        self._receipts: list[Text] = []
        self._hash_may_follow = False

    def copied(self) -> Self:
        """A call that stands where this one does; whatever is done to one, the other keeps."""
        copy = object.__new__(type(self))
        values = copy.__dict__
        values.update(self.__dict__)
        for name in ("typed", "recalled", "_preface", "_speech", "_receipts"):
            values[name] = values[name].copy()
        return copy

    @property
    def place(self) -> str:
        """Where the call is, as text: joined when it is read, for a replay passes many places."""
        return str(Place(*self._place))

    @property
    def service(self) -> Service:
        """The service that this line is for; sites of another are not found."""
        return cast("Service", self.setting.tree.service)

    @property
    def other_language(self) -> str:
        languages = self.setting.tree.languages
        return languages[(languages.index(self.language) + 1) % len(languages)]

    def say(self, prompt: str, **slots: SlotValue) -> None:
        """Speak a prompt before the next wait, in the language that is then the caller's."""
        self._speech.append(text(prompt, **slots))
        if RECEIPT_SLOT in slots:
            self._receipts.append(text(prompt, **slots))

    def say_all(self, sentences: Sequence[Text]) -> None:
        self._speech += sentences

    def say_first(self, prompt: str, **slots: SlotValue) -> None:
        """Speak a prompt before all else at the next wait; no repeat says it again."""
        self._preface.append(text(prompt, **slots))

    def say_receipts_again(self) -> None:
        """Tell the receipts once more to a caller who goes on: a key may have cut them short."""
        match self._receipts:
            case [only]:
                self.say(RECEIPT_ALONE, **{RECEIPT_SLOT: dict(only.slots)[RECEIPT_SLOT]})
            case receipts:
                self._speech += receipts
        self._receipts = []

    def speech(self) -> tuple[Said, ...]:
        own = self.language
        return tuple(
            [
                Said(own if said.prompt != OTHER_LANGUAGE else self.other_language, said)
                for said in (*self._preface, *self._speech)
            ]
        )

    def forget_speech(self) -> None:
        """Drop what was said at a wait that is over."""
        self._preface = []
        self._speech = []

    def enter_form(self) -> None:
        """Begin a transaction: from now on leaving it may leave something unrecorded."""
        self._in_form = True
        self._receipts = []
        self.identified_site = None
        self._form_answers = 0
        self._answers_since_submit = 0
        self._form_recorded = False

    def leave_form(self) -> None:
        """End a transaction, however it came out."""
        self._in_form = False

    @property
    def leaves_unrecorded(self) -> bool:
        """Whether the caller has typed something in this form, and nothing of it was stored."""
        return self._in_form and self._form_answers > 0 and not self._form_recorded

    @property
    def unfinished(self) -> Unfinished | None:
        """What an identified caller would leave undone by hanging up now."""
        node = self.setting.tree.at(self.node_path) if self.node_path else None
        is_open = self._in_form and self._answers_since_submit > 0
        if node is None or self.identified_site is None or not is_open:
            return None
        return Unfinished(node.id, self.identified_site, self.service)

    def at(self, step: str, prompt: str = "") -> None:
        """Note where the call is; neither word may hold anything typed."""
        self._place = (self.node_path, step, prompt)

    async def listen(self, digits: int, finish_on_key: str, timeout: int) -> Keys | Silence:
        """Wait for keys. Raises ``TooManyFaultsError`` when the call has had all its turns."""
        self._waits += 1
        if self._waits >= self.setting.tree.limits.max_turns:
            raise TooManyFaultsError("turns")
        return await Listen(digits, finish_on_key, timeout)

    async def dial(self, desk: str, reason: str) -> DialEnded:
        """Connect with a desk and wait for the end; the reason goes into the call's record."""
        self._waits += 1
        self.at("dial", f"{desk} {reason}")
        return await Dial(desk)

    async def look_up(self, query: Query[Answer]) -> Answer:
        """Ask the records; the answer is the same at every replay."""
        answer: Answer = await LookUp(query)
        return answer

    async def submit(self, command: Command) -> Submitted:
        """Store what was just confirmed. Raises ``UnconfirmedError`` when nothing was."""
        if not self._confirmed:
            raise UnconfirmedError(f"{type(command).__name__} was not confirmed by the caller")
        self._confirmed = False
        submitted = await Submit(command)
        if submitted.receipts:
            self._form_recorded = True
            self._answers_since_submit = 0
            self.keeps_note = False
        return submitted

    async def now(self) -> datetime:
        """Return the moment, aware UTC: the same at every replay."""
        return (await ReadClock()).moment
