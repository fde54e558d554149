"""``zoldszam campaign list|exclusions``: all campaigns, and the rows of one that get no message."""

import sys

import click

from cli.support.common import clock
from cli.support.database import database_option, reading
from common.csv_files.writing import write_csv
from common.private_files import private
from messages.campaigns.campaign import find_campaign, list_campaigns
from messages.campaigns.planning.recipient_lists import each_exclusion


@click.command("list")
@click.option(
    "--all", "with_single", is_flag=True, help="Also the single texts that callers asked for."
)
@database_option
def list_command(with_single: bool, database: str) -> None:
    """List the campaigns, the newest first."""
    with reading(database) as connection:
        found = list_campaigns(connection, all=with_single)
    click.echo(f"{'id':<10}{'state':<11}{'recipients':>10}  {'created':<18}{'by':<14}name")
    for each in found:
        click.echo(
            f"{each.campaign_id:<10}{each.state:<11}{each.recipients:>10}  "
            f"{clock(each.created_at):<18}{each.created_by:<14}{each.name}"
        )


@click.command("exclusions")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--csv",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write a file for a spreadsheet, a new one for its owner only; printed if left out.",
)
@database_option
def exclusions_command(campaign_id: str, file: str | None, database: str) -> None:
    """List the rows that get no message as CSV: line, case_id, reason."""
    with reading(database) as connection:
        find_campaign(connection, campaign_id)
        found = each_exclusion(connection.engine, campaign_id)
        rows = ((each.source_row, each.case_id, each.reason) for each in found)
        columns = ("line", "case_id", "reason")
        if file is None or file == "-":
            write_csv(sys.stdout, columns, rows)
            return
        with open(file, "w", encoding="utf-8-sig", opener=private) as table:
            write_csv(table, columns, rows)
