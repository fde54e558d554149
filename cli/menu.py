"""``zoldszam menu``: check a tree before callers meet it, and look at it."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import click

import menus
from backend.desks import load_desks
from ivr.forms import FORMS
from ivr.prompts import SPOKEN
from menus.check import check_line
from menus.draw import mermaid
from menus.findings import Finding, TreeError
from menus.loader import Line, load_line
from menus.show import show
from menus.spoken import spoken_prompts
from menus.wording import Prompts
from settings import Settings

Names = Callable[[], Collection[str]]

_MENUS = Path(menus.__file__).parent
_DEFAULT_TREE = Path("menu_tree.yaml")


def menu_group(
    forms: Names, desks: Names, required_prompts: Callable[[], Prompts] = tuple
) -> click.Group:
    """The commands, given what tells the names of the forms and desks that exist.

    ``required_prompts`` tells what the dialogue says besides the tree; it may be a mapping to the
    slots that it fills.
    """

    @click.group("menu")
    def group() -> None:
        """Check and show the menu tree: everything that a caller can reach.

        TREE is a YAML file; without one the variable MENU_TREE names it, or else it is
        menu_tree.yaml. The sentences are in the folder menus/prompts, one file a language.
        """

    @group.command("check")
    @_tree_argument
    @_prompts_option
    def check(tree: Path, prompts: Path) -> None:
        """Prove that a tree is fit for callers.

        Every flaw is printed as FILE:LINE:COLUMN with a way to mend it: keys with gaps, ids that
        repeat, unknown forms and desks, published paths that moved, sentences that are missing or
        differ between languages, the key named before the action, menus too long to listen to.

        Exits with 1 when there is an error; warnings alone leave 0.
        """
        _check(tree, prompts, forms(), desks(), required_prompts())

    @group.command("show")
    @_tree_argument
    @_prompts_option
    @_language_option
    def show_tree(tree: Path, prompts: Path, language: str | None) -> None:
        """Print a tree, one line a node: its path, kind and id, and what the caller hears of it."""
        _print(tree, prompts, language, show)

    @group.command("draw")
    @_tree_argument
    @_prompts_option
    @_language_option
    def draw_tree(tree: Path, prompts: Path, language: str | None) -> None:
        """Print a tree as a Mermaid flowchart, which code hosts and editors show as a picture."""
        _print(tree, prompts, language, mermaid)

    return group


def _check(
    tree: Path,
    prompts: Path,
    forms: Collection[str],
    desks: Collection[str],
    required_prompts: Prompts,
) -> None:
    try:
        line = load_line(tree, prompts)
    except TreeError as error:
        _report(tree, [], error.findings)
        return
    findings = check_line(
        line,
        forms=forms,
        desks=desks,
        required_prompts=required_prompts,
        spoken_elsewhere=_spoken_by_neighbours(tree, prompts),
    )
    nodes = sum(1 for _ in line.tree.walk())
    sizes = [_counted(nodes, "node"), _counted(len(line.tree.languages), "language")]
    _report(tree, sizes, findings)


def _tree_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument(
        "tree",
        envvar="MENU_TREE",
        default=_DEFAULT_TREE,
        type=click.Path(path_type=Path, dir_okay=False),
    )(command)


def _prompts_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--prompts",
        metavar="DIR",
        default=lambda: _from_here(_MENUS / "prompts"),
        type=click.Path(path_type=Path, file_okay=False),
        help="The folder with the sentences, if not the one that is installed.",
    )(command)


def _language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--language", metavar="LANGUAGE", help="In which language; the first if unsaid."
    )(command)


def _print(
    tree: Path, prompts: Path, language: str | None, form: Callable[[Line, str], str]
) -> None:
    try:
        line = load_line(tree, prompts)
    except TreeError as error:
        _report(tree, [], error.findings)
        return
    language = language or line.tree.languages[0]
    if language not in line.phrasebooks:
        known = ", ".join(line.tree.languages)
        message = f"'{language}' is not a language of {tree}; it speaks {known}."
        raise click.BadParameter(message, param_hint="--language")
    click.echo(form(line, language))


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _spoken_by_neighbours(tree: Path, prompts: Path) -> frozenset[str]:
    """What the other trees say from the same files, so that it does not look left over."""
    spoken: set[str] = set()
    for neighbour in (_DEFAULT_TREE, *sorted((_MENUS / "trees").glob("*.yaml"))):
        if neighbour.resolve() != tree.resolve() and neighbour.is_file():
            try:
                line = load_line(neighbour, prompts)
            except TreeError:
                continue  # its own check says why
            spoken.update(said.prompt for said in spoken_prompts(line.tree))
    return frozenset(spoken)


def _report(tree: Path, sizes: list[str], findings: Iterable[Finding]) -> None:
    findings = list(findings)
    for finding in findings:
        click.echo(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    counts = [_counted(errors, "error")] if errors else []
    counts += [_counted(warnings, "warning")] if warnings else []
    click.echo(f"{tree}: {', '.join([*sizes, *(counts or ['no findings'])])}.")
    if errors:
        raise click.exceptions.Exit(1)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _desks() -> Collection[str]:
    return load_desks(Settings.from_environment().desks).desks


menu_command = menu_group(lambda: FORMS, _desks, lambda: SPOKEN)
