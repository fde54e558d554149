"""``zoldszam campaign approve|start|pause|resume|cancel|rehearse``: the steps of a campaign."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import SystemRandom

import click
from sqlalchemy import Connection

from backend.desks import load_calendar
from backend.staff.users import phones_of
from cli.campaign.report import state_sentence
from cli.support.common import by_option
from cli.support.database import database_option, writing
from cli.support.local_time import TIME
from messages.campaigns import lifecycle
from messages.campaigns.campaign import Campaign
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.rehearsals import rehearse


def _one_step(
    name: str, take: Callable[[Connection, str, Actor], Campaign], explained: str
) -> click.Command:
    @click.command(name, help=explained)
    @click.argument("campaign_id", metavar="ID")
    @by_option
    @database_option
    def command(campaign_id: str, by: str, database: str) -> None:
        _step(database, by, lambda connection, actor: take(connection, campaign_id, actor))

    return command


approve_command = _one_step(
    "approve", lifecycle.approve, "Approve a draft that somebody else has written."
)
pause_command = _one_step(
    "pause",
    lifecycle.pause,
    "Hold back what is not on its way yet, within one batch (about two seconds).",
)
resume_command = _one_step("resume", lifecycle.resume, "Go on with a paused campaign.")
cancel_command = _one_step(
    "cancel",
    lifecycle.cancel,
    "End a campaign for good. What was sent stays sent; the rest never goes.",
)


@click.command("start")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--at",
    "not_before",
    type=TIME,
    metavar="TIME",
    help="Begin then (Budapest), such as 2026-11-23T09:00. Of a scheduled one: begin then instead.",
)
@click.option(
    "--when-permitted", is_flag=True, help="If the hour is forbidden, begin at the next permitted."
)
@by_option
@database_option
def start_command(
    campaign_id: str, not_before: datetime | None, when_permitted: bool, by: str, database: str
) -> None:
    """Let an approved campaign go out; starting twice is harmless.

    A worker must run: zoldszam worker. A start in a forbidden hour is refused unless you say
    --when-permitted.
    """
    # The other steps need no settings.
    from settings import Settings

    settings = Settings.from_environment()
    calendar = load_calendar(settings.calendar)

    def start(connection: Connection, actor: Actor) -> Campaign:
        return lifecycle.start(
            connection,
            campaign_id,
            actor,
            settings.sending_policy,
            calendar,
            not_before=not_before,
            when_permitted=when_permitted,
        )

    _step(database, by, start)


@click.command("rehearse")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--to", "names", multiple=True, metavar="USER", help="Whose phone; yours if left out."
)
@by_option
@database_option
def rehearse_command(campaign_id: str, names: tuple[str, ...], by: str, database: str) -> None:
    """Send the text to phones of staff, on the path that the customers' messages take."""

    def start(connection: Connection, actor: Actor) -> Campaign:
        phones = phones_of(connection, names or (by,))
        return rehearse(connection, campaign_id, phones, actor, SystemRandom())

    _step(database, by, start)


def _step(database: str, by: str, take: Callable[[Connection, Actor], Campaign]) -> None:
    with writing(database) as connection:
        campaign = take(connection, Actor(by, datetime.now(UTC)))
    click.echo(state_sentence(campaign))
