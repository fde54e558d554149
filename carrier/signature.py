"""Is this request from the telephone company? ``X-Twilio-Signature``, checked as Twilio signs.

The signed URL has to be the public one with its *raw* query string: ``request.url`` is decoded by
the framework and fails on escapes, and forwarding headers can be sent by anybody.
"""

from twilio.request_validator import RequestValidator, compare
from werkzeug.datastructures import MultiDict


class SignatureCheck:
    """Checks requests with the account's primary token; without a token nothing passes."""

    def __init__(self, auth_token: str | None) -> None:
        self._validator = RequestValidator(auth_token) if auth_token else None

    @property
    def is_shut(self) -> bool:
        """Whether no token is configured, so that every request is refused."""
        return self._validator is None

    def accepts(self, url: str, signed: MultiDict[str, str] | str, signature: str) -> bool:
        """Whether the signature fits the public URL and what was sent: a form, or a hashed body."""
        if self._validator is None:
            return False
        if isinstance(signed, str):
            if "bodySHA256=" not in url:
                return False
        elif compare(self._validator.compute_signature(url, signed), signature):
            # The usual case costs one hash; the full check also tries the address with and
            # without its port.
            return True
        return bool(self._validator.validate(url, signed, signature))
