"""What every argument of every command must be before the command sees it.

Texts are UTF-8 that can be shown, without what nobody sees in them, and numbers fit into a column.
So no command has to think of a number of twenty digits. Times are read by ``cli.local_time``.
"""

from typing import Any

import click

from common.characters import cleaned
from common.printable import printable

MOST = 2**31 - 1
"""What the narrowest column of numbers holds, on PostgreSQL."""


class Utf8(click.ParamType[str]):
    """A text as it was typed, if it is UTF-8."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is not UTF-8, which no record or message can hold."""
        text = str(value)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            self.fail(f'"{printable(text)}" is not UTF-8.', param, ctx)
        return text


class OneLine(Utf8):
    """A text on one line in NFC, without ignorable characters."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse control characters; blanks of every kind become plain ones."""
        text = cleaned(super().convert(value, param, ctx))
        if len(text.splitlines()) > 1:
            self.fail(f'"{printable(text)}" is not one line. Write it on one.', param, ctx)
        if not text.isprintable():
            message = (
                f'"{printable(text)}" has a character in it that cannot be shown. Take it out.'
            )
            self.fail(message, param, ctx)
        return text


class _Number(click.ParamType[int]):
    def __init__(self, usual: click.ParamType[int]) -> None:
        self.name = usual.name
        self._usual = usual

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = self._usual.convert(value, param, ctx)
        if abs(number) > MOST:
            self.fail(f"{value} is too large a number.", param, ctx)
        return number


def guard(command: click.Command) -> click.Command:
    """Have the command, and all below it, take only such arguments; gives it back."""
    for parameter in command.params:
        parameter.type = _guarded(parameter.type)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            guard(below)
    return command


def _guarded(usual: click.ParamType[Any]) -> click.ParamType[Any]:
    if usual is click.STRING:
        return OneLine()
    if usual is click.INT or isinstance(usual, click.IntRange):
        return usual if getattr(usual, "max", None) is not None else _Number(usual)
    return usual
