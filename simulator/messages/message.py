"""One message as the carrier keeps it, and as its API shows it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal

from simulator.messages.errors import message_of
from simulator.messages.segments import Encoding, size_of
from simulator.parameters import API_VERSION

Direction = Literal["inbound", "outbound-api", "outbound-reply"]
Status = Literal["accepted", "queued", "sent", "delivered", "undelivered", "failed", "received"]
LONGEST_VALIDITY = 36_000
"""Seconds that a message may wait in the queue at most, and by default."""


@dataclass(slots=True, kw_only=True)
class Message:
    """Times are epoch seconds. ``from_`` is None until a Messaging Service has chosen a sender."""

    sid: str
    account_sid: str
    to: str
    from_: str | None
    body: str
    direction: Direction
    status: Status
    created_at: float
    updated_at: float
    sent_at: float | None = None
    error_code: int | None = None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    validity_period: int = LONGEST_VALIDITY

    @property
    def encoding(self) -> Encoding:
        return size_of(self.body).encoding

    @property
    def num_segments(self) -> int:
        """The parts it is sent in; 0 as long as no sender is chosen."""
        return 0 if self.from_ is None else size_of(self.body).segments

    def resource(self) -> dict[str, Any]:
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": _rfc_2822(self.created_at),
            "date_sent": None if self.sent_at is None else _rfc_2822(self.sent_at),
            "date_updated": _rfc_2822(self.updated_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None if self.error_code is None else message_of(self.error_code),
            "from": self.from_,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": "0",
            "num_segments": str(self.num_segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }

    def entry(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "direction": self.direction,
            "from": self.from_,
            "to": self.to,
            "body": self.body,
            "status": self.status,
            "error_code": self.error_code,
            "encoding": self.encoding,
            "num_segments": self.num_segments,
            "created_at": self.created_at,
            "status_callback": self.status_callback,
            "messaging_service_sid": self.messaging_service_sid,
        }


def _rfc_2822(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC))
