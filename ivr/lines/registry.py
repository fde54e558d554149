"""The lines that one service answers: which one is chosen by the number that was dialled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.phone_numbers import is_e164

if TYPE_CHECKING:
    from backend.desks import Desks
    from ivr.dialogue.engine import Dialogue
    from ivr.dialogue.line import CallSetting
    from ivr.menu_by_sms import Topics
    from ivr.twiml import Fallback, TwimlRenderer


@dataclass(frozen=True)
class PublishedLine:
    """One published line: everything that its calls need besides the records.

    ``tree_hash`` names its tree and sentences; a call keeps to the line that it began with.
    ``name`` is that of its entry.
    ``fallback`` is a document that needs nothing but itself, ``topics`` the menu by message.
    ``number`` (E.164, or "" when none is configured) is shown to desks when it is not known which
    number was dialled.
    """

    dialogue: Dialogue
    setting: CallSetting
    tree_hash: str
    desks: Desks
    renderer: TwimlRenderer
    fallback: Fallback
    topics: Topics
    number: str = ""
    name: str = ""

    def caller_id(self, dialled: str) -> str:
        """The number that a desk sees: the dialled one, else the line's own, else ""."""
        return dialled if is_e164(dialled) else self.number


class Lines:
    """All published lines. A number that none of them names gets the default one."""

    def __init__(self, default: PublishedLine, by_number: Mapping[str, PublishedLine]) -> None:
        self._default = default
        self._by_number = by_number
        self._by_hash = {line.tree_hash: line for line in (default, *by_number.values())}

    @property
    def published(self) -> tuple[PublishedLine, ...]:
        """The lines that new calls get."""
        return tuple(self._by_hash.values())

    def answering(self, dialled: str) -> PublishedLine:
        """The line that answers this number (E.164) from now on."""
        return self._by_number.get(dialled, self._default)

    def begun_with(self, tree_hash: str) -> PublishedLine | None:
        """The line of a call that began with that version, or ``None`` when it is gone."""
        return self._by_hash.get(tree_hash)

    def answer_by_message(self, body: str) -> str | None:
        """What to write back to somebody who asks for an item of a line's menu; else ``None``.

        Whoever writes has dialled no number: the menu is the default line's, unless the message
        begins with the word of another one.
        """
        default = self.answering("")
        for line in self.published:
            if line is not default and (told := line.topics.answer(body, is_default=False)):
                return told
        return default.topics.answer(body)
