"""``zoldszam import`` and ``requests``: the records from the command line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from backend.db.transactions import read
from backend.imports.importer import import_directory
from backend.records.requests.ledger import Request, find_by_text, list_requests
from backend.records.requests.ledger_export import hand_over
from backend.retention import job
from cli.support.common import clock, counted, progress
from cli.support.database import database_option, ready
from cli.support.local_time import TIME_OR_DAY
from common.printable import printable
from common.timezone import local_date


@click.command("import")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--complete", is_flag=True, help="debts.csv has all cases: close the open ones that it lacks."
)
@click.option("--dry-run", is_flag=True, help="Only check and count; nothing is changed.")
@database_option
def import_command(directory: Path, complete: bool, dry_run: bool, database: str) -> None:
    """Import customers.csv, sites.csv, windows.csv, meters.csv and debts.csv from DIRECTORY.

    All or nothing, and safe to repeat. A file that is not there is left out. What is wrong is
    listed with file, line and column.
    """
    with ready(database) as engine, progress() as report_progress:
        report = import_directory(
            engine,
            directory,
            report_progress,
            today=local_date(datetime.now(UTC)),
            complete=complete,
            dry_run=dry_run,
        )
    for warning in report.warnings:
        click.echo(f"Warning: {printable(str(warning))}", err=True)
    if report.warning_count > len(report.warnings):
        click.echo(f"… and {report.warning_count - len(report.warnings)} more.", err=True)
    if dry_run:
        click.echo("Nothing was changed. An import now:")
    for name, count in report.rows.items():
        click.echo(f"{name}: {count} rows")
    for name in report.absent:
        click.echo(f"{name}: not there, left out")
    if report.missing_cases:
        click.echo(_missing(report.missing_cases, complete=complete))


def _missing(number: int, *, complete: bool) -> str:
    cases = f"{counted(number, 'open case')} {'is' if number == 1 else 'are'} not in debts.csv"
    if complete:
        return f"{cases} and {'is' if number == 1 else 'are'} closed."
    return (
        f"{cases} and {'stays' if number == 1 else 'stay'} open. If the file has all cases, "
        "import it with --complete."
    )


@click.command("requests")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--since",
    type=TIME_OR_DAY,
    metavar="TIME",
    help="From this date or time on; without a zone it is Budapest's.",
)
@click.option("--receipt", metavar="NUMBER", help="Only the request with this receipt number.")
@database_option
def requests_command(
    as_json: bool, since: datetime | None, receipt: str | None, database: str
) -> None:
    """List what callers did, in the order in which they did it."""
    with ready(database) as engine, read(engine) as connection:
        found: Iterable[Request] = list_requests(connection, since)
        if receipt is not None:
            found = [find_by_text(connection, receipt)]
        for line in _json_lines(found) if as_json else _table_lines(found):
            click.echo(line)


@click.group("export")
def export_group() -> None:
    """Hand over to the back office."""


@export_group.command("requests")
@click.option("--csv", "file", required=True, type=click.Path(dir_okay=False, path_type=Path))
@database_option
def export_requests_command(file: Path, database: str) -> None:
    """Write what was not handed over yet into FILE, and mark it.

    Safe to repeat: without new requests nothing happens, and a file that is there is never
    overwritten. After a crash some receipts may come again in the next file; they are the same.
    """
    with ready(database) as engine:
        count = hand_over(engine, file, datetime.now(UTC))
    click.echo(f"{count} requests written to {file}." if count else "Nothing to hand over.")


_FORGOTTEN = {
    "calls": "calls closed whose end was never reported",
    "failed_identifications": "failed identifications deleted",
    "texts": "texts to callers deleted",
    "topics": "topics asked for by message deleted",
    "replies": "replies deleted",
    "tasks": "finished tasks deleted",
    "callers": "remembered callers deleted",
    "proven": "callers known by their proofs deleted",
    "past_calls": "past calls deleted with their paths",
    "sessions": "ended sessions of staff deleted",
    "drafts": "drafts deleted that nobody touched for long",
    "jobs": "finished jobs deleted",
    "forms": "marks of forms that were sent deleted",
    "login_failures": "failed logins deleted that no wait counts any more",
    "challenges": "unanswered challenges for passkeys deleted",
    "answers": "answers to other systems deleted that no repeat can ask for",
    "events": "events deleted that other systems were told of",
}
"""What each figure of a run counts."""


@click.group("retention")
def retention_group() -> None:
    """Forget what is past its time."""


@retention_group.command("run")
@click.option("--dry-run", is_flag=True, help="Only count what would go; nothing is changed.")
@database_option
def retention_run_command(dry_run: bool, database: str) -> None:
    """Close calls whose end the carrier never reported, and delete what is past its time.

    What was typed in those calls goes with it. KEEP_REPLIES, KEEP_TASKS, KEEP_TOPICS, KEEP_CALLERS
    and KEEP_CALLS say after how many days the rest is deleted. Safe to repeat.
    Workers do the same once an hour.
    """
    from settings import Settings

    with ready(database) as engine:
        settings = Settings.from_environment()
        work = job.preview if dry_run else job.run
        done = work(engine, datetime.now(UTC), settings.identification_limits, settings.periods)
    if dry_run:
        click.echo("Nothing was changed. A run now:")
    for kind, number in asdict(done).items():
        click.echo(f"{_FORGOTTEN[kind]}: {number}")


def _json_lines(found: Iterable[Request]) -> Iterator[str]:
    return (json.dumps(request.as_json(), ensure_ascii=False) for request in found)


def _table_lines(found: Iterable[Request]) -> Iterator[str]:
    # Columns of fixed width, so that a long ledger is printed as it is read.
    layout = "{:<8}  {:<16}  {:<26}  {:<8}  {:<10}  {}"
    yield layout.format("receipt", "created", "kind", "site", "effective", "data").rstrip()
    for request in found:
        values = [f"{name} {value}" for name, value in request.data.items()]
        flags = [f"[{flag}]" for flag in request.flags]
        yield layout.format(
            request.receipt,
            clock(request.created_at),
            request.kind,
            request.site_id or "",
            "" if request.effective_from is None else request.effective_from.isoformat(),
            ", ".join(values) + "".join(f" {flag}" for flag in flags),
        ).rstrip()
