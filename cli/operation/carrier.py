"""``zoldszam carrier``: what the carrier has on record of our numbers, and setting it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cli.support.common import telephone
from ivr.lines.entries import configured_lines
from messages.delivery.gateway import CarrierRefusesError, CarrierUnavailableError
from settings import Settings
from settings_environment import required
from sms.setup.account_api import AccountApi
from sms.setup.addresses import NumberSetup, changes_to_connect
from sms.setup.checks import Wanted, check_setup
from sms.setup.findings import Finding, Verdict
from sms.setup.own_address import check_own_address

_MARKS = {Verdict.RIGHT: "ok", Verdict.DOUBTFUL: "note", Verdict.WRONG: "WRONG"}


@click.group("carrier")
def carrier_group() -> None:
    """See how the account at the carrier is set up, and lead its numbers here."""


@carrier_group.command("check")
@click.option("--json", "as_json", is_flag=True, help="For other programs.")
@click.option(
    "--own-address/--no-own-address",
    default=True,
    show_default=True,
    help="Ask PUBLIC_URL as the carrier would, signed and unsigned, too.",
)
@click.pass_context
def check_command(context: click.Context, as_json: bool, own_address: bool) -> None:
    """Ask the carrier what it has on record, and say what to change. Changes nothing.

    Looked at are the account and its token, the clock, each number of the lines with its
    addresses, the sender with where replies go, and whether PUBLIC_URL leads to this service.
    Exit code 1 where something is wrong.
    """
    settings = Settings.from_environment()
    api, public_url, token = _account(settings)
    wanted = Wanted(public_url, _numbers(settings), settings.sms_sender)
    found: list[Finding] = []
    for finding in check_setup(api, wanted):
        found.append(finding)
        if not as_json:
            _tell(finding)
    if own_address:
        for finding in check_own_address(public_url, token):
            found.append(finding)
            if not as_json:
                _tell(finding)
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], ensure_ascii=False, indent=2))
    bad = sum(each.verdict is Verdict.WRONG for each in found)
    if not as_json:
        click.echo(f"{bad} of {len(found)} to be mended." if bad else "All is set up.")
    if bad:
        context.exit(1)


@carrier_group.command("connect")
@click.option("--number", required=True, callback=telephone, help="The number, one of the account.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def connect_command(number: str, dry_run: bool, yes: bool) -> None:
    """Lead a number's calls and messages to PUBLIC_URL, after showing what changes.

    A fallback address that leads elsewhere is left: a copy hosted elsewhere is better. Safe to
    repeat.
    """
    settings = Settings.from_environment()
    with _carrier_errors():
        api, public_url, _ = _account(settings)
        setup = _found(api, number)
        changes = changes_to_connect(setup, public_url)
        if not changes:
            click.echo(f"{number} leads to {public_url} already.")
            return
        for field, value in changes.items():
            click.echo(f"{field}: {setup.fields[field] or 'not set'} -> {value or 'not set'}")
        if dry_run:
            click.echo("Nothing was changed.")
            return
        if not yes:
            click.confirm(f"Change {number}?", abort=True)
        left = changes_to_connect(api.connect(setup.sid, changes), public_url)
    if left:
        raise click.ClickException(
            f"The carrier did not take {', '.join(left)}. Set them in its own console."
        )
    click.echo(f"{number} leads to {public_url}.")


def _found(api: AccountApi, number: str) -> NumberSetup:
    setup = api.number(number)
    if setup is None:
        raise click.ClickException(
            f"{number} is no number of this account. See TWILIO_ACCOUNT_SID."
        )
    if setup.trunk_sid:
        raise click.ClickException(
            f"The calls of {number} go to the SIP trunk {setup.trunk_sid}. Take it off at the "
            "carrier first: addresses do not count until then."
        )
    return setup


@contextmanager
def _carrier_errors() -> Iterator[None]:
    try:
        yield
    except (CarrierRefusesError, CarrierUnavailableError) as error:
        raise click.ClickException(str(error)) from None


def _account(settings: Settings) -> tuple[AccountApi, str, str]:
    """The account's API, the public address and the token. Raises ``SettingsError``."""
    needed = {
        "TWILIO_ACCOUNT_SID": settings.account_sid,
        "TWILIO_AUTH_TOKEN": settings.auth_token,
        "PUBLIC_URL": settings.public_url,
    }
    account_sid, token, public_url = required(
        needed, "The carrier cannot be asked", "Set them as for the service."
    )
    return AccountApi(account_sid, token, settings.api_url), public_url, token


def _numbers(settings: Settings) -> frozenset[str]:
    entries = configured_lines(settings.lines, settings.menu_tree)
    return frozenset(number for entry in entries for number in entry.numbers)


def _tell(finding: Finding) -> None:
    click.echo(f"{_MARKS[finding.verdict]:<6}{finding.subject}: {finding.told}")
    if finding.hint:
        click.echo(f"{'':<6}{finding.hint}")
