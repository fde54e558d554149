"""What is around a tree: forms, desks, what the dialogue says, numbers, sounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.desks import load_desks
from backend.interface.codes import MessageKind
from cli.menu.common import entry_of
from common.phone_numbers import carriers_number
from ivr.code_prompts import REQUIRED
from ivr.dialogue.menu import FormCode
from ivr.forms import FORMS
from ivr.lines.publishing import spoken_hours
from menus.sentence_checks import Prompts
from menus.slots import Hours
from messages.campaigns.desk_contact import desk_facts
from messages.content.desk_facts import DeskFacts
from settings import Settings


@dataclass(frozen=True)
class TreeSurroundings:
    """What is around a tree: forms, desks with their hours, what the dialogue says besides.

    ``numbers`` (E.164) lead to the line, if that is known, and ``desk_lines`` to the people at each
    desk; ``messages`` takes text messages. ``recordings`` is the folder of sounds, ``facts`` are
    of the desk that messages name.
    """

    forms: Mapping[str, FormCode]
    hours: Mapping[str, Hours]
    prompts: Prompts
    numbers: Sequence[str] = ()
    desk_lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    recordings: Path | None = None
    facts: DeskFacts | None = None
    messages: str | None = None


SurroundingsFor = Callable[[Path], TreeSurroundings]


def surroundings_of(tree: Path) -> TreeSurroundings:
    """The surroundings of a tree by the settings, or by its entry in the lines file.

    ``DESKS``, if it is set, goes before the entry's desks.
    """
    settings = Settings.from_environment()
    entry = entry_of(tree)
    named = entry.desks if entry and "desks" not in settings.model_fields_set else None
    # Messages name the service's own desk, whichever line they are of.
    usual = load_desks(settings.desks)
    facts = desk_facts(usual, MessageKind.SERVICE) if usual.messages is not None else None
    desks = load_desks(named) if named else usual
    return TreeSurroundings(
        FORMS,
        spoken_hours(desks),
        REQUIRED,
        entry.numbers if entry else (),
        {name: desk.lines for name, desk in desks.desks.items()},
        settings.recordings,
        facts,
        carriers_number(settings.sms_sender or ""),
    )
