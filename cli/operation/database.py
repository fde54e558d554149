"""``zoldszam db``: the schema, the key, and moving the records to another database."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from backend.db.backup import back_up, restore
from backend.db.move import count_rows, move, require_at_rest
from backend.db.schema import describe, upgrade
from backend.db.transactions import write
from backend.hooks.subscriptions import rewrap_secrets
from backend.records.suppression.stop_keys import require_stop_keys, rewrap
from backend.staff.authentication.second_factor import rewrap_factors
from cli.support.arguments import Utf8
from cli.support.common import counted, progress
from cli.support.database import database_option, opened, ready, writing
from messages.campaigns.restored import hold_restored
from settings_environment import database_settings


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
        rewrap_factors(connection, former, database_settings().secret_key or "")
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


_FILE = click.Path(dir_okay=False, path_type=Path)


@db_group.command("backup")
@click.argument("file", type=_FILE)
@database_option
def backup_command(file: Path, database: str) -> None:
    """Write all records, as they are now, into the new FILE, for its owner only.

    The service may run meanwhile. PostgreSQL is read by pg_dump, which has to be installed.
    """
    with opened(database) as engine:
        back_up(engine, file)
    click.echo(f"All records are in {file}. Keep SECRET_KEY apart from it: both are needed.")


@db_group.command("restore")
@click.argument("file", type=_FILE)
@database_option
def restore_command(file: Path, database: str) -> None:
    """Make the records of the backup FILE those of a database that is not there, or empty.

    Campaigns are paused, staff are logged out, and what was waiting to be sent is asked after at
    the carrier first. What was stored after the backup is lost.
    """
    with opened(database) as engine:
        restore(database, file)
        _hold(engine)


@db_group.command("restored")
@database_option
def restored_command(database: str) -> None:
    """Tell that the database was restored by other means, before a worker is started.

    Does what `db restore` does after its copy; for PostgreSQL's own backups and recoveries to a
    point in time. Safe to repeat.
    """
    with ready(database) as engine:
        _hold(engine)


def _hold(engine: Engine) -> None:
    with write(engine) as connection:
        held = hold_restored(connection, datetime.now(UTC))
    require_stop_keys(engine)
    click.echo(
        f"{counted(held.campaigns, 'campaign')} paused; "
        f"{counted(held.messages, 'message')} to be asked after at the carrier. "
        "Run zoldszam reconcile, or start a worker, and resume the campaigns then."
    )
