"""Signed messages to other systems, by the Standard Webhooks specification (1.0.0)."""

import base64
import hmac
import json
from datetime import datetime

from backend.interface.codes import EventKind

SECRET_BYTES = 32
_SECRET_PREFIX = "whsec_"  # noqa: S105 - the beginning of one
_SUBJECTS = {EventKind.REQUEST_RECORDED: "receipt", EventKind.CAMPAIGN_ENDED: "campaign_id"}


def written_secret(secret: bytes) -> str:
    """The secret as a receiver's library takes it."""
    return _SECRET_PREFIX + base64.b64encode(secret).decode()


def message_id(kind: EventKind, subject: str) -> str:
    """The id of the event: the same in every attempt and for every receiver."""
    return f"{kind.partition('.')[0]}_{subject}"


def message_body(kind: EventKind, subject: str, at: datetime) -> bytes:
    """What is sent, the same bytes in every attempt: which event, when, and what it is about.

    No more than that: who may know the rest asks for it with a key.
    """
    told = {
        "type": kind,
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {_SUBJECTS[kind]: subject},
    }
    return json.dumps(told, separators=(",", ":")).encode()


def signed_headers(secret: bytes, identifier: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of the specification; the receiver refuses a timestamp that is old."""
    timestamp = str(int(now.timestamp()))
    content = f"{identifier}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, content, "sha256")).decode()
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
