"""What the papers say of the project is so."""

import re
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from cli import COMMANDS, commands
from menus.exports.mermaid import mermaid
from menus.exports.svg import svg
from settings import HERE
from tests.support.calls.shipped_lines import shipped_line
from tests.support.project.project_files import project_files
from tests.support.project.setting_names import variables

NAMES = {path.name for path in project_files()}
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


def test_what_a_paper_points_at_is_there() -> None:
    assert len(PAPERS) > 50
    assert [each for paper in PAPERS for each in missing_in(paper)] == []


def missing_in(paper: Path) -> Iterator[str]:
    """What a paper names and nobody has, behind the paper's own name."""
    text = paper.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        if not (paper.parent / target).exists():
            yield f"{paper.name}: {target}"
    for target in re.findall(r"`([a-z]\w*/(?:\w+/)*[\w.]*)`", text):
        if not any((root / target).exists() for root in (HERE, paper.parent, HERE / "tests")):
            yield f"{paper.name}: {target}"
    for target in re.findall(r"`(\w+\.(?:py|yaml|md))`", text):
        if target not in NAMES:
            yield f"{paper.name}: {target}"


def test_every_top_folder_has_a_line_in_the_architecture() -> None:
    text = (HERE / "docs" / "architecture.md").read_text("utf-8")
    folders = {path.parent.name for path in HERE.glob("*/__init__.py")}
    assert {folder for folder in folders if f"`{folder}/" not in text} == set()


def test_every_setting_is_explained_for_operators() -> None:
    text = (HERE / "docs" / "settings.md").read_text("utf-8")
    assert {setting for setting in variables() if f"`{setting}`" not in text} == set()


def test_every_command_helps() -> None:
    for name in COMMANDS:
        shown = CliRunner().invoke(commands, [name, "--help"])
        assert (shown.exit_code, "Usage:" in shown.output) == (0, True), name


def test_the_list_of_commands_has_a_line_for_each() -> None:
    shown = CliRunner().invoke(commands, ["--help"]).output
    for name, lazy in COMMANDS.items():
        assert re.search(rf"{name} +{re.escape(lazy.summary)}", shown)
