"""``zoldszam campaign create``: a draft with its recipients."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any

import click

from backend.db.transactions import read
from backend.desks import load_desks
from cli.support.common import by_option, counted, progress
from cli.support.database import database_option, ready
from cli.support.local_time import DAY
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import LATELY, Created, Draft, create, draft_from
from messages.campaigns.recipients.source import DebtRegister, RecipientsFile
from messages.content.gsm_encoding import Cost
from settings import Settings


@click.command("create")
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


def created_lines(created: Created, draft: Draft) -> Iterator[str]:
    """Where each row of the source has gone, the text and what it costs."""
    campaign, selection = created.campaign, created.selection
    saving = draft.saving()
    yield f"{selection.name}: {counted(selection.rows, 'row')}"
    yield f"  recipients            {selection.recipients:>9}"
    for reason, number in selection.excluded.items():
        yield f"  excluded: {reason:<12}{number:>9}"
    yield f"Text ({draft.spelling}): {campaign.message}"
    yield f"  accented {_priced(saving.accented)}; soft {_priced(saving.soft)}."


def _priced(cost: Cost) -> str:
    return f"{cost.encoding}, {counted(cost.segments, 'segment')} a message"
