"""What the simulator's pages send: JSON objects and their fields."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

LONGEST_NUMBER = 64


def sent_object() -> dict[str, Any]:
    """The JSON object that was sent; being JSON, no foreign page's form can have sent it."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is wanted")
    return body


def sent_number(name: str) -> str:
    number = sent_object().get(name)
    if not isinstance(number, str) or not 0 < len(number) <= LONGEST_NUMBER:
        raise BadRequest(f"{name}: a number of 1 to {LONGEST_NUMBER} characters is wanted")
    if not number.isprintable():
        raise BadRequest(f"{name}: holds characters that cannot be printed")
    return number
