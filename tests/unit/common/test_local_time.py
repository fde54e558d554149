"""Times as people in Budapest write them: one moment each, or a refusal that says what to write."""

from datetime import UTC, date, datetime, timedelta

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cli.support.local_time import DAY, TIME, TIME_OR_DAY
from common.local_time import LocalTimeError, full_hour_from, parse_day, parse_local_time
from common.timezone import in_budapest
from tests.support.runs.tables import each_of


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@each_of(
    ("written", "moment"),
    [
        ("2026-11-21T18:30", "2026-11-21T17:30"),
        ("2026-11-21 18:30", "2026-11-21T17:30"),
        ("2026-7-5 9:05", "2026-07-05T07:05"),
        ("2026-11-21", "2026-11-20T23:00"),
        ("2026-11-21T18:30:05.25", "2026-11-21T17:30:05.250000"),
        ("2026-11-21T18:30Z", "2026-11-21T18:30"),
        ("2026-11-21T18:30:00+00:00", "2026-11-21T18:30"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30"),
        ("2026-10-25T03:00", "2026-10-25T02:00"),
        ("2027-03-28T03:00", "2027-03-28T01:00"),
    ],
)
def test_a_time_is_read_on_the_clock_in_budapest_or_in_its_own_zone(
    written: str, moment: str
) -> None:
    assert parse_local_time(written) == utc(moment)


@each_of(
    ("written", "told"),
    [
        (
            "2026-10-25T02:30",
            "Write 2026-10-25T02:30+02:00 for the first time or 2026-10-25T02:30+01:00 for",
        ),
        ("2027-03-28T02:30", "does not exist in Budapest: the clocks go forward from 02:00"),
        ("0001-01-01T00:00", "is not between 2000 and 2100"),
        ("9999-12-31T23:59", "is not between 2000 and 2100"),
        ("2026-02-29T10:00", "is no day or time that there is"),
        ("2026-11-21T24:00", "is no day or time that there is"),
        ("2026-11-21T10:00+99:00", "ends in no time zone"),
        ("tomorrow", "is not a date or time. Write it like 2026-11-21 or"),
        ("٢٠٢٦-11-21T18:30", "is not a date or time"),
    ],
)
def test_a_time_that_is_not_one_moment_is_refused_with_what_to_write(
    written: str, told: str
) -> None:
    with pytest.raises(LocalTimeError) as refused:
        parse_local_time(written)
    assert written in str(refused.value)
    assert told in str(refused.value)


def test_a_day_has_no_clock() -> None:
    assert parse_day("2026-11-21") == date(2026, 11, 21)
    for written in ("2026-11-21T10:00", "0001-01-01", "2026-13-01", "x"):
        with pytest.raises(LocalTimeError):
            parse_day(written)


moments = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: utc("2026-01-01T00:00") + timedelta(seconds=seconds)
)


@given(moments)
def test_what_is_written_with_its_zone_is_read_as_that_moment(moment: datetime) -> None:
    assert parse_local_time(in_budapest(moment).isoformat()) == moment


@given(moments)
def test_the_full_hour_is_never_early_and_at_most_two_hours_late(moment: datetime) -> None:
    told = full_hour_from(moment)
    assert (told.minute, told.second, told.microsecond) == (0, 0, 0)
    assert 0 <= (told - moment).total_seconds() <= 2 * 3600


@pytest.mark.parametrize(
    ("moment", "hour"),
    [
        ("2026-11-21T12:00", 13),
        ("2026-11-21T12:01", 14),
        # 02:30, the first and the second time: two o'clock is over when it is heard at 02:25.
        ("2026-10-25T00:30", 3),
        ("2026-10-25T01:30", 3),
        ("2026-10-25T00:00", 2),
        ("2026-10-25T01:00", 3),
        # 01:30 on the night that has no two o'clock.
        ("2027-03-28T00:30", 3),
    ],
)
def test_the_full_hour_is_told_as_the_clock_in_budapest_shows_it(moment: str, hour: int) -> None:
    assert full_hour_from(utc(moment)).hour == hour


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (TIME, "2026-11-21T18:30", "2026-11-21"),
        (TIME_OR_DAY, "2026-11-21", "2026-10-25T02:30"),
        (DAY, "2026-11-21", "2026-11-21T18:30"),
    ],
)
def test_an_option_of_a_command_refuses_in_a_sentence(
    kind: click.ParamType[date], good: str, bad: str
) -> None:
    @click.command()
    @click.option("--at", type=kind)
    def command(at: date) -> None:
        click.echo(at.isoformat())

    assert CliRunner().invoke(command, ["--at", good]).exit_code == 0
    refused = CliRunner().invoke(command, ["--at", bad])
    assert refused.exit_code == 2
    assert f'"{bad}" is ' in refused.output
