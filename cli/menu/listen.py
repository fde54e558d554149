"""``zoldszam menu listen``: what a caller hears, in the order of hearing, read or spoken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from cli.menu.common import (
    language_of,
    language_option,
    loaded,
    prompts_option,
    report,
    tree_argument,
)
from cli.menu.espeak import Sound, installed_voice, silence, write_wav
from cli.menu.surroundings import SurroundingsFor, TreeSurroundings
from common.findings import suggest
from ivr.dialogue.effects import Listen, Said
from ivr.dialogue.engine import Turn
from ivr.listening import SILENCE, Audience, OutOfReachError, listen, until
from ivr.opening_check import words_of
from menus.lengths import seconds
from menus.line_checks import check_line
from menus.loader import Line

REST = "navigation.rest"
"""The sentence with which a long item rests; whoever keeps silent hears it to its end."""


@dataclass(frozen=True)
class Preview:
    """The turns that are heard, what is pressed after each, and why nothing more is heard."""

    turns: Sequence[Turn]
    pressed: Sequence[str]
    ended: str | None = None


@click.command("listen")
@tree_argument
@prompts_option
@language_option
@click.option("--node", metavar="ID", help="What is heard at this node alone.")
@click.option(
    "--keys",
    metavar="KEYS",
    help='A call from its first word in which these are pressed, such as "2 1 1"; "-" is silence.',
)
@click.option("--closed", is_flag=True, help="Call while the desks are closed.")
@click.option(
    "--wav",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it as a sound, too, spoken by espeak-ng.",
)
@click.pass_obj
def listen_command(
    surroundings_for: SurroundingsFor,
    tree: Path,
    prompts: Path | None,
    language: str | None,
    node: str | None,
    keys: str | None,
    closed: bool,
    wav: Path | None,
) -> None:
    """Tell what a caller hears, sentence by sentence, with the second at which each begins.

    It is the real dialogue, without any records: a transaction is heard up to where it asks them.
    A key is pressed as soon as it was offered. With --wav it can be listened to without a carrier;
    the seconds are then those of the voice, else reckoned.
    """
    if (node is None) == (keys is None):
        raise click.UsageError("Say either --node ID or --keys KEYS.")
    line = loaded(tree, prompts)
    audience = Audience(language_of(line, tree, language), is_open=not closed)
    surroundings = surroundings_for(tree)
    _refuse_errors(line, surroundings, tree)
    pressed = _keys_to(line, node) if node is not None else (keys or "").split()
    preview = _preview(line, surroundings, audience, pressed)
    if node is not None:
        if len(preview.turns) <= len(pressed):
            message = f"Nothing of '{node}' can be heard here: {preview.ended}."
            raise click.ClickException(f"{message} The demonstration has records (zoldszam demo).")
        preview = Preview(preview.turns[len(pressed) :], preview.pressed[len(pressed) :])
    _tell(line, preview, wav)
    if preview.ended is not None:
        click.echo(f"Here the preview ends: {preview.ended}.", err=True)


def _refuse_errors(line: Line, surroundings: TreeSurroundings, tree: Path) -> None:
    """Tell the errors of a tree that cannot be called, and end the command."""
    found = check_line(
        line,
        forms=surroundings.forms,
        desks=surroundings.hours,
        required_prompts=surroundings.prompts,
    )
    if errors := [finding for finding in found if finding.severity == "error"]:
        report(tree, line, "not called", errors)


def _keys_to(line: Line, node: str) -> list[str]:
    if node not in line.tree:
        hint = suggest(node, [each.id for each in line.tree.walk()])
        raise click.BadParameter(f"there is no node '{node}'. {hint}", param_hint="--node")
    return [key for key in line.tree.node(node).path.split(".") if key]


def _preview(
    line: Line, surroundings: TreeSurroundings, audience: Audience, keys: Sequence[str]
) -> Preview:
    """The call with these keys; where the last turn is a rest, it is heard to the end."""
    pressed = list(keys)
    while True:
        try:
            turns = listen(line, surroundings.hours, surroundings.forms, audience, pressed)
        except OutOfReachError as end:
            return Preview(end.turns, pressed[: len(end.turns) - 1], str(end))
        if not turns[-1].said or turns[-1].said[-1].text.prompt != REST:
            return Preview(turns, pressed)
        pressed.append(SILENCE)


def _tell(line: Line, preview: Preview, wav: Path | None) -> None:
    """Print what is heard with the second at which it begins, and write it as a sound."""
    speak = installed_voice() if wav is not None else None
    sounds: list[Sound] = []
    begins = 0.0
    for heard in _heard(preview):
        if isinstance(heard, Said):
            words = words_of(line, heard)
            click.echo(f"{begins:6.1f} s  {heard.text.prompt}: {words}")
            if speak is None:
                begins += seconds(words)
                continue
            sounds.append(speak(heard.language, words))
        else:
            key, patience = heard
            click.echo(f"{begins:6.1f} s  [{key}]")
            if speak is None or not sounds:
                begins += patience
                continue
            rate = sounds[-1].rate
            sounds.append(Sound(silence(patience, rate), rate))
        begins += sounds[-1].seconds
    click.echo(f"{begins:6.1f} s")
    if wav is not None and sounds:
        write_wav(wav, sounds)


def _heard(preview: Preview) -> Iterator[Said | tuple[str, int]]:
    """The sentences, and between them each key that is pressed and the silence before it."""
    for index, turn in enumerate(preview.turns):
        key = preview.pressed[index] if index < len(preview.pressed) else None
        yield from turn.said if key is None else until(turn.said, key)
        if key == SILENCE and isinstance(turn.wait, Listen):
            yield key, turn.wait.timeout
        elif key is not None:
            yield key, 0
