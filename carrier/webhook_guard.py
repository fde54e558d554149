"""Webhook guard: refuses requests that the carrier has not signed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, request

from carrier.signature import SignatureCheck
from common.printable import printable
from telemetry.catalogue import WEBHOOK_REFUSALS

logger = logging.getLogger(__name__)

BY_POST_OR_GET = ("POST", "GET")
"""Carriers can be set to either, and a proxy that redirects turns the first into the second."""

_MISSING = "the signature is missing"
_SHUT = "no token is configured"
_WRONG = "the signature is wrong"
_REASONS = {_MISSING: "signature_missing", _SHUT: "token_missing", _WRONG: "signature_wrong"}
"""What each is called in the metrics."""


@dataclass(frozen=True, slots=True)
class WebhookGuard:
    """What guards a webhook: the signature check and the public address that was signed."""

    check: SignatureCheck
    public_url: str | None

    def base_url(self) -> str:
        """Return the address under which the carrier reaches this service."""
        return self.public_url or request.host_url.rstrip("/")

    def verify(self) -> None:
        """Refuse a request that the carrier did not sign: 403, and a line without its content."""
        flaw = self._flaw()
        if flaw is not None:
            WEBHOOK_REFUSALS.count(_REASONS[flaw])
            logger.warning(
                "refused %s: %s", printable(request.path), flaw, extra={"event": "webhook_refused"}
            )
            abort(403)

    def is_carrier(self) -> bool:
        """Whether the carrier has signed the request, where a stranger gets an answer as well."""
        return self._flaw() is None

    def _flaw(self) -> str | None:
        query = request.query_string.decode("latin-1")
        url = f"{self.base_url()}{request.path}{'?' + query if query else ''}"
        signature = request.headers.get("X-Twilio-Signature")
        if not signature:
            return _MISSING
        if self.check.is_shut:
            return _SHUT
        fields = request.form.items(multi=True)
        return None if self.check.accepts(url, fields, signature) else _WRONG


def carriers_fields() -> Mapping[str, str]:
    """What the carrier sends: the form of a POST, the query of a GET; the signature covers both."""
    return request.form if request.method == "POST" else request.args
