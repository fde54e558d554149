"""Makes the past of the demonstration that the environment's settings name; says how far it is."""

import logging
from datetime import UTC, datetime

import click

from cli.history import CALLS_ARE_MADE, MESSAGES_ARE_MADE
from cli.history.past import make_past
from cli.history.planned_calls import planned_calls
from cli.support.demo_setup import PAST_FOLDER
from settings import Settings

# What went wrong in those days went wrong on purpose.
logging.disable(logging.ERROR)
now = datetime.now(UTC)
make_past(
    Settings.from_environment(),
    PAST_FOLDER,
    now,
    planned_calls(now),
    lambda: click.echo(MESSAGES_ARE_MADE),
)
click.echo(CALLS_ARE_MADE)
