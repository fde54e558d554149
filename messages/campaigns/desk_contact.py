"""What a message says of the desk that it names, from ``desks.yaml``."""

from collections.abc import Iterable
from datetime import time
from itertools import groupby

from backend.desks import Desks
from backend.interface.codes import MessageKind
from backend.rules.desk_hours import Desk, WeekdayHours
from common.errors import ConfigurationError
from messages.content.desk_facts import DeskFacts, DeskFactsError

_DAYS = ("H", "K", "Sze", "Cs", "P", "Szo", "V")


def desk_facts(desks: Desks, kind: MessageKind) -> DeskFacts:
    """Who writes a message of that kind and where they are reached (CO-13, CO-14, CO-15).

    Raises ``ConfigurationError`` that names the place in the file and the hint.
    """
    company, desk = _named(desks, kind)
    if desk.email is None:
        raise ConfigurationError(
            f"{desks.file}: desks.{desk.name}.email: is missing. Add it: {kind} messages name it."
        )
    try:
        return DeskFacts(company, desk.number, desk.email, printed_hours(desk.hours))
    except DeskFactsError as error:
        raise ConfigurationError(
            f'{desks.file}: messages.{kind} (desk "{desk.name}"): {error}. Correct it.'
        ) from error


def desk_lines(desks: Desks, kind: MessageKind) -> tuple[str, ...]:
    """Further numbers (E.164) of that desk, which a text may spell out."""
    return _named(desks, kind)[1].lines


def printed_hours(hours: Iterable[WeekdayHours]) -> str:
    """A week's hours in short Hungarian words: ``H-P 8-16``, ``H 8-20, K-P 8-16``.

    Minutes are told only where they are not nought; neighbouring days with the same hours are
    joined, and several spans of a day are: ``H-P 8-12 és 13-17``.
    """
    spans = list(hours)
    week = [(day, _of_day(spans, day)) for day in range(len(_DAYS))]
    printed = []
    for words, run in groupby(week, key=lambda each: each[1]):
        days = [_DAYS[day] for day, _ in run]
        if words:
            printed.append(f"{days[0]}{f'-{days[-1]}' if days[1:] else ''} {words}")
    return ", ".join(printed)


def _of_day(spans: Iterable[WeekdayHours], day: int) -> str:
    of_day = sorted((span.opens, span.closes) for span in spans if day in span.weekdays)
    return " és ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in of_day)


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment:%M}" if moment.minute else f"{moment.hour}"


def _named(desks: Desks, kind: MessageKind) -> tuple[str, Desk]:
    if desks.messages is None:
        raise ConfigurationError(
            f'{desks.file}: messages: is missing. Add it, with "company" and, under "{kind}", '
            f"one of {', '.join(desks.desks)}."
        )
    if kind.value not in desks.messages.desks:
        raise ConfigurationError(
            f"{desks.file}: messages.{kind}: is missing. Add it with the desk that such a "
            f"message names, one of {', '.join(desks.desks)}."
        )
    return desks.messages.company, desks.find(desks.messages.desks[kind.value])
