"""What would change: files that are chosen are compared with what callers hear, and not taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, request
from wtforms import MultipleFileField

from console.calls.menu_words import lines, topic
from console.menu.candidate import CandidateError, Compared, compare
from console.menu.chosen import chosen_line
from console.web.access import needs
from console.web.forms import Form
from console.web.pages import Reply, page, refused
from console.web.words import N_, _, language, ngettext, word
from menus.exports.diff import Change, Difference
from menus.loader import Line
from menus.print_forms import written

blueprint = Blueprint("changes", __name__)

MOST_BYTES = 1024 * 1024
"""Of all files together; the shipped menu and its sentences have less than a fifth of it."""

MOST_SHOWN = 200

_OF_PATHS = frozenset({Change.PATH_ADDED, Change.PATH_CHANGED, Change.PATH_REMOVED})


class FilesForm(Form):
    """The files of a candidate."""

    files = MultipleFileField(N_("Files"))


@dataclass(frozen=True, slots=True)
class ToldDifference:
    """A difference in words; ``before`` and ``after`` are sentences in ``language``."""

    text: str
    language: str = ""
    before: str = ""
    after: str = ""
    is_grave: bool = False


@blueprint.get("/tree/changes")
@needs("menu.see")
def changes() -> Reply:
    return page("tree/changes.html", title=_("What would change?"), form=FilesForm(), **_line())


@blueprint.post("/tree/changes")
@needs("menu.see", most_bytes=MOST_BYTES)
def compared() -> Reply:
    """Tell what would change; nothing is kept, so a reload does no harm."""
    name, line = chosen_line(request.args)
    form, title = FilesForm(), _("What would change?")
    sent = [each for each in request.files.getlist("files") if each.filename]
    files = {PurePosixPath(each.filename or "").name: each.read() for each in sent}
    if not files:
        form.files.errors = [N_("Choose a file.")]
        return refused("tree/changes.html", title=title, form=form, **_line())
    try:
        found = compare(name, line, files)
    except CandidateError:
        form.files.errors = [N_("Choose one menu, files of sentences, or both, all of them YAML.")]
        return refused("tree/changes.html", title=title, form=form, **_line())
    return page(
        "tree/changes.html",
        title=title,
        form=form,
        found=found,
        differences=_told(line, found)[:MOST_SHOWN],
        not_shown=max(len(found.differences) - MOST_SHOWN, 0),
        files=sorted(files),
        **_line(),
    )


def _line() -> dict[str, Any]:
    name, _shown = chosen_line(request.args)
    return {"name": name, "lines": lines()}


def _told(line: Line, found: Compared) -> Sequence[ToldDifference]:
    return [_difference(line, found.line or line, each) for each in found.differences]


def _difference(old: Line, new: Line, difference: Difference) -> ToldDifference:
    change = difference.change
    are_words = change in {Change.WORDS_ADDED, Change.WORDS_CHANGED, Change.WORDS_REMOVED}
    first, nothing = _("First menu"), _("none")
    if change is Change.MOVED:
        nothing = first
    before, after = difference.before or nothing, difference.after or nothing
    if change is Change.KIND_CHANGED:
        before, after = _kind(before), _kind(after)
    elif change in _OF_PATHS:
        before, after = _name(old, new, before), _name(old, new, after)
    # The first menu has no path, and its name is told.
    place = difference.place or (first if change in {Change.MOVED, Change.RENAMED} else "")
    values = {
        "what": _what(difference),
        "name": _name(old, new, difference.name),
        "place": place,
        "before": before,
        "after": after,
        "language": written(difference.language).own_name if difference.language else "",
        "below": _below(difference.below),
    }
    return ToldDifference(
        " ".join((word("menu change", change) % values).split()),
        difference.language,
        difference.before if are_words else "",
        difference.after if are_words else "",
        change in _OF_PATHS - {Change.PATH_ADDED},
    )


def _what(difference: Difference) -> str:
    match difference.change:
        case Change.SETTING | Change.LIMIT | Change.DETAIL_CHANGED:
            return word("menu detail", difference.what)
        case Change.ADDED | Change.REMOVED | Change.MOVED:
            return _kind(difference.what)
        case _:
            return difference.what


def _kind(name: str) -> str:
    kinds: dict[str, str] = {
        kind.__name__.lower(): words for kind, words in written(language()).kinds.items()
    }
    return kinds.get(name, name)


def _name(old: Line, new: Line, node: str) -> str:
    """The topic of a node, in the user's language where the line speaks it, with its id."""
    for line in (new, old):
        if node in line.tree:
            told = topic(line, line.tree.node(node))
            return f"{told} ({node})" if told != node else node
    return node


def _below(count: int) -> str:
    if not count:
        return ""
    return ngettext(", with %(n)s item below", ", with %(n)s items below", count)
