"""Reading requests: media types, JSON into models, queries into models."""

import json
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from api.problems import MEDIA_TYPE, Problem, flaws_of_body

JSON = "application/json"

MOST_FLAWS = 20_000
"""Two of each row that a request may have. The library writes out all or none, and a body of
unknown names could hold a million: seconds of a processor and a gigabyte."""

Asked = TypeVar("Asked", bound=BaseModel)


def require_acceptable() -> None:
    """Raise 406 when whoever asks takes neither our answers nor our problems."""
    if request.accept_mimetypes and not request.accept_mimetypes.best_match([JSON, MEDIA_TYPE]):
        raise Problem(406, "not-acceptable", f"Answers are {JSON}. Accept that.")


def require_json() -> None:
    """Raise 415 for a body that is not said to be JSON in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != JSON or charset not in ("utf-8", "utf8"):
        raise Problem(
            415,
            "unsupported-media-type",
            f"The body is not said to be JSON. Send Content-Type: {JSON}.",
            headers={"Accept-Post": JSON},
        )
    if request.content_encoding:
        raise Problem(
            415,
            "unsupported-media-type",
            "Compressed bodies are not read. Send it without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )


def whole_body() -> bytes:
    """The body. Raises 413 for one that is longer than it may be.

    Of a body that is sent in chunks the framework gives no more than the limit, and says nothing.
    """
    raw = request.get_data()
    if len(raw) >= (request.max_content_length or len(raw) + 1):
        raise RequestEntityTooLarge
    return raw


def body_as(model: type[Asked], raw: bytes) -> Asked:
    """The body as its model. Raises 400 for what is no JSON, 422 for another shape.

    Of a name that stands in an object twice the parser would drop the first value without a word.
    """
    try:
        asked = model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if _is_no_json(error):
            raise Problem(400, "not-json", "The body is no JSON. Correct it.") from None
        raise _unsound("body", error) from None
    # Only now: what is too deep, or no JSON, is refused by then.
    json.loads(raw, object_pairs_hook=_named_once, parse_int=str, parse_float=str)
    return asked


def _is_no_json(error: ValidationError) -> bool:
    # Of what is no JSON nothing else is told.
    return error.error_count() == 1 and error.errors(include_url=False)[0]["type"] == "json_invalid"


def _named_once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise Problem(422, "body-unsound", "A name is in an object of the body twice. Keep one.")


def query_as(model: type[Asked]) -> Asked:
    """The query as its model. Raises 422."""
    given: MultiDict[str, str] = request.args
    twice = sorted(name for name in given if len(given.getlist(name)) > 1)
    if twice:
        raise Problem(422, "query-unsound", "A parameter is there twice. Keep one.")
    try:
        return model.model_validate_strings(given.to_dict())
    except ValidationError as error:
        raise _unsound("query", error) from None


def _unsound(what: str, error: ValidationError) -> Problem:
    if error.error_count() > MOST_FLAWS:
        return Problem(
            422,
            f"{what}-unsound",
            f"More than {MOST_FLAWS:,} places of the {what} are not as they should be. "
            "Correct one row by the description of the API, and send it alone.",
            error_count=error.error_count(),
        )
    return Problem(
        422,
        f"{what}-unsound",
        f"The {what} is not as it should be. Correct what the errors name.",
        errors=flaws_of_body(error)[:50],
        error_count=error.error_count(),
    )
