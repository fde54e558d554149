"""What the papers say of the project is so."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import COMMANDS, commands
from menus.exports.mermaid import mermaid
from menus.exports.svg import svg
from settings import HERE, variables
from tests.support.shipped_lines import shipped_line

FOLDERS = [path.parent for path in HERE.glob("*/__init__.py")] + [HERE / "docs"]
TOP = {path.name for path in HERE.iterdir()}
PAPERS = [HERE / "README.md", *sorted((HERE / "docs").rglob("*.md"))]


def test_the_readme_shows_the_tree_as_it_is() -> None:
    line = shipped_line()
    shown = re.search(r"```mermaid\n(.*?)\n```", (HERE / "README.md").read_text("utf-8"), re.S)
    assert shown is not None
    # Otherwise copy the output of "zoldszam menu draw --language en --depth 2" into the README.
    assert shown[1] == mermaid(line, "en", depth=2)


def test_the_picture_of_the_whole_tree_is_of_the_tree_as_it_is() -> None:
    line = shipped_line()
    # Otherwise run: zoldszam menu draw --language en --svg docs/images/menu.svg
    assert (HERE / "docs" / "images" / "menu.svg").read_text("utf-8") == svg(line, "en")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(HERE)))
def test_what_a_paper_points_at_is_there(paper: Path) -> None:
    text = paper.read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    for target in links:
        assert (paper.parent / target).exists(), target
    for target in re.findall(r"`([a-z]\w*/(?:\w+/)*[\w.]*)`", text):
        assert any((root / target).exists() for root in (HERE, paper.parent, HERE / "tests")), (
            target
        )
    files = {path.name for folder in FOLDERS for path in folder.rglob("*")} | TOP
    for target in re.findall(r"`(\w+\.(?:py|yaml|md))`", text):
        assert target in files, target


def test_every_top_folder_has_a_line_in_the_architecture() -> None:
    text = (HERE / "docs" / "architecture.md").read_text("utf-8")
    folders = {path.parent.name for path in HERE.glob("*/__init__.py")}
    assert {folder for folder in folders if f"`{folder}/" not in text} == set()


def test_every_setting_is_explained_for_operators() -> None:
    text = (HERE / "docs" / "operations.md").read_text("utf-8")
    assert {setting for setting in variables() if f"`{setting}`" not in text} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(name: str) -> None:
    shown = CliRunner().invoke(commands, [name, "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.output


def test_the_list_of_commands_has_a_line_for_each() -> None:
    shown = CliRunner().invoke(commands, ["--help"]).output
    for name, lazy in COMMANDS.items():
        assert re.search(rf"{name} +{re.escape(lazy.summary)}", shown)
