"""The page of the line, and the poll of its counts."""

from flask import Blueprint

from console.menu.line_page import figures as figures_block
from console.menu.line_page import line_page
from console.web.access import needs
from console.web.pages import Reply, answer_poll

blueprint = Blueprint("line", __name__)


@blueprint.get("/line")
@needs("menu.see")
def line() -> Reply:
    return line_page()


@blueprint.get("/line/figures")
@needs("menu.see", poll=True)
def figures() -> Reply:
    return answer_poll(figures_block())
