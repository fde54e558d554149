"""What the commands share: telephone numbers, progress, moments and counts in words."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from common.phone_numbers import NotAPhoneNumberError, require_in_plan, to_e164
from common.timezone import in_budapest

if TYPE_CHECKING:
    from common.csv_files.reading import Progress

_LONG_FILE = 1_000_000
"""From this many bytes on an import takes long enough to be watched."""

by_option = click.option("--by", required=True, metavar="USER", help="Who does it.")


def telephone(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Any:
    """Callback for a number in any usual Hungarian spelling: gives it in E.164."""
    if text is None:
        return None
    try:
        return to_e164(text)
    except NotAPhoneNumberError as error:
        raise click.BadParameter(f'"{text}" {error}') from error


def telephone_in_plan(context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
    """Callback like ``telephone`` that refuses a Hungarian number with a digit missing."""
    number = telephone(context, parameter, text)
    try:
        return None if number is None else require_in_plan(number)
    except NotAPhoneNumberError as error:
        raise click.BadParameter(f'"{text}" {error}') from error


@contextmanager
def progress() -> "Iterator[Progress]":
    """A bar on a terminal while a long file is read; nothing elsewhere."""
    terminal = sys.stderr
    with ExitStack() as bars:
        shown: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            # Of a long file the steps that follow its reading are shown as well.
            if not terminal.isatty() or (total < _LONG_FILE and not shown):
                return
            if name not in shown:
                bars.close()
                bar = click.progressbar(length=total, label=name, file=terminal)
                shown[name] = bars.enter_context(bar)
            shown[name].update(done - shown[name].pos)

        yield report


def clock(moment: datetime) -> str:
    """A moment as a person in Budapest writes it, to the minute."""
    return f"{in_budapest(moment):%Y-%m-%d %H:%M}"


def counted(number: int, noun: str) -> str:
    """``1 segment``, ``2 segments``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines under a header, each column as wide as its longest value."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
