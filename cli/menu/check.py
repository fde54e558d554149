"""``zoldszam menu check``: a tree is proven sound before callers meet it."""

from pathlib import Path

import click

from cli.menu.common import (
    folder_of,
    loaded,
    prompts_option,
    report,
    spoken_by_neighbours,
    tree_argument,
    walking,
)
from cli.menu.surroundings import SurroundingsFor
from ivr.lines.line_check import check_files
from ivr.opening_check import check_opening
from ivr.walk.proof import prove


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
