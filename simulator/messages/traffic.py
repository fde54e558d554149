"""What is kept of the wire, so that tests can check it."""

from dataclasses import dataclass
from typing import Self

from simulator.transport import Form
from simulator.webhook import WebhookError


@dataclass(slots=True)
class ApiRequest:
    """A request to the API as it came. ``Authorization`` is reduced to its scheme.

    Epoch seconds by the service's clock: ``came_at`` is when its last byte so far had reached this
    machine, where the server can tell, ``read_at`` when it was looked at, and ``answered_at`` when
    ``answer`` was made: the status and the ids of the messages in it. What is cut has no status.
    """

    method: str
    path: str
    query: Form
    form: Form
    headers: dict[str, str]
    came_at: float
    read_at: float
    answered_at: float | None = None
    answer: str = ""

    @property
    def about(self) -> str | None:
        """The recipient that it is about."""
        return dict(self.form if self.method == "POST" else self.query).get("To")


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
