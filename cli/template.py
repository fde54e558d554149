"""``zoldszam template``: whether a text may be sent, before anybody gets it."""

import unicodedata
from collections.abc import Iterable
from typing import BinaryIO

import click

from sms.encoding import Cost, soft_saving
from sms.templates.desk_facts import DeskFacts, DeskFactsError
from sms.templates.findings import Finding
from sms.templates.render import render, render_with_receipt
from sms.templates.safety import check_template
from sms.templates.shipped import Kind, shipped_templates

_DEBT_PHONES = ("+3612382919", "+3612383577")
_SERVICE_PHONE = "+3612383838"
_SAMPLE_RECEIPT = "10000000"


@click.group("template")
def template_group() -> None:
    """Check the texts of messages."""


@template_group.command("check")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Kind]),
    default=Kind.DEBT.value,
    show_default=True,
    help="A reminder of a debt, or a service message.",
)
@click.option("--company", default="ELMŰ-ÉMÁSZ", show_default=True, help="The sender's name.")
@click.option(
    "--phone",
    "phones",
    multiple=True,
    metavar="E164",
    help="The desk's phone; repeat for further lines that the text may name.",
)
@click.option("--email", default="hatralekkezeles@elmu.hu", show_default=True, help="The desk's.")
@click.option("--hours", default="", help="The desk's hours, such as 'H-P 8-20'.")
def check(
    file: BinaryIO, kind: str, company: str, phones: tuple[str, ...], email: str, hours: str
) -> None:
    """Prove that a template may be sent. FILE may be - for standard input.

    A template may hold {company}, {desk_phone}, {desk_email} and {desk_hours}, or these facts
    spelled out. Each broken rule is named with its source, its place is marked under the text,
    and the mend is told.

    Exits with 0 when the template may be sent, with 1 when it breaks a rule.
    """
    text = _read(file)
    chosen = Kind(kind)
    phone, *lines = phones or _usual_phones(chosen)
    try:
        desk = DeskFacts(company, phone, email, hours)
        findings = check_template(text, kind=chosen, desk=desk, lines=lines)
    except DeskFactsError as error:
        raise click.UsageError(str(error)) from error
    for finding in findings:
        click.echo("\n".join(_explained(text, finding)))
    if findings:
        rules = list(dict.fromkeys(finding.rule.value for finding in findings))
        click.echo(f"Not to be sent. Broken: {', '.join(rules)}.")
        raise click.exceptions.Exit(1)
    click.echo(f"May be sent as a {chosen} message. {_cost(text, chosen, desk)}")


def _usual_phones(kind: Kind) -> tuple[str, ...]:
    if kind is Kind.DEBT:
        return _DEBT_PHONES
    declared = (line for template in shipped_templates().values() for line in template.lines)
    return (_SERVICE_PHONE, *dict.fromkeys(declared))


def _read(file: BinaryIO) -> str:
    try:
        return file.read().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 at byte {error.start + 1}; save it as UTF-8"
        raise click.UsageError(message) from error


def _explained(text: str, finding: Finding) -> Iterable[str]:
    start = text.rfind("\n", 0, finding.start) + 1
    end = text.find("\n", finding.start)
    line = text[start : end if end >= 0 else len(text)]
    before = _width(line[: finding.start - start])
    marks = max(1, _width(line[finding.start - start : finding.end - start]))
    yield str(finding)
    yield f"    {line}"
    yield f"    {' ' * before}{'^' * marks}"
    yield f"    {finding.mend}"


def _width(text: str) -> int:
    """Columns on a terminal: signs that are not drawn take none, wide ones take two."""
    hidden = {"Mn", "Me", "Cf"}
    return sum(
        0
        if unicodedata.category(sign) in hidden
        else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def _cost(text: str, kind: Kind, desk: DeskFacts) -> str:
    service = kind is Kind.SERVICE
    message = render_with_receipt(text, desk, _SAMPLE_RECEIPT) if service else render(text, desk)
    saving = soft_saving(message)
    return f"As written {_priced(saving.accented)}; in its soft form {_priced(saving.soft)}."


def _priced(cost: Cost) -> str:
    return f"{cost.encoding}, {cost.segments} segment{'' if cost.segments == 1 else 's'}"
