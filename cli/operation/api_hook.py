"""``zoldszam api-hook``: which systems are told of events."""

from datetime import UTC, datetime
from random import SystemRandom

import click

from backend.hooks.subscriptions import (
    Subscription,
    add_subscription,
    disable_subscription,
    list_subscriptions,
)
from cli.support.common import by_option, clock, counted
from cli.support.database import database_option, reading, writing

_url = click.argument("url", metavar="URL")


@click.group("api-hook")
def hook_group() -> None:
    """Tell other systems of events: a request was recorded, a campaign has ended.

    Only an administrator may. A worker sends the messages: zoldszam worker.
    """


@hook_group.command("add")
@_url
@by_option
@database_option
def add_command(url: str, by: str, database: str) -> None:
    """Tell URL of events, and print the secret that signs them alone on the last line."""
    with writing(database) as connection:
        secret = add_subscription(connection, url, by, datetime.now(UTC), SystemRandom())
    click.echo("Events are sent there from now on. The secret, which is not shown again:")
    click.echo(secret)


@hook_group.command("list")
@database_option
def list_command(database: str) -> None:
    """List who is told, how many messages wait, and whether deliveries fail."""
    with reading(database) as connection:
        found = list_subscriptions(connection)
    if not found:
        click.echo("Nobody is told. Add one: zoldszam api-hook add URL --by ADMIN")
    for each in found:
        click.echo(f"{each.webhook_id}  {each.url}")
        click.echo(f"  added {clock(each.created_at)} by {each.created_by}; {_state(each)}")


@hook_group.command("disable")
@_url
@by_option
@database_option
def disable_command(url: str, by: str, database: str) -> None:
    """Tell URL of nothing any more, not even of what waits."""
    with writing(database) as connection:
        disable_subscription(connection, url, by, datetime.now(UTC))
    click.echo("Nothing is sent there any more.")


def _state(each: Subscription) -> str:
    if each.disabled_at is not None:
        return f"disabled {clock(each.disabled_at)}"
    waiting = f"{counted(each.waiting, 'message')} to be delivered"
    if not each.failures:
        return waiting
    return f"{waiting}, {counted(each.failures, 'failed attempt')} in a row"
