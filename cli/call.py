"""``zoldszam call``: a telephone in the terminal, against a running service."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

import click

from simulator import Carrier, SimulatedCall
from simulator.dial import Outcome
from simulator.events import CallError, CallWarning, Dialled, Dialling, Ended, Event, Heard, Lost
from simulator.gather import KEYS

LOCAL_SETTINGS = Path("var/local.env")
"""Where ``make run`` leaves the address and the token of the service that it started."""
DEFAULT_URL = "http://127.0.0.1:8000"
SILENCE = "-"
HANG_UP = "hangup"
HEARS_SECONDS = 1.2
"""How long a prompt of one key is really listened to: a key before that may not count as an answer
(``CONFIRM_AFTER``)."""
HOW_TO = "Type keys and Enter. Enter alone keeps silent; hangup or Ctrl-D ends the call."


def setting(name: str, default: str = "") -> str:
    """A setting from the environment, else from ``var/local.env``, else the default."""
    if value := os.environ.get(name):
        return value
    lines = LOCAL_SETTINGS.read_text("utf-8").splitlines() if LOCAL_SETTINGS.is_file() else []
    found = [line.partition("=")[2].strip() for line in lines if line.startswith(f"{name}=")]
    return (found[-1] if found else "") or default


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


@click.command("call")
@click.option("--from", "from_", default="+36301234567", show_default=True, help="Caller's number.")
@click.option("--to", default="+3680202938", show_default=True, help="Number that is called.")
@click.option("--keys", help='Groups of keys, such as "5 1 20293811"; "-" is silence.')
@click.option("--url", help="The service's address, if not PUBLIC_URL.")
@click.option(
    "--dial-outcome",
    type=click.Choice(["answered", "busy", "no-answer"]),
    default="answered",
    show_default=True,
    help="What becomes of a transfer.",
)
def call_command(
    from_: str, to: str, keys: str | None, url: str | None, dial_outcome: Outcome
) -> None:
    """Call the service from the terminal.

    With --keys each group is typed at the next prompt that waits for keys. A group for an entry of
    free length that has no # is ended by the time-out. When the groups run out, the caller listens
    to the last prompt and hangs up.

    Without --keys the call is yours: what the line says is printed after ☎, and you type keys and
    Enter. Enter alone keeps silent until the line stops waiting; hangup or Ctrl-D hangs up.
    Time is virtual: nothing is waited for but a second of each prompt that takes one key, because
    the service takes no answer that comes before its question can be heard.

    The address and the token come from PUBLIC_URL and TWILIO_AUTH_TOKEN in the environment, or
    from var/local.env, which "make run" writes.

    Exit code 0 when the call ended in order, 1 when the service failed it.
    """
    groups = None if keys is None else key_groups(keys)
    address = (url or setting("PUBLIC_URL", DEFAULT_URL)).rstrip("/")
    token = setting("TWILIO_AUTH_TOKEN")
    if not token:
        raise click.ClickException(
            "No token to sign the call with. Set TWILIO_AUTH_TOKEN to the service's token, or "
            f'start the service with "make run", which writes it to {LOCAL_SETTINGS}.'
        )
    carrier = Carrier(
        voice_url=f"{address}/voice/incoming",
        status_url=f"{address}/voice/status",
        auth_token=token,
        account_sid=setting("TWILIO_ACCOUNT_SID", "AC" + "0" * 32),
        dial_outcome=lambda _: dial_outcome,
    )
    phone = Terminal(carrier.dial(from_=from_, to=to), sleep)
    if groups is None:
        phone.converse()
    else:
        phone.type_groups(groups)
    if phone.call.errors:
        raise click.ClickException(complaint(phone.call.errors[0], address))


def complaint(error: CallError, address: str) -> str:
    """What failed and how to mend it, in one or two sentences."""
    if error.status in (401, 403):
        return (
            f"The service refused the signature (HTTP {error.status}). TWILIO_AUTH_TOKEN has to be "
            f"the service's own token, and {address} the address it knows as its PUBLIC_URL; "
            f'"make run" writes both to {LOCAL_SETTINGS}.'
        )
    if error.code in (11100, 11205):
        return (
            f"The service at {address} cannot be reached. "
            'Start it with "make run", or give its address with --url.'
        )
    return f"The service failed the call at {error.url}: {error.text} (code {error.code})."


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
