"""``zoldszam``: the service from the command line."""

import sys
from collections.abc import Collection

import click

from backend.desks import load_desks
from backend.errors import RecordsError
from cli.call import call_command
from cli.demo import demo_command
from cli.menu import menu_group
from cli.records import db_group, import_command, requests_command
from ivr.forms import FORMS
from settings import Settings, SettingsError


def _desks() -> Collection[str]:
    return load_desks(Settings.from_environment().desks).desks


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """The telephone desk of a utility: a YAML menu tree that callers reach by keypad.

    \b
    Begin with:
      zoldszam demo                    start everything with made-up customers
      zoldszam call                    dial in from this terminal
      zoldszam requests                see what callers have settled
      zoldszam menu check              prove the tree sound before callers meet it

    Settings are environment variables: DATABASE_URL, PUBLIC_URL, TWILIO_AUTH_TOKEN, SECRET_KEY,
    MENU_TREE and others; docs/operations.md explains them.
    """


commands.add_command(call_command)
commands.add_command(db_group)
commands.add_command(demo_command)
commands.add_command(import_command)
commands.add_command(menu_group(lambda: FORMS, _desks))
commands.add_command(requests_command)


def main() -> None:
    """Run a command; what a person can mend is one sentence on standard error and exit code 1."""
    try:
        commands()
    except (RecordsError, SettingsError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
