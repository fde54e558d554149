"""Is this request from the telephone company? ``X-Twilio-Signature``, checked as Twilio signs.

The signed URL has to be the public one with its *raw* query string: ``request.url`` is decoded by
the framework and fails on escapes, and forwarding headers can be sent by anybody.
"""

import hmac
from binascii import b2a_base64
from collections.abc import Iterable
from itertools import chain

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict


class SignatureCheck:
    """Checks requests with the account's primary token; without a token nothing passes."""

    def __init__(self, auth_token: str | None) -> None:
        # The key's own blocks are hashed once; a copy costs half of what a new one does.
        self._keyed = hmac.new((auth_token or "").encode(), digestmod="sha1")
        self._validator = RequestValidator(auth_token) if auth_token else None

    @property
    def is_shut(self) -> bool:
        """Whether no token is configured, so that every request is refused."""
        return self._validator is None

    def fits(self, url: str, fields: Iterable[tuple[str, str]], signature: str) -> bool:
        """Whether the signature is that of this very address and form.

        Twilio's algorithm: the address, then each field's name and value, sorted by both, each
        pair once. https://www.twilio.com/docs/usage/security
        """
        if self._validator is None:
            return False
        signed = "".join(chain((url,), *sorted(set(fields)))).encode()
        keyed = self._keyed.copy()
        keyed.update(signed)
        computed = b2a_base64(keyed.digest(), newline=False)
        return hmac.compare_digest(computed, signature.encode("ascii", "replace"))

    def accepts(self, url: str, signed: Iterable[tuple[str, str]] | str, signature: str) -> bool:
        """Whether the signature fits the public URL and what was sent: a form, or a hashed body.

        Twilio's own validator, which also tries the address with and without its port.
        """
        if self._validator is None:
            return False
        if isinstance(signed, str):
            if "bodySHA256=" not in url:
                return False
            return bool(self._validator.validate(url, signed, signature))
        fields = list(signed)
        # The usual case costs one hash.
        if self.fits(url, fields, signature):
            return True
        return bool(self._validator.validate(url, MultiDict(fields), signature))
