"""What the web phone's page shows besides its keys: numbers, and things to try."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A number that the page offers to call from."""

    number: str
    label: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to try: one click types ``keys`` into the call; blanks are for the eye."""

    label: str
    keys: str


@dataclass(frozen=True, slots=True)
class CalledLine:
    """A line that the page offers to call: ``number`` is dialled, ``label`` is how it is shown."""

    number: str
    label: str
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The page's data. The first of the ``lines`` is chosen until the person chooses another."""

    lines: tuple[CalledLine, ...]
    callers: tuple[Caller, ...]


_NAMES = {"electricity": "áram", "heat": "távhő"}
_ELECTRICITY_HINTS = (
    Hint("Felhasználói azonosító", "20293811"),
    Hint("A mérő gyári száma", "48213377"),
    Hint("Fizetési nap módosítása", "*2112#"),
    Hint("Részszámla, részfogyasztás", "5 3"),
)
_HEAT_HINTS = (
    Hint("Melegvízmérő állásának bejelentése", "2 1"),
    Hint("Ügyfélkód, az U betű nélkül", "90010#"),
    Hint("A melegvízmérő gyári száma", "70010015#"),
    Hint("E-számla kérése vagy lemondása", "4"),
)
_HINTS = {"electricity": _ELECTRICITY_HINTS, "heat": _HEAT_HINTS}
_CALLERS = (
    Caller("+36301234567", "+36 30 123 4567 (mobil)"),
    Caller("+3612345678", "+36 1 234 5678 (vezetékes)"),
    Caller("anonymous", "rejtett hívószám"),
)
_HUNGARIAN = re.compile(r"\+36(?:(1)(\d{3})(\d{4})|(\d{2})(\d{3})(\d{3,4}))")


def demonstration(lines: Iterable[tuple[str, str]]) -> PhonePage:
    """The page of the demonstration utility, for lines given as name and number (E.164).

    ``electricity`` and ``heat`` have Hungarian names, and hints that fit the demonstration's
    records; another line is shown by the name that it has.
    """
    return PhonePage(
        tuple(
            CalledLine(
                number, f"{_printed(number)} ({_NAMES.get(name, name)})", _HINTS.get(name, ())
            )
            for name, number in lines
        ),
        _CALLERS,
    )


def _printed(number: str) -> str:
    hungarian = _HUNGARIAN.fullmatch(number)
    return " ".join(["+36", *filter(None, hungarian.groups())]) if hungarian else number


DEMONSTRATION = PhonePage(
    (CalledLine("+3680202938", "+36 80 202 938", _ELECTRICITY_HINTS),), _CALLERS
)
"""For a service that answers every number alike."""
