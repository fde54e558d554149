"""Verifies ``X-Twilio-Signature``, as Twilio signs.

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
    """Checks requests with the account's primary token; without a token nothing passes.

    While the token is changed there is ``previous`` beside it: the carrier signs with the old one
    until the new one is promoted, and what either has signed passes.
    """

    def __init__(self, auth_token: str | None, previous: str | None = None) -> None:
        tokens = [token for token in (auth_token, previous) if token]
        # The key's own blocks are hashed once; a copy costs half of what a new one does.
        self._keyed = [hmac.new(token.encode(), digestmod="sha1") for token in tokens]
        self._validators = [RequestValidator(token) for token in tokens]

    @property
    def is_shut(self) -> bool:
        """Whether no token is configured, so that every request is refused."""
        return not self._keyed

    def fits(self, url: str, fields: Iterable[tuple[str, str]], signature: str) -> bool:
        """Whether the signature is that of this very address and form.

        Twilio's algorithm: the address, then each field's name and value, sorted by both, each
        pair once. https://www.twilio.com/docs/usage/security
        """
        # Sorted first: a set would give the fields to the sort in no order.
        signed = "".join(chain((url,), *dict.fromkeys(sorted(fields)))).encode()
        given = signature.encode("ascii", "replace")
        for key in self._keyed:
            keyed = key.copy()
            keyed.update(signed)
            if hmac.compare_digest(b2a_base64(keyed.digest(), newline=False), given):
                return True
        return False

    def accepts(self, url: str, signed: Iterable[tuple[str, str]] | str, signature: str) -> bool:
        """Whether the signature fits the public URL and what was sent: a form, or a hashed body.

        Twilio's own validator, which also tries the address with and without its port.
        """
        if isinstance(signed, str):
            return "bodySHA256=" in url and self._validate(url, signed, signature)
        fields = list(signed)
        # The usual case costs one hash.
        return self.fits(url, fields, signature) or self._validate(
            url, MultiDict(fields), signature
        )

    def _validate(self, url: str, signed: MultiDict[str, str] | str, signature: str) -> bool:
        return any(each.validate(url, signed, signature) for each in self._validators)
