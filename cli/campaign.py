"""``zoldszam campaign``: reminders to many people, from the draft to the last receipt."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any

import click
from sqlalchemy import Connection, select

from backend.database import write
from backend.desks import load_calendar, load_desks
from backend.errors import RecordsError
from backend.message_tables import exclusions, users
from backend.rules.timezone import BUDAPEST, in_budapest
from backend.schema import require_newest
from cli.common import (
    by_option,
    clock,
    counted,
    database_option,
    opened,
    progress,
    reading,
    sentences,
    writing,
)
from settings import Settings
from sms import lifecycle
from sms.campaigns import Campaign, Counts, count, find_campaign, list_campaigns
from sms.desk import desk_facts
from sms.drafting import Created, Draft, create, rehearse
from sms.encoding import Cost
from sms.library import find_template
from sms.lifecycle import Step
from sms.recipients.source import DebtRegister, RecipientsFile


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
    type=click.DateTime(["%Y-%m-%d"]),
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
    overdue_before: datetime | None,
    form: Any,
    by: str,
    database: str,
) -> None:
    """Store a draft with its recipients. The campaign's id stands alone on the last line.

    Every row of the file ends in the outbox or among the exclusions with its reason. Nothing is
    sent before somebody else has approved it and it was started.
    """
    source = _source(file, debt_register, overdue_before)
    settings = Settings.from_environment()
    with sentences(), opened(database) as engine:
        require_newest(engine)
        desks = load_desks(settings.desks)
        with write(engine) as connection:
            stored = find_template(connection, template, now=datetime.now(UTC))
        draft = Draft(name, stored, desk_facts(desks, stored.kind), form)
        step = Step(by, datetime.now(UTC))
        with progress() as report:
            created = create(
                engine, draft, source, settings.sending_policy, step, SystemRandom(), report
            )
        _tell_created(created, draft)


def _source(
    file: Path | None, debt_register: bool, overdue_before: datetime | None
) -> RecipientsFile | DebtRegister:
    if (file is None) is not debt_register:
        raise click.UsageError("Give either --recipients FILE or --debt-register.")
    if file is not None:
        if overdue_before is not None:
            raise click.UsageError("--overdue-before goes with --debt-register only.")
        return RecipientsFile(file)
    before: date | None = overdue_before.date() if overdue_before else None
    return DebtRegister(before)


def _tell_created(created: Created, draft: Draft) -> None:
    campaign, selection = created.campaign, created.selection
    saving = draft.saving()
    click.echo(f"{selection.name}: {counted(selection.rows, 'row')}")
    click.echo(f"  recipients                {selection.recipients:>6}")
    for reason, number in selection.excluded.items():
        click.echo(f"  excluded: {reason:<16}{number:>6}")
    click.echo(f"Text ({draft.form}): {campaign.message}")
    click.echo(f"  accented {_priced(saving.accented)}; soft {_priced(saving.soft)}.")
    if created.reminded_lately:
        click.echo(
            f"Warning: {created.reminded_lately} of the recipients got exactly this text within "
            "the last 30 days.",
            err=True,
        )
    click.echo(f"A colleague approves it: zoldszam campaign approve {campaign.campaign_id} --by …")
    click.echo(campaign.campaign_id)


def _priced(cost: Cost) -> str:
    return f"{cost.encoding}, {counted(cost.segments, 'segment')} a message"


@campaign_group.command("approve")
@click.argument("campaign_id", metavar="ID")
@by_option
@database_option
def approve_command(campaign_id: str, by: str, database: str) -> None:
    """Approve a draft that somebody else has written."""
    _step(database, by, lambda connection, step: lifecycle.approve(connection, campaign_id, step))


@campaign_group.command("start")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--at",
    "not_before",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    metavar="TIME",
    help="Begin then (Budapest), such as 2026-11-23T09:00.",
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
    settings = Settings.from_environment()
    with sentences():
        calendar = load_calendar(settings.calendar)
    begins = not_before.replace(tzinfo=BUDAPEST) if not_before else None

    def start(connection: Connection, step: Step) -> Campaign:
        return lifecycle.start(
            connection,
            campaign_id,
            step,
            settings.sending_policy,
            calendar,
            not_before=begins,
            when_permitted=when_permitted,
        )

    _step(database, by, start)


@campaign_group.command("pause")
@click.argument("campaign_id", metavar="ID")
@by_option
@database_option
def pause_command(campaign_id: str, by: str, database: str) -> None:
    """Hold back what is not on its way yet, within one batch (about two seconds)."""
    _step(database, by, lambda connection, step: lifecycle.pause(connection, campaign_id, step))


@campaign_group.command("resume")
@click.argument("campaign_id", metavar="ID")
@by_option
@database_option
def resume_command(campaign_id: str, by: str, database: str) -> None:
    """Go on with a paused campaign."""
    _step(database, by, lambda connection, step: lifecycle.resume(connection, campaign_id, step))


@campaign_group.command("cancel")
@click.argument("campaign_id", metavar="ID")
@by_option
@database_option
def cancel_command(campaign_id: str, by: str, database: str) -> None:
    """End a campaign for good. What was sent stays sent; the rest never goes."""
    _step(database, by, lambda connection, step: lifecycle.cancel(connection, campaign_id, step))


@campaign_group.command("rehearse")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--to", "names", multiple=True, metavar="USER", help="Whose phone; yours if left out."
)
@by_option
@database_option
def rehearse_command(campaign_id: str, names: tuple[str, ...], by: str, database: str) -> None:
    """Send the text to phones of staff, on the path that the customers' messages take."""

    def start(connection: Connection, step: Step) -> Campaign:
        phones = _phones_of(connection, names or (by,))
        return rehearse(connection, campaign_id, phones, step, SystemRandom())

    _step(database, by, start)


