"""``zoldszam campaign``: reminders to many people, from the draft to the last receipt."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any

import click
from sqlalchemy import Connection

from backend.db.transactions import read
from backend.desks import load_calendar, load_desks
from backend.staff.users import phones_of
from cli.campaign_report import (
    created_lines,
    held_back_sentence,
    state_sentence,
    status_lines,
    status_object,
)
from cli.support.common import by_option, clock, progress
from cli.support.database import database_option, reading, ready, writing
from cli.support.local_time import DAY, TIME
from common.csv_files.writing import write_csv
from common.private_files import private
from messages.campaigns import lifecycle
from messages.campaigns.campaign import Campaign, find_campaign, list_campaigns
from messages.campaigns.counting import count
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import LATELY, create, draft_from
from messages.campaigns.planning.recipient_lists import each_exclusion
from messages.campaigns.planning.rehearsals import rehearse
from messages.campaigns.recipients.source import DebtRegister, RecipientsFile


@click.group("campaign")
def campaign_group() -> None:
    """Send reminders: draft, approve, start, watch.

    \b
    zoldszam campaign create --name N --template debt_contact_1 --recipients FILE --by anna
    zoldszam campaign rehearse ID --by anna        to colleagues' phones, when wanted
    zoldszam campaign approve ID --by bela         somebody else's yes
    zoldszam campaign start ID --by anna
    zoldszam worker                                the process that sends
    zoldszam campaign status ID

    A message holds nothing personal and no word of the debt. Nobody gets one twice.
    """


@campaign_group.command("create")
@click.option("--name", required=True, help="What staff call it.")
@click.option("--template", required=True, help="A template's name; see: zoldszam template list")
@click.option(
    "--recipients",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV with the columns case_id, or case_id and phone.",
)
@click.option("--debt-register", is_flag=True, help="Instead of a file: every open case.")
@click.option(
    "--overdue-before",
    type=DAY,
    metavar="DATE",
    help="With --debt-register: only what is overdue since before this day.",
)
@click.option(
    "--form",
    type=click.Choice(["soft", "accented"]),
    default="soft",
    show_default=True,
    help="soft writes á í ó ú ő ű without what SMS lacks, and mostly saves two thirds.",
)
@by_option
@database_option
def create_command(
    name: str,
    template: str,
    file: Path | None,
    debt_register: bool,
    overdue_before: date | None,
    form: Any,
    by: str,
    database: str,
) -> None:
    """Store a draft with its recipients. The campaign's id stands alone on the last line.

    Every row of the file ends in the outbox or among the exclusions with its reason. Nothing is
    sent before somebody else has approved it and it was started.
    """
    source = _source(file, debt_register, overdue_before)
    from settings import Settings

    settings = Settings.from_environment()
    with ready(database) as engine:
        desks = load_desks(settings.desks)
        with read(engine) as connection:
            draft = draft_from(connection, desks, name, template, form)
        actor = Actor(by, datetime.now(UTC))
        with progress() as report:
            created = create(
                engine, draft, source, settings.sending_policy, actor, SystemRandom(), report
            )
    for line in created_lines(created, draft):
        click.echo(line)
    if created.reminded_lately:
        click.echo(
            f"Warning: {created.reminded_lately} of the recipients got exactly this text within "
            f"the last {LATELY.days} days.",
            err=True,
        )
    campaign_id = created.campaign.campaign_id
    click.echo(f"A colleague approves it: zoldszam campaign approve {campaign_id} --by NAME")
    click.echo(campaign_id)


def _source(
    file: Path | None, debt_register: bool, overdue_before: date | None
) -> RecipientsFile | DebtRegister:
    if (file is None) is not debt_register:
        raise click.UsageError("Give either --recipients FILE or --debt-register.")
    if file is not None:
        if overdue_before is not None:
            raise click.UsageError("--overdue-before goes with --debt-register only.")
        return RecipientsFile(file)
    return DebtRegister(overdue_before)


def _add_step(
    name: str, take: Callable[[Connection, str, Actor], Campaign], explained: str
) -> None:
    @campaign_group.command(name, help=explained)
    @click.argument("campaign_id", metavar="ID")
    @by_option
    @database_option
    def command(campaign_id: str, by: str, database: str) -> None:
        _step(database, by, lambda connection, actor: take(connection, campaign_id, actor))


_add_step("approve", lifecycle.approve, "Approve a draft that somebody else has written.")
_add_step(
    "pause",
    lifecycle.pause,
    "Hold back what is not on its way yet, within one batch (about two seconds).",
)
_add_step("resume", lifecycle.resume, "Go on with a paused campaign.")
_add_step(
    "cancel",
    lifecycle.cancel,
    "End a campaign for good. What was sent stays sent; the rest never goes.",
)


@campaign_group.command("start")
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


@campaign_group.command("rehearse")
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


@campaign_group.command("status")
@click.argument("campaign_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@database_option
def status_command(campaign_id: str, as_json: bool, database: str) -> None:
    """Tell what has become of every recipient; the states add up to the recipients."""
    from settings import Settings

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


@campaign_group.command("list")
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


@campaign_group.command("exclusions")
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


def _step(database: str, by: str, take: Callable[[Connection, Actor], Campaign]) -> None:
    with writing(database) as connection:
        campaign = take(connection, Actor(by, datetime.now(UTC)))
    click.echo(state_sentence(campaign))
