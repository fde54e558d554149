"""``zoldszam menu``: check a tree before callers meet it, look at it, and hand it on."""

from pathlib import Path
from typing import TextIO

import click

from cli.menu.common import (
    SurroundingsFor,
    folder_of,
    language_of,
    language_option,
    loaded,
    prompts_option,
    report,
    spoken_by_neighbours,
    surroundings_of,
    tree_argument,
    walking,
)
from cli.menu.exports import diff_command, guide_command, phrases_command, schema_command
from cli.menu.listen import listen_command
from ivr.lines.line_check import check_files
from ivr.opening_check import check_opening
from ivr.walk.proof import prove
from menus.exports.mermaid import mermaid
from menus.exports.outline import show
from menus.exports.svg import svg


def menu_group(surroundings_for: SurroundingsFor) -> click.Group:
    """The commands, given what tells the forms, desks and prompts around a tree."""

    @click.group("menu", context_settings={"obj": surroundings_for})
    def group() -> None:
        """Check and show the menu tree: everything that a caller can reach.

        TREE is a YAML file; without one the variable MENU_TREE names it, or else it is
        menu_tree.yaml. The sentences are in the folder menus/prompts, one file a language. A tree
        that LINES_FILE, or else the shipped lines.yaml, names has the desks, sentences, languages
        and opening that are named there.
        docs/menu.md explains the language and each command.
        """

    for command in (
        check_command,
        show_command,
        draw_command,
        schema_command,
        phrases_command,
        diff_command,
        guide_command,
        listen_command,
    ):
        group.add_command(command)
    return group


@click.command("check")
@tree_argument
@prompts_option
@click.option("--strict", is_flag=True, help="Let warnings fail the command, too.")
@click.pass_obj
def check_command(
    surroundings_for: SurroundingsFor, tree: Path, prompts: Path | None, strict: bool
) -> None:
    """Prove that a tree is fit for callers.

    Every flaw is printed as FILE:LINE:COLUMN with a hint: keys with gaps, ids that
    repeat, unknown forms and desks, published paths that moved, dead ends, sentences that are
    missing or differ between languages, the key named before the action, menus and statements too
    long to listen to, messages that break a rule or take several parts, recordings that say other
    words.

    A tree without errors is then walked: the real dialogue, from every state by every key, silence
    and hang-up, until nothing new is found. That takes seconds.

    Exits with 1 when there is an error; warnings alone leave 0, unless --strict is given.
    """
    line = loaded(tree, prompts)
    surroundings = surroundings_for(tree)
    findings = check_files(
        line,
        surroundings.forms,
        surroundings.hours,
        surroundings.prompts,
        surroundings.facts,
        surroundings.recordings,
        spoken_by_neighbours(tree, folder_of(tree, prompts)),
    )
    walked = "not walked"
    if not any(finding.severity == "error" for finding in findings):
        findings += check_opening(line, surroundings.hours, surroundings.forms)
        with walking() as progress:
            proof = prove(line, surroundings.forms, surroundings.hours, progress)
        walked = f"walked {proof.states:,} states in {proof.steps:,} steps"
        findings += proof.findings
    report(tree, line, walked, findings, strict=strict)


@click.command("show")
@tree_argument
@prompts_option
@language_option
def show_command(tree: Path, prompts: Path | None, language: str | None) -> None:
    """Print a tree, one line a node: its path, kind and id, and what the caller hears of it."""
    line = loaded(tree, prompts)
    click.echo(show(line, language_of(line, tree, language)))


@click.command("draw")
@tree_argument
@prompts_option
@language_option
@click.option(
    "--svg",
    "picture",
    metavar="FILE",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write a picture for a page, wide or tall; - is standard output.",
)
@click.option(
    "--mermaid", "as_mermaid", is_flag=True, help="Print Mermaid; so it is without --svg."
)
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="N", help="Leave out what is more keys away."
)
def draw_command(
    tree: Path,
    prompts: Path | None,
    language: str | None,
    picture: TextIO | None,
    as_mermaid: bool,
    depth: int | None,
) -> None:
    """Draw a tree: as a Mermaid flowchart, which code hosts show as a picture, or as SVG.

    The SVG fills a landscape page, needs nothing from elsewhere, and can be read aloud.
    """
    line = loaded(tree, prompts)
    spoken = language_of(line, tree, language)
    if picture is not None:
        picture.write(svg(line, spoken, depth))
    if picture is None or as_mermaid:
        click.echo(mermaid(line, spoken, depth))


menu_command = menu_group(surroundings_of)
