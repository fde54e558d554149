"""A group whose commands are imported when they are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from cli.support.arguments import guard
from common.collecting import nothing_collected

_LONGEST_SENTENCE = 1000


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command is, and its line in the list of commands."""

    module: str
    name: str
    summary: str


class LazyGroup(click.Group):
    """Imports a command only when it is called: help must not wait for a web server's imports."""

    def __init__(self, *arguments: Any, lazy: Mapping[str, Lazy], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.lazy = lazy

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # Click would look for what was meant among the commands that are loaded.
            raise click.NoSuchCommand(
                error.command_name, possibilities=self.lazy, ctx=ctx
            ) from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.lazy)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        lazy = self.lazy[cmd_name]
        with nothing_collected():
            command: click.Command = getattr(import_module(lazy.module), lazy.name)
        return guard(_summarised(command))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in self.lazy.items()])


def _summarised(command: click.Command) -> click.Command:
    """The command, whose list of commands has their first sentences whole."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            below.short_help = below.get_short_help_str(_LONGEST_SENTENCE)
            _summarised(below)
    return command
