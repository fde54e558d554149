"""``zoldszam person``: one person's data, disclosed or erased."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from backend.records.person.person_erasure import KEPT_FOR, erase
from backend.records.person.person_export import disclose
from cli.support.common import by_option, telephone
from cli.support.database import database_option, ready, writing
from common.errors import ConfigurationError
from common.private_files import private


@click.group("person")
def person_group() -> None:
    """Disclose or erase what is known of one person."""


def _whose(command: Callable[..., Any]) -> Callable[..., Any]:
    customer = click.option("--customer", metavar="ID", help="The customer's id.")
    phone = click.option("--phone", metavar="NUMBER", callback=telephone, help="A number alone.")
    return customer(phone(command))


def _require_one(customer: str | None, phone: str | None) -> None:
    if (customer is None) == (phone is None):
        raise click.UsageError("Name either --customer or --phone.")


def _secret() -> bytes:
    """What callers are hashed under; without it their rows would be passed over in silence."""
    from settings import Settings

    settings = Settings.from_environment()
    if not (settings.secret_key or settings.auth_token):
        raise ConfigurationError(
            "Set SECRET_KEY as the service has it: calls are found by hashes that it keys."
        )
    return settings.caller_secret


@person_group.command("export")
@_whose
@click.option(
    "--out",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file, for its owner only.",
)
@by_option
@database_option
def export_command(
    customer: str | None, phone: str | None, file: Path, by: str, database: str
) -> None:
    """Write everything about a customer, or about a number alone, as JSON with Hungarian headings.

    USER has to be an administrator; the record of acts keeps who asked.
    """
    _require_one(customer, phone)
    secret = _secret()
    with writing(database) as connection:
        told = disclose(connection, customer, phone, secret, by, datetime.now(UTC))
        # Never over another file, and written before the act is on record.
        with open(file, "x", encoding="utf-8", opener=private) as out:
            json.dump(told, out, ensure_ascii=False, indent=2)
    rows = sum(len(section["rows"]) for section in told["sections"])
    click.echo(f"{rows} rows are in {file}.")
    for name, number in told["mentioned_in"].items():
        click.echo(f"{name}: {number} more mention the person; look at them before you answer.")


@person_group.command("erase")
@_whose
@click.option("--yes", is_flag=True, help="Erase. Without it, it is only told what would go.")
@by_option
@database_option
def erase_command(
    customer: str | None, phone: str | None, yes: bool, by: str, database: str
) -> None:
    """Erase a customer, or a number alone, and tell what is kept and why.

    USER has to be an administrator. Erase in the utility's own system first: the next import brings
    back whom it still has. Backups and files that were handed over are not changed.
    """
    _require_one(customer, phone)
    secret = _secret()
    with ready(database) as engine:
        done = erase(engine, customer, phone, secret, by, datetime.now(UTC), dry_run=not yes)
    click.echo("Erased:" if yes else "Nothing was changed. With --yes:")
    _tell("deleted", done.deleted)
    _tell("kept without the person", done.kept_without)
    _tell("kept", done.kept)
    if not done.log_is_empty:
        click.echo("SQLite's log is in use; the next call's end or `retention run` empties it.")


def _tell(what: str, counts: Mapping[str, int]) -> None:
    for name, number in counts.items():
        if number:
            why = f" ({KEPT_FOR[name]})" if name in KEPT_FOR else ""
            click.echo(f"  {name}: {number} {what}{why}")
