"""``zoldszam campaign status``: what has become of everybody."""

import json
from datetime import UTC, datetime

import click

from backend.desks import load_calendar
from cli.campaign.report import held_back_sentence, status_lines, status_object
from cli.support.database import database_option, reading
from messages.campaigns.campaign import find_campaign
from messages.campaigns.counting import count
from settings import Settings


@click.command("status")
@click.argument("campaign_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@database_option
def status_command(campaign_id: str, as_json: bool, database: str) -> None:
    """Tell what has become of every recipient; the states add up to the recipients."""
    settings = Settings.from_environment()
    with reading(database) as connection:
        campaign = find_campaign(connection, campaign_id)
        counts = count(connection, campaign_id)
    if as_json:
        click.echo(json.dumps(status_object(campaign, counts), ensure_ascii=False))
        return
    calendar = load_calendar(settings.calendar)
    for line in status_lines(campaign, counts):
        click.echo(line)
    waits = held_back_sentence(campaign, settings.sending_policy, calendar, datetime.now(UTC))
    if waits:
        click.echo(waits)
