"""``zoldszam menu draw``: a tree as a picture."""

from pathlib import Path
from typing import TextIO

import click

from cli.menu.common import language_of, language_option, loaded, prompts_option, tree_argument
from menus.exports.mermaid import mermaid
from menus.exports.svg import svg


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
