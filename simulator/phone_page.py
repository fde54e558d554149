"""What the web phone's page shows besides its keys: numbers to call from, things to try."""

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
class PhonePage:
    """The page's data. ``line`` is the number that is dialled, ``line_label`` how it is printed."""

    line: str
    line_label: str
    callers: tuple[Caller, ...]
    hints: tuple[Hint, ...]


DEMONSTRATION = PhonePage(
    line="+3680202938",
    line_label="+36 80 202 938",
    callers=(
        Caller("+36301234567", "+36 30 123 4567 (mobil)"),
        Caller("+3612345678", "+36 1 234 5678 (vezetékes)"),
        Caller("anonymous", "rejtett hívószám"),
    ),
    hints=(
        Hint("Felhasználói azonosító", "20293811"),
        Hint("A mérő gyári száma", "48213377"),
        Hint("Fizetési nap módosítása", "*2112#"),
        Hint("Részszámla, részfogyasztás", "5 3"),
    ),
)
"""Fits the demonstration utility's records."""
