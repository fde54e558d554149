"""A candidate for a line's files: laid beside the others, loaded, checked and forgotten."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from common.findings import TreeError
from console.calls.menu_words import shown
from console.menu.findings import ToldFinding, check, told
from console.web.parts import parts
from ivr.lines.loading import load_published
from menus.exports.diff import Difference, differences
from menus.loader import Line

ENDINGS = (".yaml", ".yml")


class CandidateError(ValueError):
    """Files that cannot be told apart: one that is no YAML, or two menus."""


@dataclass(frozen=True)
class Compared:
    """What would be different, and what the check says; ``line`` is ``None`` if it cannot load."""

    line: Line | None
    differences: Sequence[Difference]
    findings: Sequence[ToldFinding]


def compare(name: str, line: Line, files: Mapping[str, bytes]) -> Compared:
    """Compare the line with its files where these take the place of some.

    A file with the name of one of the line's sentence files takes its place; another one is the
    menu. Nothing is kept. Raises ``CandidateError``.
    """
    defaults = parts().lines.defaults
    entry = next(each for each in shown().entries if each.name == name)
    prompts = entry.prompts or defaults.prompts
    known = {file.name for file in prompts.glob("*.yaml")}
    trees = [file for file in files if file not in known]
    if len(trees) > 1 or any(not file.endswith(ENDINGS) for file in files):
        raise CandidateError
    with TemporaryDirectory() as folder:
        beside = Path(folder) / "prompts"
        beside.mkdir()
        for file in known:
            shutil.copyfile(prompts / file, beside / file)
            if file in files:
                (beside / file).write_bytes(files[file])
        # Under the line's own name: what is uploaded never says where it is written.
        tree = Path(folder) / entry.tree.name
        tree.write_bytes(files[trees[0]] if trees else entry.tree.read_bytes())
        try:
            candidate = load_published(replace(entry, tree=tree, prompts=beside), defaults)
        except TreeError as error:
            return Compared(None, (), told(error.findings))
        return Compared(candidate, differences(line, candidate), told(check(name, candidate)))
