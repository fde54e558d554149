"""``zoldszam menu schema|phrases|diff|guide``: a tree for editors, studios and customers."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import click

from cli.menu.common import (
    default_prompts,
    entry_of,
    language_of,
    language_option,
    loaded,
    prompts_option,
    report,
    tree_argument,
)
from cli.menu.espeak import installed_voice
from cli.menu.measure import SPOKEN, measure_table, measures, spoken_seconds
from cli.menu.surroundings import SurroundingsFor
from cli.support.common import counted, telephone
from common.csv_files.writing import write_csv
from common.findings import TreeError
from menus.exports.diff import differences
from menus.exports.guide import guide
from menus.exports.json_schema import schema_text
from menus.exports.phrases import COLUMNS, Sentence, sentences, table_rows
from menus.line_checks import check_line
from menus.loader import Line, load_line
from menus.recordings import load_recordings, mark_recorded

SAME, DIFFERENT, TROUBLE = 0, 1, 2
"""Exit codes of ``diff``, as those of the program of that name."""


@click.command("schema")
def schema_command() -> None:
    """Print the menu language as JSON Schema, so that editors complete and check a tree.

    The shipped copy is menus/menu_tree.schema.json; docs/menu.md tells how an editor finds it.
    """
    click.echo(schema_text(), nl=False)


@click.command("phrases")
@tree_argument
@prompts_option
@language_option
@click.option(
    "--csv",
    "table",
    metavar="FILE",
    type=click.File("w", encoding="utf-8-sig", lazy=True),
    help="Write a table for translators or a studio; - is standard output.",
)
@click.option(
    "--mark-recorded",
    is_flag=True,
    help="Vouch that each sound which is new or replaced says the present words.",
)
@click.option(
    "--measure",
    is_flag=True,
    help="Have each sentence spoken by espeak-ng, and tell how long it is.",
)
@click.pass_obj
def phrases_command(
    surroundings_for: SurroundingsFor,
    tree: Path,
    prompts: Path | None,
    language: str | None,
    table: TextIO | None,
    mark_recorded: bool,
    measure: bool,
) -> None:
    """List all sentences of a language: where each is said, its slots, about how long it takes.

    With a folder of sounds (the variable RECORDINGS) it tells of each sentence whether it is
    recorded: "missing" ones can be, "stale" ones have other words by now, those with "slots" are
    always spoken by the carrier's voice. --measure adds how long a real voice takes, and when the
    options of the first menu begin.
    """
    speak = installed_voice() if measure else None
    line = loaded(tree, prompts)
    spoken = language_of(line, tree, language)
    surroundings = surroundings_for(tree)
    if mark_recorded:
        _mark(line, spoken, surroundings.recordings)
    recordings = load_recordings(surroundings.recordings, line.phrasebooks)
    known = recordings if surroundings.recordings is not None else None
    said = sentences(line, spoken, set(surroundings.prompts), known)
    spoken_by = spoken_seconds(line, spoken, said, speak) if speak else {}
    if table is not None:
        write_csv(table, *_columns(said, spoken_by if speak else None))
    else:
        _list(said, spoken_by, with_sounds=known is not None)
    click.echo(_summary(said), err=table is not None)
    if speak:
        found = list(measures(line, surroundings, spoken, spoken_by, speak))
        click.echo(measure_table(line, spoken, found, spoken_by), err=table is not None)


def _columns(
    said: tuple[Sentence, ...], spoken: Mapping[str, float] | None
) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """The header and the rows of the table; what was measured is its last column."""
    if spoken is None:
        return COLUMNS, table_rows(said)
    measured = (f"{spoken[each.prompt]:.1f}" if each.prompt in spoken else "" for each in said)
    rows = ((*row, aloud) for row, aloud in zip(table_rows(said), measured, strict=True))
    return (*COLUMNS, SPOKEN), rows


def _list(said: tuple[Sentence, ...], spoken: Mapping[str, float], *, with_sounds: bool) -> None:
    width = max(len(each.prompt) for each in said)
    for each in said:
        aloud = f" ({spoken[each.prompt]:.1f})" if each.prompt in spoken else ""
        sound = f"  {each.sound or '':<8}" if with_sounds else ""
        places = ", ".join(each.places)
        length = f"{each.seconds:4.1f} s{aloud}"
        click.echo(f"{each.prompt:<{width}}  {length}{sound}  [{places}] {each.words}")


def _mark(line: Line, language: str, folder: Path | None) -> None:
    if folder is None:
        raise click.UsageError("Set RECORDINGS to the folder with the sounds.")
    if not (folder / language).is_dir():
        raise click.UsageError(f"There is no folder {folder / language}.")
    vouched = mark_recorded(folder, language, line.phrasebooks[language])
    click.echo(f"{counted(len(vouched), 'sound')} marked in {folder / language}.", err=True)


def _summary(said: tuple[Sentence, ...]) -> str:
    minutes = sum(each.seconds for each in said) / 60
    told = [f"{counted(len(said), 'sentence')}, about {minutes:.0f} min"]
    counts = {
        sound: sum(each.sound == sound for each in said)
        for sound in ("recorded", "unmarked", "stale", "missing")
    }
    if any(each.sound for each in said):
        told += [f"{count} {sound}" for sound, count in counts.items()]
    return f"{'; '.join([told[0], ', '.join(told[1:])] if told[1:] else told)}."


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--old-prompts", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--new-prompts", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def diff_command(old: Path, new: Path, old_prompts: Path | None, new_prompts: Path | None) -> None:
    """Tell in words what is different between two trees and their sentences.

    OLD and NEW are tree files, or folders with a menu_tree.yaml, such as two checkouts. Sentences
    are where the options or a line of LINES say, else beside the tree, in menus/prompts or prompts.

    Exits with 0 when nothing is different, 1 when something is, 2 when a tree cannot be loaded.
    """
    try:
        lines = (_found(old, old_prompts), _found(new, new_prompts))
    except TreeError as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(TROUBLE) from error
    told = differences(*lines)
    for each in told:
        click.echo(str(each))
    sys.exit(DIFFERENT if told else SAME)


def _found(place: Path, prompts: Path | None) -> Line:
    tree = place / "menu_tree.yaml" if place.is_dir() else place
    # Languages and opening of an entry are left out: the version compared may have no entry.
    entry = entry_of(tree)
    prompts = prompts or (entry.prompts if entry else None)
    folder = tree.parent
    beside = [folder / "menus" / "prompts", folder / "prompts", folder.parent / "prompts"]
    present = (each for each in beside if each.is_dir())
    return load_line(tree, prompts or next(present, default_prompts()))


@click.command("guide")
@tree_argument
@prompts_option
@click.option(
    "--language", metavar="LANGUAGE", help="One language only; all of the tree's if unsaid."
)
@click.option(
    "--html",
    "file",
    metavar="FILE",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="Where to write the page; standard output if unsaid.",
)
@click.option(
    "--messages",
    metavar="NUMBER",
    callback=telephone,
    help="The number that takes text messages; SMS_FROM if unsaid.",
)
@click.pass_obj
def guide_command(
    surroundings_for: SurroundingsFor,
    tree: Path,
    prompts: Path | None,
    language: str | None,
    file: TextIO,
    messages: str | None,
) -> None:
    """Write a guide for customers: every item with its keys, the numbers and the agents' hours.

    A page of HTML, made for print in large type on A4; a browser's "save as PDF" makes the PDF.
    Where a number takes text messages, it tells what can be asked in one, too.
    """
    line = loaded(tree, prompts)
    surroundings = surroundings_for(tree)
    findings = check_line(line, forms=None, desks=surroundings.hours)
    if unknown := [finding for finding in findings if finding.code == "unknown-desk"]:
        # The page tells the hours of each desk.
        report(tree, line, "not walked", unknown)
    languages = line.tree.languages if language is None else (language_of(line, tree, language),)
    numbers = surroundings.numbers or surroundings.desk_lines.get(line.tree.operator, ())
    file.write(
        guide(line, languages, surroundings.hours, numbers, messages or surroundings.messages)
    )
