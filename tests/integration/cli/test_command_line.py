"""The command line: whatever is typed, the answer is a sentence and never a traceback."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from cli import COMMANDS, FAULT, commands, main
from cli.campaign import campaign_group
from cli.menu import menu_command
from cli.support.lazy_group import LazyGroup
from tests.support.runs.examples import all_asked_for

STAYS_UP = {"demo", "serve", "worker"}
"""Commands that would run on with good arguments; theirs are checked before by the same code."""

NUMBERS = ["", "0", "-1", "99999999999999999999", "9" * 400, "12,5"]
DATES = ["", "0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59", "2026-13-45"]
TEXTS = [
    "",
    "-",
    "a\udcff",
    "\x1b[2J",
    "two\nlines",
    "+36301234567;ext=12",
    "99999999999999999999",
    "Árvíztűrő\u200b",
    "x" * 10_000,
    "/",
]
NOWHERE = ["nowhere://", "sqlite:////nowhere/a.db", "a\udcff"]


def bad(parameter: click.Parameter) -> list[str]:
    """What nobody should type for a parameter like this."""
    if parameter.name == "database":
        return NOWHERE
    if parameter.type.name in {"integer", "integer range"}:
        return NUMBERS
    times = {"since", "until", "begins", "ends", "opens", "closes", "not_before"}
    return DATES if parameter.name in {*times, "overdue_before"} else TEXTS


PLAUSIBLE = {
    "by": "anna",
    "name": "anna",
    "number": "1",
    "campaign_id": "abcd",
    "reason": "opted_out",
    "role": "sender",
    "place_hu": "Vácon",
    "place_en": "in Vác",
    "kind": "outage",
    "template": "debt_contact_1",
    "opens": "2026-12-28",
    "closes": "2027-01-03",
    "ends": "2199-01-01T10:00",
}


@dataclass(frozen=True)
class Leaf:
    """A command with the words that call it."""

    words: tuple[str, ...]
    command: click.Command

    def arguments(self, chosen: click.Parameter, value: str, usual: Path) -> list[str]:
        """A call with that value for one parameter and plausible ones for what is required."""
        options, positional = [], []
        for parameter in self.command.params:
            mine = value if parameter is chosen else PLAUSIBLE.get(str(parameter.name), str(usual))
            if isinstance(parameter, click.Option):
                if parameter is chosen or parameter.required or parameter.prompt:
                    takes = not (parameter.is_flag or parameter.count)
                    options += [parameter.opts[0], *([mine] if takes else [])]
            elif parameter is chosen or parameter.required or parameter.name == "tree":
                positional.append(mine)
        return [*self.words, *options, "--", *positional]


def leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[Leaf]:
    if not isinstance(command, click.Group):
        yield Leaf(words, command)
        return
    for name in command.list_commands(click.Context(command)):
        below = command.get_command(click.Context(command), name)
        assert below is not None
        yield from leaves(below, (*words, name))


ALL = [
    leaf
    for name in COMMANDS
    if name not in STAYS_UP
    for leaf in leaves(commands.get_command(click.Context(commands), name) or commands, (name,))
]


@pytest.fixture
def outside(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of its own, no carrier, and a file that is nothing that a command reads."""
    for name in list(os.environ):
        if name.startswith(("TWILIO", "SMS_", "PUBLIC_", "MENU_", "LINES")):
            monkeypatch.delenv(name)
    shutil.copy(sqlite_template, tmp_path / "records.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'records.db'}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    file = tmp_path / "some.file"
    file.write_bytes(b"\xff\x00 nothing")
    return file


def code_of(arguments: list[str]) -> int:
    try:
        main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


@pytest.mark.parametrize("leaf", ALL, ids=lambda leaf: " ".join(leaf.words))
def test_no_argument_of_any_command_is_answered_by_a_traceback(
    leaf: Leaf, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, parameter in enumerate(leaf.command.params):
        values = bad(parameter)
        # The short run has a sixth of them, other ones for the next parameter.
        for value in values if all_asked_for() else values[place % 6 :: 6]:
            arguments = leaf.arguments(parameter, value, outside)
            code = code_of(arguments)
            told = capsys.readouterr().err
            assert code in (0, 1, 2), (arguments, told)
            assert "Traceback" not in told, arguments


def test_a_fault_of_the_program_is_one_line_that_tells_its_place(
    outside: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise OverflowError("06301234567")

    monkeypatch.setattr("cli.task.list_tasks", broken)
    assert code_of(["task", "list"]) == FAULT
    told = capsys.readouterr().err
    assert told.startswith("A fault of the program: OverflowError at tests")
    assert told.count("\n") == 1
    assert "06301234567" not in told


def test_a_file_that_cannot_be_written_is_one_sentence(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of(["export", "requests", "--csv", "/nowhere/a\udcff.csv"]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err


_START = """
import os
import sys
from cli import COMMANDS, main

def loaded(*names):
    return [name for name in names if name in sys.modules]

try:
    main(["--help"])
except SystemExit:
    pass
import cli.call
print(loaded("sqlalchemy", "pydantic", "yaml", "flask", "asyncio", "requests"), flush=True)
if not os.fork():
    import cli.menu.show
    print(loaded("ivr.dialogue.engine", "ivr.twiml", "messages.content.checks", "xml.sax"))
    print(loaded("pydantic_settings", "asyncio"))
    import cli.menu.check
    print(loaded("sqlalchemy", "jinja2", "phonenumbers", "holidays", "num2words"), flush=True)
    print(loaded("requests"), flush=True)
    os._exit(0)
os.wait()
import cli.campaign.lists, cli.person, cli.records, cli.stop, cli.task
print(loaded("pydantic", "phonenumbers", "yaml", "argon2", "messages.content.checks"))
import cli.campaign.steps, cli.notice, cli.operation.user, cli.template
print(loaded("pydantic", "phonenumbers", "alembic", "psycopg", "flask", "jinja2", "holidays"))
print(loaded("requests", "num2words", "huey", "twilio", "sqlalchemy.dialects.postgresql"))
"""


def test_a_command_loads_no_library_that_it_does_not_need() -> None:
    """Each would be waited for at every start, and by every process that a test starts."""
    told = subprocess.run(
        [sys.executable, "-c", _START], capture_output=True, text=True, check=True
    ).stdout
    assert told.splitlines()[-8:] == ["[]"] * 8


def test_a_command_that_is_misspelled_is_told_with_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code_of(["campaing", "list"]) == 2
    assert "Did you mean 'campaign'?" in capsys.readouterr().err
    assert code_of(["campaign", "aprove"]) == 2
    assert "Did you mean 'approve'?" in capsys.readouterr().err


def test_a_list_of_commands_has_their_sentences_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("campaign", "user", "menu", "api-key"):
        assert code_of([name, "--help"]) == 0
        assert "..." not in capsys.readouterr().out.partition("Commands:")[2]


def test_a_command_below_another_is_listed_with_its_own_first_sentence() -> None:
    for group in (menu_command, campaign_group):
        assert isinstance(group, LazyGroup)
        for name, lazy in group.lazy.items():
            command = group.get_command(click.Context(group), name)
            assert command is not None
            assert command.get_short_help_str(1000) == lazy.summary


def test_what_stood_in_a_file_does_not_speak_to_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The complaint of any command quotes it in characters that can be shown."""
    desks = tmp_path / "desks.yaml"
    desks.write_text('desks: {"a\\e[2J": 1}\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKS", str(desks))
        assert code_of(["desk", "list"]) == 1
    told = capsys.readouterr().err
    assert "desks.yaml" in told
    assert "\x1b" not in told
