"""Is this request from the telephone company? ``X-Twilio-Signature``, checked as Twilio signs.

The signed URL is rebuilt from the configured public address, the path and the *raw* query string:
``request.url`` is decoded by the framework and fails on escapes (reference: Twilio's "Webhooks
security"). Forwarding headers are never trusted.
"""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict


class SignatureCheck:
    """Checks requests with the account's primary token; without a token nothing passes."""

    def __init__(self, auth_token: str | None) -> None:
        self._validator = RequestValidator(auth_token) if auth_token else None

    @property
    def is_shut(self) -> bool:
        """Whether no token is configured, so that every request is refused."""
        return self._validator is None

    def accepts(self, url: str, form: Sequence[tuple[str, str]], body: str, signature: str) -> bool:
        """Whether the signature fits the public URL and the form, or the body when it is hashed."""
        if self._validator is None:
            return False
        hashed = "bodySHA256" in parse_qs(urlsplit(url).query)
        signed = body if hashed else MultiDict(form)
        return bool(self._validator.validate(url, signed, signature))
