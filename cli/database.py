"""``zoldszam db``: the schema, the key, and moving the records to another database."""

from datetime import UTC, datetime

import click

from backend.db.move import count_rows, move, require_at_rest
from backend.db.schema import describe, upgrade
from backend.hooks.subscriptions import rewrap_secrets
from backend.records.stop_keys import require_stop_keys, rewrap
from backend.staff.second_factor import rewrap_factors
from cli.support.arguments import Utf8
from cli.support.common import database_option, opened, progress, writing
from settings import Settings


@click.group("db")
def db_group() -> None:
    """Look after the database."""


@db_group.command("upgrade")
@database_option
def upgrade_command(database: str) -> None:
    """Bring the database to the newest schema; safe to repeat."""
    with opened(database) as engine:
        upgrade(engine)
        require_stop_keys(engine)
        click.echo(f"The database {describe(engine)} has the newest schema.")


@db_group.command("rekey")
@click.option(
    "--former",
    prompt="The SECRET_KEY until now",
    default="",
    hide_input=True,
    show_default=False,
    help="The SECRET_KEY until now; asked for when it is not given.",
)
@database_option
def rekey_command(former: str, database: str) -> None:
    """Keep what the records hold under the SECRET_KEY of now instead of the former one.

    Stop the service and the workers before, and start them with the new one. No stop is lost,
    receivers of events keep their secrets, and colleagues their authenticators.
    """
    with writing(database) as connection:
        rewrap(connection, former or None)
        rewrap_secrets(connection, former or None)
        rewrap_factors(connection, former, Settings.from_environment().secret_key or "")
    click.echo(
        "Stopped numbers, receivers' secrets and authenticators are kept under the SECRET_KEY "
        "of now."
    )


@db_group.command("move")
@click.option("--to", "target", type=Utf8(), required=True, metavar="URL", help="An empty one.")
@click.option("--force", is_flag=True, help="Even while workers or calls are seen to use it.")
@click.option("--dry-run", is_flag=True, help="Only check and count; nothing is changed.")
@database_option
def move_command(target: str, force: bool, dry_run: bool, database: str) -> None:
    """Copy all records into the empty database at URL, from SQLite to PostgreSQL or back.

    Stop service, console, API and workers before; set DATABASE_URL to the new address after, and
    keep SECRET_KEY. All or nothing; every table is compared. What is written during a forced move
    may be missing in the new database.
    """
    with opened(database) as source, opened(target) as destination:
        if not force:
            require_at_rest(source, datetime.now(UTC))
        if dry_run:
            moved = count_rows(source)
            click.echo("Nothing was changed. A move now:")
        else:
            with progress() as report_progress:
                moved = move(source, destination, report_progress)
        for table in moved:
            if table.rows:
                click.echo(f"{table.name}: {table.rows} rows")
        if not dry_run:
            click.echo(
                f"All is in {describe(destination)}, and compared. Set DATABASE_URL to it now."
            )
