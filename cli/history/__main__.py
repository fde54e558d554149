"""Makes the past of the demonstration that the environment's settings name; says how far it is."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.history import CALLS_ARE_MADE, MESSAGES_ARE_MADE
from cli.history.calls import make_calls
from cli.history.messages import make_messages
from cli.history.planned_calls import planned_calls
from cli.history.service import past_service
from cli.support.demo_setup import PAST_FOLDER
from settings import Settings


def make_past(settings: Settings, folder: Path, now: datetime) -> None:
    """Make it all; lists of recipients are written to ``folder``."""
    with past_service(settings, now) as service:
        make_messages(service, folder, now)
        click.echo(MESSAGES_ARE_MADE)
        make_calls(service, planned_calls(now))
        click.echo(CALLS_ARE_MADE)


if __name__ == "__main__":
    # What went wrong in those days went wrong on purpose.
    logging.disable(logging.ERROR)
    make_past(Settings.from_environment(), PAST_FOLDER, datetime.now(UTC))
