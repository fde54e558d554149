"""What a caller hears now: the real dialogue's first words, with what holds at this moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from backend.desks import Desks
from backend.interface.answers import Notice, Opening
from backend.records.notices.desk_opening import opening_at
from backend.records.notices.notice_areas import notices_told
from common.timezone import local_date
from console.calls.menu_words import line_name, on_paper, shown
from console.menu.desks import desks_of
from console.web.parts import parts
from ivr.dialogue.effects import Said
from ivr.dialogue.notices import sentences_of
from ivr.forms import FORMS
from ivr.lines.publishing import spoken_hours
from ivr.listening import Audience, listen
from ivr.opening_check import words_of
from menus.loader import Line
from menus.print_forms import written
from menus.tree import OPERATOR_KEY


@dataclass(frozen=True, slots=True)
class Heard:
    """One line in one language: the first words, the menu after them, and the answer to key 0."""

    line: str
    language: str
    language_name: str
    first: str
    menu: Sequence[str]
    operator: str


def heard_now(connection: Connection, postcode: str) -> list[Heard]:
    """What each line says in each language to a caller from that postcode; "" is anywhere."""
    now = parts().clock()
    told = notices_told(connection, postcode, now)
    found = []
    for entry in shown().entries:
        line = shown().lines.get(entry.name)
        if line is None:
            continue
        desks = desks_of(entry.name)
        opening = opening_at(connection, desks, parts().calendar, line.tree.operator, now)
        found += [_heard(line, desks, language, opening, told) for language in line.tree.languages]
    return found


def _heard(
    line: Line, desks: Desks, language: str, opening: Opening, told: tuple[Notice, ...]
) -> Heard:
    audience = Audience(language, opening.open, opening.reason, told, parts().clock())
    turns = listen(line, spoken_hours(desks), FORMS, audience, [OPERATOR_KEY])
    said = list(turns[0].said)
    first = next(
        (at for at, each in enumerate(said) if each.text.prompt.startswith(("menus.", "options."))),
        len(said),
    )
    return Heard(
        line_name(line),
        language,
        written(language).own_name,
        _joined(line, said[:first]),
        [_joined(line, [each]) for each in said[first:]],
        _joined(line, turns[1].said),
    )


def preview(notice: Notice) -> list[tuple[str, str, str]]:
    """A notice as it is heard, with line and language; only where the line has its sentences."""
    heard = []
    for line in shown().lines.values():
        for language, book in line.phrasebooks.items():
            sentences = list(sentences_of(notice, language, local_date(parts().clock())))
            if all(sentence.prompt in book for sentence in sentences):
                said = " ".join(book.speak(sentence) for sentence in sentences)
                heard.append((line_name(line), language, _plain(said)))
    return heard


def _joined(line: Line, said: Iterable[Said]) -> str:
    return " ".join(filter(None, (_plain(words_of(line, each)) for each in said)))


def _plain(words: str) -> str:
    return on_paper(words)
