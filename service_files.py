"""The files that the service answers by: read by each worker, and once before any is started."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.desks import Desks, HungarianCalendar, load_calendar, load_desks
from backend.interface.codes import MessageKind
from backend.tariffs import Tariffs, load_tariffs
from common.errors import RecordsError
from common.phone_numbers import carriers_number
from common.timezone import local_date
from ivr.lines.entries import LineEntry, configured_lines
from ivr.lines.loading import LineDefaults
from ivr.lines.publishing import publish, watched
from ivr.lines.reloading import ReloadingLines
from ivr.lines.shown_lines import ShownLines
from messages.campaigns.desk_contact import desk_facts
from messages.content.desk_facts import DeskFacts
from settings import HERE, Settings
from sms.error_codes import CodeTable, load_codes

PROMPTS = HERE / "menus" / "prompts"

logger = logging.getLogger("zoldszam")


@dataclass(frozen=True, slots=True)
class ServiceFiles:
    """What the files say. ``facts`` is ``None`` for a utility that sends no messages."""

    desks: Desks
    facts: DeskFacts | None
    lines: ReloadingLines
    calendar: HungarianCalendar
    tariffs: Tariffs
    codes: CodeTable


def read_files(settings: Settings, clock: Callable[[], datetime]) -> ServiceFiles:
    """Read and check them all.

    Raises ``TreeError`` for a tree that is not sound and ``RecordsError`` for any other file.
    """
    desks = load_desks(settings.desks)
    facts = _facts(desks)
    lines = _lines(settings, clock, facts)
    calendar = load_calendar(settings.calendar)
    # The year's holidays are computed now, not while the first caller waits.
    calendar.weekday(local_date(clock()))
    tariffs = load_tariffs(settings.tariffs)
    return ServiceFiles(desks, facts, lines, calendar, tariffs, load_codes(settings.carrier_codes))


def shown_lines(settings: Settings, clock: Callable[[], datetime]) -> ShownLines:
    """The lines as the console shows them: as their files are now."""
    desks = load_desks(settings.desks)
    facts = _facts(desks)
    return ShownLines(
        lambda: configured_lines(settings.lines, settings.menu_tree),
        _defaults(settings, facts),
        clock,
    )


def _facts(desks: Desks) -> DeskFacts | None:
    return desk_facts(desks, MessageKind.SERVICE) if desks.messages is not None else None


def _defaults(settings: Settings, facts: DeskFacts | None) -> LineDefaults:
    return LineDefaults(
        PROMPTS,
        settings.desks,
        settings.voices,
        settings.recordings,
        settings.public_url,
        facts,
        carriers_number(settings.sms_sender or "") or "",
    )


def _lines(
    settings: Settings, clock: Callable[[], datetime], facts: DeskFacts | None
) -> ReloadingLines:
    """The lines, which follow their files while the service runs."""
    defaults = _defaults(settings, facts)
    if settings.recordings is not None and settings.public_url is None:
        logger.warning(
            "PUBLIC_URL is not set: the carrier cannot fetch what is in RECORDINGS",
            extra={"event": "public_url_missing"},
        )

    def entries() -> tuple[LineEntry, ...]:
        return configured_lines(settings.lines, settings.menu_tree)

    def files() -> Iterator[Path]:
        if settings.lines is not None:
            yield settings.lines
        with suppress(RecordsError):  # publishing tells what is wrong with it
            yield from watched(entries(), defaults)

    return ReloadingLines(lambda: publish(entries(), defaults), files, clock)
