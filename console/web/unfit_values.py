"""Values of requests that no database holds: refused before anything looks them up."""

from collections.abc import Iterator

from flask import Response, request
from werkzeug.exceptions import BadHost, BadRequest, NotFound

from console.web.pages import FORM_KEY

MOST_KEY = 64
"""Characters of the key of a form; ours have 32."""

MOST_NUMBER = 2**63 - 1
"""Of a row, on both databases."""


def refuse_unfit_host() -> Response | None:
    """Answer a request for a host that no name can be: without a page, whose links need one."""
    if isinstance(request.routing_exception, BadHost):
        return Response("400 Bad Request\n", 400, mimetype="text/plain")
    return None


def refuse_unfit_values() -> None:
    """Raise ``NotFound`` for a number that no row can have, ``BadRequest`` for a value of no page.

    PostgreSQL has no NUL in a text, and neither has a page. The key of a form is the one value that
    is stored under an index as it was sent, and no index takes some thousand characters. To be
    called after the check of the form's token, which reads the form.
    """
    named = (request.view_args or {}).values()
    if any(isinstance(value, int) and value > MOST_NUMBER for value in named):
        raise NotFound
    if any("\0" in value for value in _texts()):
        raise BadRequest
    if len(request.form.get(FORM_KEY, "")) > MOST_KEY:
        raise BadRequest


def _texts() -> Iterator[str]:
    yield request.path
    for source in (request.args, request.form):
        for name, value in source.items(multi=True):
            yield name
            yield value
