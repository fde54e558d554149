"""A service that sends messages: it keeps what the carrier tells it, every request checked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from twilio.request_validator import RequestValidator
from werkzeug import Request, Response

from simulator import WsgiTransport
from simulator.messages import Delays, MessageService

ACCOUNT = "AC" + "0" * 32
TOKEN = "12345"
VALIDATOR = RequestValidator(TOKEN)
BASE = "https://ivr.example.hu"
SENDER = "+36209383838"
CUSTOMER = "+36301234567"


@dataclass
class SmsApplication:
    """Answers every path with the messages that a test put there."""

    answer: str = ""
    content_type: str = "text/xml"
    status: int = 200
    received: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def application(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        query = request.query_string.decode()
        target = request.path + (f"?{query}" if query else "")
        signature = request.headers["X-Twilio-Signature"]
        url = request.host_url.rstrip("/") + target
        assert VALIDATOR.validate(url, request.form, signature)
        self.received.append((target, request.form.to_dict()))
        self.headers.append(dict(request.headers))
        response = Response(self.answer, status=self.status, content_type=self.content_type)
        return response(environ, start_response)

    @property
    def statuses(self) -> list[str]:
        """The statuses told, in the order they came."""
        return [form["MessageStatus"] for _, form in self.received if "MessageStatus" in form]


@contextmanager
def message_service(application: SmsApplication, **settings: Any) -> Iterator[MessageService]:
    """A carrier of messages in front of ``application`` that delivers without delay."""
    given: dict[str, Any] = {
        "transport": WsgiTransport(application.application),
        "rng": Random(1),  # noqa: S311 - ids that repeat from run to run
        "delays": Delays(0.0, 0.0),
    }
    service = MessageService(ACCOUNT, TOKEN, f"{BASE}/sms/inbound", **(given | settings))
    try:
        yield service
    finally:
        service.close()


def form(**fields: str) -> list[tuple[str, str]]:
    """A request that creates a message; a field given empty is left out."""
    usual = {"To": CUSTOMER, "From": SENDER, "Body": "Üdvözöljük!"}
    return [(name, value) for name, value in (usual | fields).items() if value]


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Return as soon as the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)
