"""``zoldszam serve``: the service behind its server, as every installation runs it."""

import resource
import sys
from datetime import UTC, datetime

import click

from backend.db.transactions import open_database
from common.collecting import nothing_collected
from common.findings import TreeError
from service import serve
from service_files import read_files
from settings import Settings
from settings_environment import complete_environment
from telemetry.process_files import make_folder, require_place
from telemetry.tracing import require_tracing
from web_server.processors import available_processors

FEWEST_WORKERS = 2
"""With one, nobody answers while it is started again."""
MOST_WORKERS = 4


def usual_workers() -> int:
    """A worker a processor, within what is sensible for a telephone line."""
    return min(max(available_processors(), FEWEST_WORKERS), MOST_WORKERS)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=usual_workers,
    help="Worker processes.  [default: one a processor, 2 to 4]",
)
def serve_command(host: str, port: int, workers: int) -> None:
    """Answer the carrier's webhooks until SIGTERM or Ctrl-C.

    A request comes before the program when all of it has arrived: half-sent ones cost no thread and
    end after five seconds. A worker that dies is started again. From SIGTERM on /readyz says 503,
    and DRAIN_SECONDS later no request is taken any more. Settings are environment variables; with
    settings or files that cannot be used the service does not start.
    """
    settings = Settings.from_environment()
    try:
        with nothing_collected():
            _check(settings)
    except TreeError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    _allow_connections()
    if workers > 1 and settings.metrics_folder is None:
        # Each of the processes tells the counters of all.
        complete_environment({"PROMETHEUS_MULTIPROC_DIR": str(make_folder())})
    # The server lives in this process, so a supervisor's signals reach it directly.
    serve(host, port, workers, settings.drain.total_seconds())


def _check(settings: Settings) -> None:
    """Try what can fail when a worker builds the service; a worker, a fork, inherits none of it."""
    open_database(settings.database_url)
    read_files(settings, lambda: datetime.now(UTC))
    if settings.metrics_folder is not None:
        require_place(settings.metrics_folder)
    if settings.traces_endpoint is not None:
        require_tracing()


def _allow_connections() -> None:
    """Lift the soft limit of open files, which is below what a worker may keep open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
