"""Answers calls' turns and ends before the web framework, which would cost more than they do.

Nothing is decided here: what is not a carrier's signed POST of a form, word for word, goes on to
the application untouched, which refuses it, answers it or takes it in another way. See
docs/decisions/0079-turn-middleware.md.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, TypeAlias

from carrier.form import first_values, form_fields
from ivr.webhooks import DOCUMENT_HEADERS, names_a_call
from telemetry.log_context import bind, next_request, unbind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from carrier.webhook_guard import WebhookGuard
    from ivr.webhooks import VoiceWebhooks

_Answer: TypeAlias = tuple[str, list[tuple[str, str]], bytes]
"""Status line, headers and body."""

_FORM = "application/x-www-form-urlencoded"
_HEARD = {"": None, "heard=silence": "silence", "heard=dial": "dial"}
"""The query strings of the addresses that our own documents name."""

_STATUS = "/voice/status"
_PATH = re.compile(rf"/voice/(?:incoming|turns/([0-9]{{1,4}}))|{_STATUS}")
_MOST_LENGTH_DIGITS = 9

_DOCUMENT_HEADERS = list(DOCUMENT_HEADERS.items())
_NO_WORDS = list({**DOCUMENT_HEADERS, "Content-Type": "text/html; charset=utf-8"}.items())
_STATUS_ANSWERS: dict[int, _Answer] = {
    204: ("204 No Content", _NO_WORDS, b""),
    503: ("503 Service Unavailable", [*_NO_WORDS, ("Content-Length", "0")], b""),
}
"""As the framework answers without words."""


class TurnMiddleware:
    """A WSGI application that answers usual turns itself; ``application`` answers everything else.

    ``most_bytes`` is the size of the largest form that it reads.
    """

    def __init__(
        self,
        application: WSGIApplication,
        webhooks: VoiceWebhooks,
        guard: WebhookGuard,
        *,
        most_bytes: int,
    ) -> None:
        self.application = application
        self._webhooks = webhooks
        self._guard = guard
        self._most_bytes = most_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ids = bind({"request": next_request()})
        try:
            answer = self._answer(environ)
            if answer is None:
                return self.application(environ, start_response)
        finally:
            unbind(ids)
        status, headers, body = answer
        start_response(status, headers.copy())
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> _Answer | None:
        """The answer to a usual turn; ``None``, with the body as it was, for anything else."""
        path = _PATH.fullmatch(environ["PATH_INFO"])
        query = environ.get("QUERY_STRING", "")
        base_url = self._guard.public_url
        if path is None or query not in _HEARD or base_url is None:
            return None
        body = self._form(environ)
        if body is None:
            return None
        form = form_fields(body)
        url = f"{base_url}{path[0]}?{query}" if query else f"{base_url}{path[0]}"
        if not self._guard.check.fits(url, form, environ.get("HTTP_X_TWILIO_SIGNATURE", "")):
            return None
        fields = first_values(form)
        if not names_a_call(fields):
            return None
        if path[0] == _STATUS:
            return _STATUS_ANSWERS[self._webhooks.told_status(fields)]
        if path[1] is None:
            document = self._webhooks.incoming(fields, base_url)
        else:
            document = self._webhooks.turn(int(path[1]), _HEARD[query], fields, base_url)
        length = ("Content-Length", str(len(document)))
        return "200 OK", [*_DOCUMENT_HEADERS, length], document

    def _form(self, environ: WSGIEnvironment) -> bytes | None:
        """The whole body of a POST of a form, to be read once more; ``None`` for another kind."""
        length = environ.get("CONTENT_LENGTH", "")
        if environ["REQUEST_METHOD"] != "POST" or not length.isascii() or not length.isdigit():
            return None
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != _FORM or len(length) > _MOST_LENGTH_DIGITS or int(length) > self._most_bytes:
            return None
        body: bytes = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        return body if len(body) == int(length) else None
