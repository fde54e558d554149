"""The application of the API: its operations behind their endpoint, and the document of them."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, Response, jsonify
from werkzeug.exceptions import NotFound

from api import campaigns, records, requests, stops
from api.endpoint import serve
from api.openapi import PREFIX, document
from api.operations import AnyOperation
from api.parts import ApiParts
from api.problems import add_problem_answers
from web_server.lenient_request import LenientRequest

MOST_BODY_BYTES = 8 * 1024 * 1024
"""Ten thousand rows of every table have room in it."""

OPERATIONS: tuple[AnyOperation, ...] = (
    *records.OPERATIONS,
    *requests.OPERATIONS,
    *campaigns.OPERATIONS,
    *stops.OPERATIONS,
)

_NAMED = re.compile(r"\{(\w+)\}")
_ID = re.compile("[0-9A-Za-z]{1,40}")


def create_application(parts: ApiParts) -> Flask:
    """Build it."""
    app = Flask("zoldszam.api", static_folder=None)
    app.request_class = LenientRequest
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.extensions["engine"] = parts.engine
    for operation in OPERATIONS:
        app.add_url_rule(
            PREFIX + _NAMED.sub(r"<\1>", operation.path),
            operation.name,
            _view(parts, operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    app.add_url_rule(
        f"{PREFIX}/openapi.json",
        "openapi",
        lambda: jsonify(_described()),
        provide_automatic_options=False,
    )
    app.after_request(_add_headers)
    add_problem_answers(app)
    return app


@lru_cache(maxsize=1)
def _described() -> dict[str, Any]:
    """The document, which is made when somebody asks for it, and once."""
    return document(OPERATIONS)


def _view(parts: ApiParts, operation: AnyOperation) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        if not all(_ID.fullmatch(value) for value in path.values()):
            raise NotFound
        return serve(parts, operation, path)

    return view


def _add_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
