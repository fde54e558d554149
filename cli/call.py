"""``zoldszam call``: a telephone in the terminal, against a running service."""

import sys
from collections.abc import Callable
from time import sleep

import click

from cli.support.local_settings import LOCAL_SETTINGS, NO_ACCOUNT, local_settings
from settings import Settings
from simulator import Carrier, SimulatedCall
from simulator.dial import Outcome
from simulator.events import CallError, CallWarning, Dialled, Dialling, Ended, Event, Heard, Lost
from simulator.gather import KEYS

SILENCE = "-"
HANG_UP = "hangup"
HEARS_SECONDS = 1.2
"""How long a prompt of one key is really listened to: a key before that may not count as an answer
(``CONFIRM_AFTER``)."""
HOW_TO = "Type keys and Enter. Enter alone keeps silent; hangup or Ctrl-D ends the call."


def service_to_call(url: str | None) -> tuple[str, str, str]:
    """Address, token and account of the service to call.

    Without ``url`` it is the demonstration, whatever the environment says: a real service is
    called only by who names it.
    """
    if url is None:
        demo = local_settings()
        address, token = demo.get("PUBLIC_URL"), demo.get("TWILIO_AUTH_TOKEN")
        if not address or not token:
            raise click.ClickException(
                f'There is no demonstration to call: start it with "make run", which writes '
                f"{LOCAL_SETTINGS}, or name the service with --url."
            )
        return address, token, demo.get("TWILIO_ACCOUNT_SID", NO_ACCOUNT)
    settings = Settings.from_environment()
    if not settings.auth_token:
        raise click.ClickException(
            "No token to sign the call with. Set TWILIO_AUTH_TOKEN to the service's token."
        )
    return url.rstrip("/"), settings.auth_token, settings.account_sid or NO_ACCOUNT


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
@click.option("--url", help="The service's address, if not the demonstration.")
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

    The call goes to the demonstration that "make run" started in this folder. Any other service has
    to be named by --url; its token is taken from TWILIO_AUTH_TOKEN.

    Exit code 0 when the call ended in order, 1 when the service failed it.
    """
    groups = None if keys is None else key_groups(keys)
    address, token, account = service_to_call(url)
    carrier = Carrier(
        voice_url=f"{address}/voice/incoming",
        status_url=f"{address}/voice/status",
        auth_token=token,
        account_sid=account,
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
    """What failed and what to do, in one or two sentences."""
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
