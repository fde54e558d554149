"""The findings of a line's menu, sentences and sounds, each at its place in the files."""

from flask import Blueprint, request

from console.calls.menu_words import lines
from console.menu.chosen import chosen_line
from console.menu.findings import findings_of, told
from console.web.access import needs
from console.web.pages import Reply, page
from console.web.words import _

blueprint = Blueprint("check", __name__)


@blueprint.get("/tree/check")
@needs("menu.see")
def check() -> Reply:
    name, line = chosen_line(request.args)
    return page(
        "tree/check.html",
        title=_("Check of the menu"),
        name=name,
        lines=lines(),
        findings=told(findings_of(name, line)),
        version=line.tree_hash[:12],
    )
