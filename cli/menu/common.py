"""What the ``menu`` commands share: the tree, and how findings are told."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import menus
from cli.support.common import counted
from common.findings import Finding, TreeError
from ivr.lines.entries import LineEntry, load_lines
from ivr.lines.loading import LineDefaults, load_published
from menus.loader import Line, load_line
from menus.prompt_usage import spoken_prompts
from settings_environment import HERE, MENU_TREE, menu_settings

if TYPE_CHECKING:
    from ivr.walk.explorer import Progress

MENUS = Path(menus.__file__).parent


def entry_of(tree: Path) -> LineEntry | None:
    """The one entry of the lines file that has this tree, by the name that the tree is given here.

    The file is ``LINES_FILE``, else the one beside the project. ``None`` where there is no such
    file, where several entries share the tree, and for the tree that answers alone: without
    ``LINES_FILE`` that is ``MENU_TREE``.

    Raises ``ConfigurationError`` for a lines file with a flaw.
    """
    settings = menu_settings()
    if settings.lines is None and _same(tree, settings.menu_tree):
        return None
    lines = settings.lines or HERE / "lines.yaml"
    if settings.lines is None and not lines.is_file():
        return None
    entries = [entry for entry in load_lines(lines) if _same(entry.tree, tree)]
    return replace(entries[0], tree=tree) if len(entries) == 1 else None


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def default_tree() -> Path:
    """``menu_tree.yaml`` of this folder, else the installed one, by which the service answers."""
    here = Path(MENU_TREE.name)
    return here if here.exists() else MENU_TREE


tree_argument = click.argument(
    "tree",
    envvar="MENU_TREE",
    default=default_tree,
    type=click.Path(path_type=Path, dir_okay=False),
)
prompts_option = click.option(
    "--prompts",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder with the sentences, if not the line's own or the one that is installed.",
)
language_option = click.option(
    "--language", metavar="LANGUAGE", help="In which language; the first if unsaid."
)


def folder_of(tree: Path, prompts: Path | None) -> Path:
    """The folder named, else that of the tree's entry, else the installed sentences."""
    if prompts is not None:
        return prompts
    entry = entry_of(tree)
    return entry.prompts if entry and entry.prompts else default_prompts()


def default_prompts() -> Path:
    """The installed sentences, as seen from here."""
    here, folder = Path.cwd(), MENUS / "prompts"
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def loaded(tree: Path, prompts: Path | None) -> Line:
    """The line with the languages and opening of its entry, if it has one.

    Its flaws are told and end the command when it cannot be loaded.
    """
    folder = folder_of(tree, prompts)
    entry = replace(entry_of(tree) or LineEntry(tree.stem, tree), prompts=folder)
    defaults = LineDefaults(folder, menu_settings().desks, voices={})
    try:
        return load_published(entry, defaults)
    except TreeError as error:
        report(tree, None, "", error.findings)
        raise click.exceptions.Exit(1) from error


def language_of(line: Line, tree: Path, language: str | None) -> str:
    """The language asked for, or the first; one that the tree does not speak is refused."""
    language = language or line.tree.languages[0]
    if language not in line.phrasebooks:
        known = ", ".join(line.tree.languages)
        message = f"'{language}' is not a language of {tree}; it speaks {known}."
        raise click.BadParameter(message, param_hint="--language")
    return language


def spoken_by_neighbours(tree: Path, prompts: Path) -> frozenset[str]:
    """What the other trees say from the same files, so that it does not look left over."""
    spoken: set[str] = set()
    for neighbour in (default_tree(), *sorted((MENUS / "trees").glob("*.yaml"))):
        if neighbour.resolve() != tree.resolve() and neighbour.is_file():
            try:
                line = load_line(neighbour, prompts)
            except TreeError:
                continue  # its own check says why
            spoken.update(said.prompt for said in spoken_prompts(line.tree))
    return frozenset(spoken)


def report(
    tree: Path, line: Line | None, walked: str, findings: Sequence[Finding], *, strict: bool = False
) -> None:
    """Print the findings and what was checked; exit with 1 for errors, or for any if strict."""
    for finding in findings:
        click.echo(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    told = []
    if line is not None:
        told += [counted(sum(1 for _ in line.tree.walk()), "node")]
        told += [counted(len(line.tree.languages), "language"), walked]
    told += [counted(errors, "error")] if errors else []
    told += [counted(warnings, "warning")] if warnings else []
    told += [] if findings else ["no findings"]
    click.echo(f"{tree}: {', '.join(told)}.")
    if errors or (warnings and strict):
        raise click.exceptions.Exit(1)


@contextmanager
def walking() -> "Iterator[Progress]":
    """A bar on a terminal while a tree is walked; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _walked, _known: None
        return
    with click.progressbar(length=1, label="walking", file=sys.stderr) as bar:

        def progress(walked: int, known: int) -> None:
            bar.length = known
            bar.update(walked - bar.pos)

        yield progress
