"""``zoldszam menu show``: a tree as text."""

from pathlib import Path

import click

from cli.menu.common import language_of, language_option, loaded, prompts_option, tree_argument
from menus.exports.outline import show


@click.command("show")
@tree_argument
@prompts_option
@language_option
def show_command(tree: Path, prompts: Path | None, language: str | None) -> None:
    """Print a tree, one line a node: its path, kind and id, and what the caller hears of it."""
    line = loaded(tree, prompts)
    click.echo(show(line, language_of(line, tree, language)))
