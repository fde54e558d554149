"""Forms: WTForms with the words of our catalogue; the token against forgery is application-wide."""

from collections.abc import Iterable
from typing import Any

from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length


class Form(PlainForm):
    """A form whose labels and errors are marked by ``N_`` and translated where they are shown."""


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """What a field is chosen from: each value with its words."""
    return [SelectChoice(value, words) for value, words in pairs]


def required(message: str) -> InputRequired:
    """Refuse an empty field with this sentence."""
    return InputRequired(message)


def length(most: int, message: str) -> Length:
    """Refuse more signs than this with this sentence."""
    return Length(max=most, message=message)


def problems(form: Form) -> list[tuple[str, str]]:
    """Each error with the id of its field, in the order of the fields."""
    found: list[tuple[str, str]] = []
    for field in form:
        found += [(_first_id(field), str(error)) for error in field.errors]
    return found


def _first_id(field: Any) -> str:
    """A group of radio buttons is reached by its first."""
    return f"{field.id}-0" if field.type == "RadioField" else str(field.id)
