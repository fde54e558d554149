"""Fees from their file, ``tariffs.yaml``: dated, each figure with its rule and source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from backend.interface.answers import ConnectionTariff

if TYPE_CHECKING:
    from common.yaml_sections import Section

MOST = 10_000_000
"""No figure of a tariff comes near it; more is a slip."""


@dataclass(frozen=True, slots=True)
class Tariffs:
    """Tariffs with the day from which each holds, the newest first."""

    connection: tuple[tuple[date, ConnectionTariff], ...] = ()

    def connection_on(self, day: date) -> ConnectionTariff | None:
        """The connection fees of that day; ``None`` when none are known."""
        return next((tariff for since, tariff in self.connection if since <= day), None)


NO_TARIFFS = Tariffs()


def load_tariffs(path: Path) -> Tariffs:
    """Read and check ``tariffs.yaml``; ``ConfigurationError`` names the place, value and hint."""
    # Read only here: every command knows the type, the service alone reads the file.
    from common.yaml_sections import Section

    document = Section.load(path).only("connection_fee")
    dated: dict[date, ConnectionTariff] = {}
    for entry in document.sections("connection_fee"):
        since = entry.date("valid_from")
        if since in dated:
            raise entry.wrong("valid_from", since.isoformat(), "is there twice. Keep one of them.")
        dated[since] = _connection_tariff(entry)
    return Tariffs(tuple(sorted(dated.items(), reverse=True, key=lambda item: item[0])))


def _connection_tariff(entry: Section) -> ConnectionTariff:
    *figures, _, line_fee = ConnectionTariff.__struct_fields__
    entry.only("valid_from", *figures, "charged_amperes", line_fee)
    return ConnectionTariff(
        **{name: _figure(entry, name) for name in figures},
        all_amperes=_one_of(entry, "charged_amperes", {"above_free": False, "all": True}),
        line_fee_within_free_amperes=_one_of(entry, line_fee, {"no": False, "yes": True}),
    )


def _sourced(entry: Section, name: str) -> Section:
    """The figure's section, once it is sure that it names its rule and source."""
    figure = entry.section(name).only("value", "rule", "source")
    figure.text("rule")
    figure.text("source")
    return figure


def _figure(entry: Section, name: str) -> int:
    figure = _sourced(entry, name)
    value = figure.text("value")
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(MOST))):
        raise figure.wrong("value", value, "is not a whole number. Write figures only, like 3900.")
    if int(value) > MOST:
        raise figure.wrong("value", value, f"is more than {MOST:,}. Correct it.")
    return int(value)


def _one_of(entry: Section, name: str, meanings: dict[str, bool]) -> bool:
    figure = _sourced(entry, name)
    value = figure.text("value")
    if value not in meanings:
        raise figure.wrong("value", value, f"is none of {', '.join(meanings)}. Write one of them.")
    return meanings[value]
