"""``zoldszam``: the service from the command line."""

import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import click

from cli.support.hints import sentence
from cli.support.lazy_group import Lazy, LazyGroup
from cli.support.local_settings import LOCAL_SETTINGS, take_local_settings
from common.errors import RecordsError, SettingsError
from common.printable import printable
from settings_environment import load_no_plugins

FAULT = 70
"""The exit code of a fault of the program (EX_SOFTWARE)."""

_HELP = ("-h", "--help")
_PROGRAM = Path(__file__).resolve().parent.parent


COMMANDS = {
    "api": Lazy("cli.operation.api", "api_group", "Serve the JSON API for other systems."),
    "api-hook": Lazy("cli.operation.api_hook", "hook_group", "Tell other systems of events."),
    "api-key": Lazy("cli.operation.api_key", "key_group", "Manage the keys of other systems."),
    "call": Lazy("cli.call", "call_command", "Dial in from this terminal."),
    "campaign": Lazy("cli.campaign", "campaign_group", "Send reminders: draft, approve, start."),
    "carrier": Lazy(
        "cli.operation.carrier", "carrier_group", "Check and set the numbers at the carrier."
    ),
    "console": Lazy("cli.operation.console", "console_command", "Serve the staff's pages."),
    "db": Lazy("cli.operation.database", "db_group", "Look after the database."),
    "demo": Lazy("cli.operation.demo", "demo_command", "Start everything, with made-up customers."),
    "desk": Lazy("cli.notice", "desk_group", "Close a desk for a while."),
    "export": Lazy("cli.records", "export_group", "Hand requests over to the back office."),
    "health": Lazy("cli.operation.health", "health_command", "Ask whether a process here works."),
    "import": Lazy("cli.records", "import_command", "Import the utility's CSV files."),
    "menu": Lazy("cli.menu", "menu_command", "Check and show the menu tree."),
    "notice": Lazy("cli.notice", "notice_group", "Tell callers of an outage or planned work."),
    "person": Lazy("cli.person", "person_group", "Disclose or erase one person's data."),
    "reconcile": Lazy(
        "cli.operation.worker", "reconcile_command", "Find out what became of the unknown."
    ),
    "requests": Lazy("cli.records", "requests_command", "List what callers settled."),
    "retention": Lazy("cli.records", "retention_group", "Forget what is past its time."),
    "serve": Lazy("cli.operation.serve", "serve_command", "Answer the carrier's webhooks."),
    "stats": Lazy("cli.stats", "stats_command", "Count calls by what they were about."),
    "stop": Lazy("cli.stop", "stop_group", "Keep messages away from a number."),
    "task": Lazy("cli.task", "task_group", "See and finish what waits for a colleague."),
    "template": Lazy("cli.template", "template_group", "Check and keep the texts of messages."),
    "user": Lazy("cli.operation.user", "user_group", "Manage who works with messages."),
    "window": Lazy("cli.notice", "window_group", "Open an extraordinary reading window."),
    "worker": Lazy("cli.operation.worker", "worker_command", "Send what campaigns have to send."),
}


class Commands(LazyGroup):
    """All commands.

    What a person can correct, in whichever of them, is a sentence with the command that helps on
    standard error, and exit code 1.
    """

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RecordsError as error:
            complaint = sentence(error)
        except SettingsError as error:
            complaint = str(error)
        # What stood in a file is quoted: it must not speak to the terminal.
        click.echo("\n".join(map(printable, complaint.split("\n"))), err=True)
        raise click.exceptions.Exit(1)


@click.group(cls=Commands, lazy=COMMANDS, context_settings={"help_option_names": [*_HELP]})
def commands() -> None:
    """The telephone desk of a utility: a YAML menu tree that callers reach by keypad.

    \b
    Begin with:
      zoldszam demo            start everything with made-up customers
      zoldszam serve           answer the carrier with your own records
      zoldszam call            dial in from another terminal
      zoldszam requests        see what callers have settled
      zoldszam menu check      prove the tree sound before callers meet it

    Settings are environment variables: DATABASE_URL, PUBLIC_URL, TWILIO_AUTH_TOKEN, SECRET_KEY,
    MENU_TREE and others; docs/settings.md explains them.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what a person can correct is one sentence on standard error and exit code 1.

    Nothing else is ever a traceback: a fault of the program is one line that tells its place, and
    exit code 70, except in Python's development mode (``python -X dev``).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A file's name need not be UTF-8 to be told.
            stream.reconfigure(errors="backslashreplace")
    load_no_plugins()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not set(_HELP) & set(arguments) and take_local_settings(arguments):
        click.echo(f"On the demonstration, by {LOCAL_SETTINGS}:", err=True)
    try:
        commands(arguments)
    except OSError as error:
        if sys.flags.dev_mode or error.strerror is None:
            _end_with_a_fault(error)
        what = "Reading or writing" if error.filename is None else f'Using "{error.filename}"'
        click.echo(f"{what} failed: {error.strerror}.", err=True)
        sys.exit(1)
    except Exception as error:
        _end_with_a_fault(error)


def _end_with_a_fault(error: Exception) -> NoReturn:
    """Tell where it arose, without the error's own words: they may hold a number or a name."""
    if sys.flags.dev_mode:
        raise error
    frames = traceback.extract_tb(error.__traceback__)
    place = ([frame for frame in frames if _is_ours(frame)] or frames)[-1]
    name = Path(place.filename)
    name = name.relative_to(_PROGRAM) if name.is_relative_to(_PROGRAM) else Path(name.name)
    click.echo(
        f"A fault of the program: {type(error).__name__} at {name}:{place.lineno}. "
        "Tell its makers this line and the command.",
        err=True,
    )
    sys.exit(FAULT)


def _is_ours(frame: traceback.FrameSummary) -> bool:
    path = Path(frame.filename)
    return path.is_relative_to(_PROGRAM) and "site-packages" not in path.relative_to(_PROGRAM).parts
