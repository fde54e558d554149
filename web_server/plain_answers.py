"""Answers of the webhooks' service that no browser may take for something else."""

from flask import Flask, Response
from werkzeug.exceptions import HTTPException


def answer_plainly(app: Flask) -> None:
    """Refusals are one constant line each, and what is sent is what it says it is.

    Nothing of a request, of the program or of a library is told.
    """
    app.register_error_handler(HTTPException, _refusal)
    app.after_request(_without_guessing)


def _refusal(error: HTTPException) -> Response:
    headers = {
        name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    }
    line = f"{error.code or 500} {error.name}\n"
    return Response(line, error.code or 500, headers, mimetype="text/plain")


def _without_guessing(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
