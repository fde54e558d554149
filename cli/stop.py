"""``zoldszam stop``: the suppression list."""

from datetime import UTC, datetime

import click

from backend.interface.codes import StopOrigin, StopReason
from backend.records.suppression.stops import stops_of
from backend.records.suppression.suppression_list import lift_suppression, suppress_number
from backend.records.work_list.tasks import VERIFIED_BY
from cli.support.common import by_option, clock, telephone, telephone_in_plan
from cli.support.database import database_option, reading, writing
from common.phone_numbers import NotAPhoneNumberError, masked_phone, require_in_plan

_number = click.argument("number", callback=telephone_in_plan)
_any_number = click.argument("number", callback=telephone)
"""A stop that was once taken for such a number can be seen and taken back."""


@click.group("stop")
def stop_group() -> None:
    """Keep messages away from a number, whatever is imported later.

    NUMBER may be written in any usual Hungarian way.
    """


@stop_group.command("add")
@_number
@click.option(
    "--reason", required=True, type=click.Choice(tuple(map(str, VERIFIED_BY))), help="Why."
)
@click.option(
    "--origin",
    type=click.Choice(("call", "staff")),
    default="staff",
    show_default=True,
    help="Whether the person called, or a colleague noticed.",
)
@by_option
@database_option
def add_command(number: str, reason: str, origin: str, by: str, database: str) -> None:
    """Stop a number at once for all campaigns, and open a task to check the records."""
    with writing(database) as connection:
        new = suppress_number(
            connection, number, StopReason(reason), StopOrigin(origin), by, datetime.now(UTC)
        )
    click.echo(f"{masked_phone(number)} is stopped{'' if new else ' already'}: {reason}.")


@stop_group.command("remove")
@_any_number
@click.option(
    "--reason", required=True, type=click.Choice(tuple(map(str, StopReason))), help="Which."
)
@by_option
@database_option
def remove_command(number: str, reason: str, by: str, database: str) -> None:
    """Take a stop back. Messages that it suppressed are not sent after all."""
    with writing(database) as connection:
        lifted = lift_suppression(connection, number, StopReason(reason), by, datetime.now(UTC))
    told = "is not stopped any more" if lifted else "was not stopped"
    click.echo(f"{masked_phone(number)} {told}: {reason}.")


@stop_group.command("check")
@_any_number
@database_option
def check_command(number: str, database: str) -> None:
    """Tell whether a number is stopped, and why."""
    with reading(database) as connection:
        found = stops_of(connection, number)
    if not found:
        try:
            require_in_plan(number)
        except NotAPhoneNumberError as error:
            raise click.ClickException(f"{masked_phone(number)} {error}") from error
        click.echo(f"{masked_phone(number)} is not stopped.")
    for stop in found:
        since = clock(stop.since)
        click.echo(f"{masked_phone(number)} is stopped: {stop.reason}, {since}, by {stop.origin}.")
