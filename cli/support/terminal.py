"""A telephone in the terminal: events of a call are printed, keys are typed."""

import sys
from collections.abc import Callable

import click

from simulator import SimulatedCall
from simulator.voice.events import CallWarning, Dialled, Dialling, Ended, Event, Heard, Lost
from simulator.voice.gather import KEYS

SILENCE = "-"
HANG_UP = "hangup"
HEARS_SECONDS = 1.2
"""How long a prompt of one key is really listened to: a key before that may not count as an answer
(``CONFIRM_AFTER``)."""
HOW_TO = "Type keys and Enter. Enter alone keeps silent; hangup or Ctrl-D ends the call."


def key_groups(text: str) -> list[str]:
    """Blank-separated groups of keys; ``-`` is silence.

    Raises ``click.BadParameter`` naming the group that holds something else.
    """
    for group in text.split():
        if group != SILENCE and set(group) - set(KEYS):
            raise click.BadParameter(
                f"{group!r} is no group of keys; use {KEYS}, or {SILENCE} for silence",
                param_hint="--keys",
            )
    return text.split()


class Terminal:
    """A call whose events are printed as they come; ``listen`` waits for so many real seconds."""

    def __init__(self, call: SimulatedCall, listen: Callable[[float], None]) -> None:
        self.call = call
        self._listen = listen
        self._shown = 0
        self._show()

    def converse(self) -> None:
        """Read keys from standard input until the call is over; leaving hangs up."""
        if not self.call.ended:
            click.secho(HOW_TO, dim=True)
        try:
            while not self.call.ended:
                line = self._read_line()
                if line is None:
                    break
                try:
                    groups = key_groups(line) or [SILENCE]
                except click.BadParameter as problem:
                    click.echo(problem.message, err=True)
                    continue
                self._type(groups)
        finally:
            self._leave()

    def type_groups(self, groups: list[str]) -> None:
        """Type each group at its prompt, then hang up."""
        left = self._type(groups)
        if left:
            click.echo(f"The call ended before these keys: {' '.join(left)}", err=True)
        self._leave()

    def _type(self, groups: list[str]) -> list[str]:
        """Type groups until the call ends; gives those that were left over."""
        for position, group in enumerate(groups):
            if self.call.ended:
                return groups[position:]
            if group == SILENCE:
                click.secho("→ (silence)", fg="yellow")
                self.call.silence()
            else:
                click.secho(f"→ {group}", fg="yellow")
                if (self.call.gather or {}).get("numDigits") == "1":
                    self._listen(HEARS_SECONDS)
                self.call.type(group)
                if self.call.entering:
                    self.call.silence()
            self._show()
        return []

    def _read_line(self) -> str | None:
        click.secho("keys> ", fg="yellow", nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo()
        return None if not line or line.strip() == HANG_UP else line

    def _leave(self) -> None:
        self.call.hang_up()
        self._show()

    def _show(self) -> None:
        events = self.call.events[self._shown :]
        self._shown = len(self.call.events)
        for event in events:
            _print(event)


def _print(event: Event) -> None:
    match event:
        case Heard():
            click.echo(click.style("☎ ", fg="green") + event.text)
        case Dialling():
            click.secho(f"⇄ dialling {event.number}", fg="cyan")
        case Dialled():
            click.secho(f"⇄ {event.outcome} ({event.seconds:.0f} s)", fg="cyan")
        case Lost():
            click.echo(f"! nobody listened to the key {event.key}", err=True)
        case CallWarning():
            click.echo(f"! warning {event.code}: {event.text}", err=True)
        case Ended():
            click.secho(f"■ ended by the {event.by} after {event.at:.0f} s", dim=True)
        case _:
            pass
