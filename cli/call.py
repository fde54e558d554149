"""``zoldszam call``: a telephone in the terminal, against a running service."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING

import click

from cli.support.local_settings import LOCAL_SETTINGS, NO_ACCOUNT, local_settings

if TYPE_CHECKING:
    from simulator.voice.dial import Outcome
    from simulator.voice.events import CallError


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
    from settings import Settings

    settings = Settings.from_environment()
    if not settings.auth_token:
        raise click.ClickException(
            "No token to sign the call with. Set TWILIO_AUTH_TOKEN to the service's token."
        )
    return url.rstrip("/"), settings.auth_token, settings.account_sid or NO_ACCOUNT


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
    # Its HTTP client is loaded for a call only: the help waits for none.
    from cli.support.terminal import Terminal, key_groups
    from simulator import Carrier

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
