"""Mistakes in ``desks.yaml`` and ``calendar.yaml`` are told with their place and the hint."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.desks import load_calendar, load_desks, public_holiday
from common.errors import ConfigurationError

DESKS = """\
desks:
  general:
    number: "+3612383838"
    hours: ["mon-fri 08:00-20:00"]
reachable:
  desk: general
  hours: 12
  between: 07:00-21:00
"""

CALENDAR = """\
days:
  - date: 2026-12-12
    open: no
    reason: r
    source: s
"""


def complaint_about_desks(folder: Path, old: str, new: str) -> str:
    path = folder / "desks.yaml"
    assert old in DESKS
    path.write_text(DESKS.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_desks(path)
    return str(caught.value).removeprefix(f"{folder}/")


def complaint_about_calendar(folder: Path, old: str, new: str) -> str:
    path = folder / "calendar.yaml"
    assert old in CALENDAR
    path.write_text(CALENDAR.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_calendar(path)
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            '"+3612383838"',
            "0612383838",
            (
                'desks.yaml:3: desks.general.number: "0612383838" is not a number with country '
                'code. Write it like "+3612383838", in quotes.'
            ),
        ),
        (
            "number:",
            "numer:",
            'desks.yaml:3: desks.general.numer: is not known here. Did you mean "number"?',
        ),
        (
            '    number: "+3612383838"\n',
            "",
            "desks.yaml:2: desks.general.number: is missing. Add it.",
        ),
        (
            '["mon-fri 08:00-20:00"]',
            '["mon-fri 8-20"]',
            (
                'desks.yaml:4: desks.general.hours: "8" is not a time of day. '
                "Write it from 00:00 to 23:59."
            ),
        ),
        (
            '["mon-fri 08:00-20:00"]',
            "mon-fri 08:00-20:00",
            (
                'desks.yaml:4: desks.general.hours: "mon-fri 08:00-20:00" is not a list. '
                "Write it in square brackets."
            ),
        ),
        (
            '["mon-fri 08:00-20:00"]',
            '["mon-fri 08:00-20:00", "wed 19:00-21:00"]',
            (
                'desks.yaml:4: desks.general.hours: "wed" has hours that overlap. '
                "Join them into one span."
            ),
        ),
        (
            "08:00-20:00",
            "08:00-19:59",
            (
                'desks.yaml:4: desks.general.hours: "general" is on no weekday open for 12 hours '
                "without a break between 07:00 and 21:00, which the law asks of a public utility. "
                "Lengthen one weekday, for example mon 08:00-20:00."
            ),
        ),
        (
            "desk: general",
            "desk: genral",
            'desks.yaml:6: reachable.desk: "genral" is no desk. Name one of general.',
        ),
        (
            "  general:",
            "  general: {}\n  general:",
            "desks.yaml:3: key 'general' stands twice, first at 2:3. Remove or rename one of them.",
        ),
        (
            "hours: 12",
            "hours: many",
            'desks.yaml:7: reachable.hours: "many" is not a whole number of hours. Write 12.',
        ),
    ],
)
def test_a_mistake_in_the_desks_names_its_place_and_the_hint(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert complaint_about_desks(tmp_path, old, new) == complaint


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "2026-12-12",
            "12.12.2026",
            'calendar.yaml:2: days[1].date: "12.12.2026" is not a date. Write it like 2026-12-24.',
        ),
        (
            "open: no",
            "open: maybe",
            'calendar.yaml:3: days[1].open: "maybe" is neither "yes" nor "no".',
        ),
        (
            "open: no",
            "open: yes\n    like: fryday",
            'calendar.yaml:4: days[1].like: "fryday" is not a weekday. Write it like "friday".',
        ),
        ("    source: s\n", "", "calendar.yaml:2: days[1].source: is missing. Add it."),
        (
            "days:\n",
            "days:\n  - {date: 2026-12-12, open: no, reason: r, source: s}\n",
            'calendar.yaml:3: days[2].date: "2026-12-12" is there twice. Keep one of them.',
        ),
        ("    open: no", "   open: no", "calendar.yaml:3: "),
    ],
)
def test_a_mistake_in_the_calendar_names_its_place_and_the_hint(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert complaint_about_calendar(tmp_path, old, new).startswith(complaint)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"none\.yaml:1: the file cannot be read: .* Check its path"
    ):
        load_desks(tmp_path / "none.yaml")


def test_a_worked_day_without_like_is_worked_as_its_own_weekday_or_like_a_friday(
    tmp_path: Path,
) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(
        "days:\n"
        "  - {date: 2026-12-12, open: yes, reason: r, source: s}\n"
        "  - {date: 2026-12-24, open: yes, reason: r, source: s}\n",
        encoding="utf-8",
    )
    days = load_calendar(path).days
    assert [day.weekday for day in days.values()] == [4, 3]


def test_the_public_calendar_is_that_of_the_library() -> None:
    """It is loaded from its file, past the library's own list of countries."""
    from holidays import country_holidays

    for year in (2026, 2027):
        named = country_holidays("HU", years=year, language="en_US")
        first = date(year, 1, 1)
        days = [first + timedelta(days=number) for number in range(365)]
        assert [day for day in days if public_holiday(day)] == sorted(named)