def _phones_of(connection: Connection, names: tuple[str, ...]) -> list[str]:
    found = dict(
        connection.execute(select(users.c.name, users.c.phone).where(users.c.name.in_(names))).all()
    )
    for name in names:
        if found.get(name) is None:
            raise RecordsError(
                f"{name} has no phone that we know. Give one: zoldszam user phone {name} NUMBER"
            )
    return [found[name] for name in names]


@campaign_group.command("status")
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
        click.echo(json.dumps(_as_json(campaign, counts), ensure_ascii=False))
        return
    for line in _told(campaign, counts):
        click.echo(line)
    with sentences():
        waits = _waits_until(campaign, settings)
    if waits:
        click.echo(waits)


@campaign_group.command("list")
@database_option
def list_command(database: str) -> None:
    """List the campaigns, the newest first."""
    with reading(database) as connection:
        found = list_campaigns(connection)
    click.echo(f"{'id':<10}{'state':<11}{'recipients':>10}  {'created':<18}{'by':<14}name")
    for each in found:
        click.echo(
            f"{each.campaign_id:<10}{each.state:<11}{each.recipients:>10}  "
            f"{clock(each.created_at):<18}{each.created_by:<14}{each.name}"
        )


@campaign_group.command("exclusions")
@click.argument("campaign_id", metavar="ID")
@database_option
def exclusions_command(campaign_id: str, database: str) -> None:
    """Print the rows that get no message as CSV: line, case_id, reason."""
    with reading(database) as connection:
        find_campaign(connection, campaign_id)
        rows = (
            select(exclusions.c.line, exclusions.c.case_id, exclusions.c.reason)
            .where(exclusions.c.campaign_id == campaign_id)
            .order_by(exclusions.c.line)
        )
        click.echo("line;case_id;reason")
        for line, case_id, reason in connection.execution_options(yield_per=1000).execute(rows):
            click.echo(f"{line};{case_id};{reason}")


def _step(database: str, by: str, take: Callable[[Connection, Step], Campaign]) -> None:
    with writing(database) as connection:
        campaign = take(connection, Step(by, datetime.now(UTC)))
    click.echo(_state(campaign))


def _state(campaign: Campaign) -> str:
    begins = ""
    if campaign.state == "scheduled" and campaign.starts_at is not None:
        begins = f" and begins on {clock(campaign.starts_at)}"
    reason = f": {campaign.pause_reason}" if campaign.state == "paused" else ""
    return f"Campaign {campaign.campaign_id} ({campaign.name}) is {campaign.state}{begins}{reason}."


def _told(campaign: Campaign, counts: Counts) -> list[str]:
    lines = [
        _state(campaign),
        f"  template   {campaign.template} version {campaign.template_version}",
    ]
    lines.append(f"  text       {campaign.message}")
    lines.append(f"  written    {clock(campaign.created_at)} by {campaign.created_by}")
    if campaign.approved_at is not None:
        lines.append(f"  approved   {clock(campaign.approved_at)} by {campaign.approved_by}")
    excluded = sum(counts.excluded.values())
    lines.append(f"  rows       {campaign.source_rows} in {campaign.source}")
    lines.append(f"  excluded   {excluded}{_listed(counts.excluded)}")
    lines.append(f"  recipients {campaign.recipients}, of them")
    details = {"suppressed": counts.suppressed, "failed": counts.failed}
    lines += [
        f"    {state:<11}{number:>9}{_listed(details.get(state, {}))}"
        for state, number in counts.states.items()
    ]
    return lines


def _listed(reasons: Any) -> str:
    return f"  ({', '.join(f'{name} {number}' for name, number in reasons.items())})" * bool(
        reasons
    )


def _waits_until(campaign: Campaign, settings: Settings) -> str | None:
    if campaign.state != "running" or campaign.rehearsal_of is not None:
        return None
    now = datetime.now(UTC)
    calendar = load_calendar(settings.calendar)
    permitted = settings.sending_policy.contact_hours.next_permitted(now, calendar)
    if permitted is None or permitted <= now:
        return None
    return f"It is held back now and goes on at {in_budapest(permitted):%Y-%m-%d %H:%M}."


def _as_json(campaign: Campaign, counts: Counts) -> dict[str, Any]:
    moments = {
        name: None if moment is None else moment.isoformat()
        for name, moment in {
            "created_at": campaign.created_at,
            "approved_at": campaign.approved_at,
            "starts_at": campaign.starts_at,
            "started_at": campaign.started_at,
            "ended_at": campaign.ended_at,
        }.items()
    }
    return {
        "id": campaign.campaign_id,
        "name": campaign.name,
        "state": campaign.state,
        "pause_reason": campaign.pause_reason,
        "rehearsal_of": campaign.rehearsal_of,
        "template": campaign.template,
        "template_version": campaign.template_version,
        "message": campaign.message,
        "segments": campaign.segments,
        "created_by": campaign.created_by,
        "approved_by": campaign.approved_by,
        **moments,
        "rows": campaign.source_rows,
        "recipients": campaign.recipients,
        **counts.states,
        "excluded": dict(counts.excluded),
        "suppressed_for": dict(counts.suppressed),
        "failed_with": dict(counts.failed),
    }
