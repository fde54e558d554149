"""Which addresses a number has to lead to, and what differs from them."""

from collections.abc import Mapping
from dataclasses import dataclass

CALLS = {
    "voice_url": "/voice/incoming",
    "voice_fallback_url": "/voice/fallback",
    "status_callback": "/voice/status",
}
"""Fields of a number that takes calls, and the path that each leads to."""
MESSAGES = {"sms_url": "/sms/inbound"}
"""The same for a number that takes messages."""

_METHODS = {
    "voice_url": "voice_method",
    "voice_fallback_url": "voice_fallback_method",
    "status_callback": "status_callback_method",
    "sms_url": "sms_method",
}
_APPLICATIONS = {"voice_url": "voice_application_sid", "sms_url": "sms_application_sid"}
"""An application that is set there goes before the address."""


@dataclass(frozen=True, slots=True)
class NumberSetup:
    """A number (E.164) as the carrier has it; ``fields`` have the names of the carrier's API.

    With a ``trunk_sid`` its calls go to a SIP trunk, whatever the addresses are.
    """

    sid: str
    number: str
    takes_calls: bool
    takes_messages: bool
    trunk_sid: str
    fields: Mapping[str, str]

    def leads_to(self, field: str, address: str) -> bool:
        """Whether the carrier calls this address; what follows ``#`` says only how it calls."""
        return self.fields[field].partition("#")[0] == address

    def method_of(self, field: str) -> str:
        return self.fields.get(_METHODS.get(field, ""), "POST")

    def application_of(self, field: str) -> str:
        """The id of an application that goes before the address; empty without one."""
        return self.fields.get(_APPLICATIONS.get(field, ""), "")


def wanted_addresses(number: NumberSetup, public_url: str) -> dict[str, str]:
    """The addresses, by field, of what the number can take."""
    paths = (CALLS if number.takes_calls else {}) | (MESSAGES if number.takes_messages else {})
    return {field: f"{public_url}{path}" for field, path in paths.items()}


def changes_to_connect(number: NumberSetup, public_url: str) -> dict[str, str]:
    """What has to be set, by the carrier's names, so that the number leads to this service.

    A fallback that leads elsewhere stays: a copy that is hosted elsewhere is better than ours.
    """
    changes: dict[str, str] = {}
    for field, address in wanted_addresses(number, public_url).items():
        leads_here = number.leads_to(field, address)
        if field == "voice_fallback_url" and number.fields[field] and not leads_here:
            continue
        if not leads_here:
            changes[field] = address
        if number.method_of(field) != "POST":
            changes[_METHODS[field]] = "POST"
        if number.application_of(field):
            changes[_APPLICATIONS[field]] = ""
    return changes
