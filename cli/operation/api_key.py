"""``zoldszam api-key``: the keys of other systems, and what each may do."""

from datetime import UTC, datetime
from random import SystemRandom

import click

from backend.interface.codes import Scope
from backend.staff.api_access.api_keys import ApiKey, add_key, disable_key, list_keys
from cli.support.common import by_option, clock, table
from cli.support.database import database_option, reading, writing
from cli.support.local_time import TIME


@click.group("api-key")
def key_group() -> None:
    """Manage the keys of other systems. Only an administrator may."""


@key_group.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(tuple(map(str, Scope))),
    help="What the key may do; once for each.",
)
@click.option("--expires", type=TIME, metavar="TIME", help="Until when it is good (Budapest).")
@by_option
@database_option
def add_command(
    name: str, scopes: tuple[str, ...], expires: datetime | None, by: str, database: str
) -> None:
    """Add a key, and print it alone on the last line; it is kept nowhere."""
    with writing(database) as connection:
        key = add_key(
            connection,
            name,
            set(map(Scope, scopes)),
            by,
            datetime.now(UTC),
            SystemRandom(),
            expires_at=expires,
        )
    click.echo(f"{name} may {', '.join(sorted(set(scopes)))}. The key, which is not shown again:")
    click.echo(key)


@key_group.command("list")
@database_option
def list_command(database: str) -> None:
    """List the keys with their scopes, and on which day each was last used."""
    with reading(database) as connection:
        found = list_keys(connection)
    if not found:
        click.echo("There are no keys. Add one: zoldszam api-key add NAME --scope SCOPE --by ADMIN")
        return
    rows = [
        (key.name, clock(key.created_at), _last_use(key), _state(key), " ".join(sorted(key.scopes)))
        for key in found
    ]
    click.echo(table(("name", "added", "last used", "state", "scopes"), rows))


@key_group.command("disable")
@click.argument("name")
@by_option
@database_option
def disable_command(name: str, by: str, database: str) -> None:
    """Let a key open nothing any more, for good. Its name stays on record."""
    with writing(database) as connection:
        disable_key(connection, name, by, datetime.now(UTC))
    click.echo(f"The key {name} opens nothing any more.")


def _last_use(key: ApiKey) -> str:
    return "never" if key.last_used_on is None else key.last_used_on.isoformat()


def _state(key: ApiKey) -> str:
    if key.disabled_at is not None:
        return f"disabled {clock(key.disabled_at)}"
    if key.expires_at is None:
        return "good"
    word = "good until" if key.is_good(datetime.now(UTC)) else "expired"
    return f"{word} {clock(key.expires_at)}"
