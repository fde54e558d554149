"""Times and days as options of a command: one way to read them, whatever they are for."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

from common.local_time import LocalTimeError, parse_day, parse_local_time


class _Written(click.ParamType[date]):
    def __init__(self, name: str, parse: Callable[[str], date]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> date:
        """Read it, or tell what to write instead."""
        if isinstance(value, date):
            return value
        try:
            return self._parse(value)
        except LocalTimeError as error:
            self.fail(str(error), param, ctx)


def _with_clock(written: str) -> datetime:
    if ":" not in written:
        raise LocalTimeError(f'"{written}" is not a time. Write it like 2026-11-21T18:30.')
    return parse_local_time(written)


TIME = _Written("time", _with_clock)
"""A moment in UTC, written with the time of day on Budapest's clock, or with a zone."""

TIME_OR_DAY = _Written("time", parse_local_time)
"""The same, or a day: its first moment."""

DAY = _Written("day", parse_day)
"""A calendar day as a ``date``."""
