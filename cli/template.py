"""``zoldszam template``: whether a text may be sent, and the texts that campaigns are made from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import BinaryIO
from unicodedata import normalize

import click

from backend.desks import load_desks
from backend.interface.codes import MessageKind
from cli.support.common import by_option, clock, counted, telephone
from cli.support.database import database_option, reading, writing
from common.characters import named
from common.phone_numbers import printed_phone
from messages.campaigns.desk_contact import desk_facts, desk_lines
from messages.campaigns.template_library import (
    StoredTemplate,
    campaigns_using,
    kind_of,
    list_templates,
    look_up_template,
    preview,
)
from messages.campaigns.template_saving import save_template
from messages.content.checks import check_template
from messages.content.desk_facts import DeskFacts, DeskFactsError
from messages.content.gsm_encoding import Cost, Saving
from messages.content.report import explain

_KINDS = click.Choice([kind.value for kind in MessageKind])


@click.group("template")
def template_group() -> None:
    """Check the texts of messages, and keep them."""


@template_group.command("check")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--kind",
    type=_KINDS,
    default=MessageKind.DEBT.value,
    show_default=True,
    help="A reminder of a debt, or a service message.",
)
@click.option("--company", help="The sender's name, if not that of desks.yaml.")
@click.option(
    "--phone",
    "phones",
    multiple=True,
    metavar="E164",
    help="The desk's phone, if not that of desks.yaml; repeat for further lines.",
)
@click.option("--email", help="The desk's e-mail address, if not that of desks.yaml.")
@click.option("--hours", help="The desk's hours, such as 'H-P 8-20', if not those of desks.yaml.")
def check(
    file: BinaryIO,
    kind: str,
    company: str | None,
    phones: tuple[str, ...],
    email: str | None,
    hours: str | None,
) -> None:
    """Prove that a template may be sent. FILE may be - for standard input.

    A template may hold {company}, {desk_phone}, {desk_email} and {desk_hours}, or these facts
    spelled out. Each broken rule is named with its source, its place is marked under the text,
    and the hint is told.

    Exits with 0 when the template may be sent, with 1 when it breaks a rule.
    """
    text = _read(file)
    chosen = MessageKind(kind)
    usual, usual_lines = _desk(chosen)
    phone, *lines = phones or (usual.phone, *usual_lines)
    try:
        desk = DeskFacts(
            usual.company if company is None else company,
            phone,
            usual.email if email is None else email,
            usual.hours if hours is None else hours,
        )
        findings = check_template(text, kind=chosen, desk=desk, allowed_numbers=lines)
    except DeskFactsError as error:
        raise click.UsageError(str(error)) from error
    if findings:
        click.echo(explain(text, findings))
        raise click.exceptions.Exit(1)
    click.echo(f"May be sent as a {chosen} message. {_cost(text, chosen, desk)}")


@template_group.command("save")
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@by_option
@click.option(
    "--kind", type=_KINDS, help="What it is for: as before, or debt for a name that is new."
)
@click.option(
    "--line",
    "lines",
    multiple=True,
    callback=lambda context, option, numbers: tuple(
        telephone(context, option, number) for number in numbers
    ),
    metavar="NUMBER",
    help="A number that the text spells out, if not one of desks.yaml; repeatable.",
)
@database_option
def save(
    name: str, file: BinaryIO, by: str, kind: str | None, lines: tuple[str, ...], database: str
) -> None:
    """Save the text in FILE, or - for standard input, as the newest version of NAME.

    It is checked as "template check" does, and refused in the same words. Versions are never
    changed: a campaign keeps the one that it was made from.
    """
    text = _read(file)
    with writing(database) as connection:
        chosen = MessageKind(kind) if kind else kind_of(connection, name) or MessageKind.DEBT
        facts, usual_lines = _desk(chosen)
        saved = save_template(
            connection, name, chosen, text, lines or usual_lines, by, datetime.now(UTC), facts
        )
    click.echo(f"{name}: version {saved.version}. {_cost(text, chosen, facts)}")


@template_group.command("list")
@database_option
def list_command(database: str) -> None:
    """List the newest version of every template."""
    with reading(database) as connection:
        found = list_templates(connection)
    width = max(len(template.name) for template in found)
    for template in found:
        click.echo(
            f"{template.name:<{width}}  {template.kind:<7}  version {template.version}, "
            f"{_origin(template)}"
        )


@template_group.command("show")
@click.argument("name")
@click.option("--version", type=click.IntRange(1), help="An older version.")
@database_option
def show(name: str, version: int | None, database: str) -> None:
    """Show a template: its text, the message that it makes, and what that costs."""
    with reading(database) as connection:
        template = look_up_template(connection, name, version)
        used = campaigns_using(connection, template)
        facts, _ = _desk(template.kind)
    click.echo(f"{template.name}, version {template.version}, {_origin(template)}")
    click.echo(f"kind      {template.kind}")
    click.echo(f"used by   {counted(used, 'campaign') if used else 'no campaign'}")
    if template.lines:
        click.echo(f"lines     {', '.join(map(_printed, template.lines))}")
    click.echo(f"text      {template.text}")
    saving = preview(template.text, template.kind, facts).saving
    click.echo(f"accented  {_measured(saving.accented)}")
    click.echo(f"soft      {_measured(saving.soft)}; {_saved(saving)}")
    click.echo(f"          {saving.soft_text}")


def _desk(kind: MessageKind) -> tuple[DeskFacts, Sequence[str]]:
    """The facts of the desk that messages of that kind name, and its further lines."""
    from settings import Settings

    desks = load_desks(Settings.from_environment().desks)
    return desk_facts(desks, kind), desk_lines(desks, kind)


def _read(file: BinaryIO) -> str:
    try:
        return normalize("NFC", file.read().decode("utf-8-sig")).rstrip("\r\n")
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 at byte {error.start + 1}; save it as UTF-8"
        raise click.UsageError(message) from error


def _origin(template: StoredTemplate) -> str:
    if template.created_at is None or template.created_by is None:
        return "shipped"
    return f"saved {clock(template.created_at)} by {template.created_by}"


def _printed(line: str) -> str:
    """A number in groups; of a published text, a figure or e-mail address as it stands there."""
    return printed_phone(line) if line.startswith("+") else line


def _cost(text: str, kind: MessageKind, desk: DeskFacts) -> str:
    saving = preview(text, kind, desk).saving
    return f"As written {_priced(saving.accented)}; in GSM-7 spelling {_priced(saving.soft)}."


def _priced(cost: Cost) -> str:
    return f"{cost.encoding}, {counted(cost.segments, 'segment')}"


def _measured(cost: Cost) -> str:
    units = "septet" if cost.encoding == "GSM-7" else "unit"
    return f"{_priced(cost)} ({counted(cost.units, units)}, room for {cost.room} more)"


def _saved(saving: Saving) -> str:
    if saving.left:
        return f"kept out of GSM-7 by {' '.join(map(named, saving.left))}"
    fewer = saving.accented.segments - saving.soft.segments
    return f"saves {counted(fewer, 'segment')} a message" if fewer else "costs the same"
