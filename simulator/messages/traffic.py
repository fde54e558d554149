"""What is kept of the wire, so that tests can check it."""

from dataclasses import dataclass
from typing import Self

from simulator.transport import Form
from simulator.webhook import WebhookError


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request to the API as it came. ``Authorization`` is reduced to its scheme."""

    method: str
    path: str
    query: Form
    form: Form
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class WebhookFailure:
    """A webhook that nobody took, or an answer to one that cannot be sent."""

    code: int
    text: str
    url: str
    status: int | None

    @classmethod
    def of(cls, error: WebhookError) -> Self:
        return cls(error.code, error.text, error.url, error.status)
