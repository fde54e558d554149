"""A messaging service as the first version of Twilio's messaging API shows it."""

from dataclasses import dataclass
from typing import Any

from flask import request


@dataclass(slots=True)
class MessagingService:
    """``numbers`` (E.164) and ``names`` are what it sends from; replies go to ``inbound_url``."""

    inbound_url: str | None = None
    inbound_method: str = "POST"
    leaves_replies_to_numbers: bool = False
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def resource(self, sid: str, account_sid: str) -> dict[str, Any]:
        """The service as the API's JSON object, as far as it says where messages go."""
        return {
            "sid": sid,
            "account_sid": account_sid,
            "friendly_name": "Zöldszám",
            "inbound_request_url": self.inbound_url,
            "inbound_method": self.inbound_method,
            "use_inbound_webhook_on_number": self.leaves_replies_to_numbers,
            "status_callback": None,
        }

    def senders(self, kind: str) -> dict[str, Any]:
        """One page with all senders of a kind: ``PhoneNumbers`` or ``AlphaSenders``."""
        key, field, found = {
            "PhoneNumbers": ("phone_numbers", "phone_number", self.numbers),
            "AlphaSenders": ("alpha_senders", "alpha_sender", self.names),
        }[kind]
        meta = {
            "key": key,
            "page": 0,
            "page_size": len(found),
            "first_page_url": request.url,
            "previous_page_url": None,
            "next_page_url": None,
            "url": request.url,
        }
        return {"meta": meta, key: [{field: each} for each in found]}
