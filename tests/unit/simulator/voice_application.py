"""A voice application on a string: documents by path, every request checked.

Each request that the carrier sends in these tests has to pass Twilio's own validator.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from twilio.request_validator import RequestValidator
from werkzeug import Request, Response

from simulator import Carrier, SimulatedCall

TOKEN = "12345"
VALIDATOR = RequestValidator(TOKEN)
BASE = "https://ivr.example.hu"


@dataclass
class Service:
    """Answers ``/voice`` and other paths with what a test put there; keeps what it was sent."""

    answers: dict[str, Callable[[Request], Response]] = field(default_factory=dict)
    received: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def at(
        self,
        path: str,
        verbs: str,
        *,
        status: int = 200,
        content_type: str | None = "text/xml",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer ``path`` with these verbs inside a Response, or with text that is no verb."""
        text = f"<Response>{verbs}</Response>" if verbs.startswith("<") else verbs

        def answer(_: Request) -> Response:
            response = Response(text, status=status, headers=headers)
            response.headers.pop("Content-Type")
            if content_type is not None:
                response.headers["Content-Type"] = content_type
            return response

        self.answers[path] = answer

    def application(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        form = request.form.to_dict() | request.args.to_dict()
        signature = request.headers["X-Twilio-Signature"]
        # Not request.url, which is decoded: the signature is over the address as it was sent.
        query = request.query_string.decode()
        url = request.base_url + (f"?{query}" if query else "")
        assert VALIDATOR.validate(url, request.form, signature)
        self.received.append((request.path, form))
        answer = self.answers.get(request.path, lambda _: Response("not here", status=404))
        return answer(request)(environ, start_response)

    def forms(self, path: str) -> list[dict[str, str]]:
        return [form for received, form in self.received if received == path]


class Dial(Protocol):
    def __call__(self, verbs: str = "", *, listens: bool = True, **line: Any) -> SimulatedCall: ...


class NewCarrier(Protocol):
    def __call__(self, **line: Any) -> Carrier: ...
