"""Reading a request to create a message: what the API refuses, in the order it looks."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.messages.errors import ApiError
from simulator.messages.message import LONGEST_VALIDITY
from simulator.messages.numbers import is_landline, is_recipient, is_sender
from simulator.transport import Form
from simulator.webhook import is_address

LONGEST_BODY = 1600
"""Characters as the carrier counts them: UTF-16 units, so an emoji is two."""
LONGEST_CALLBACK = 4000
NOT_SIMULATED = ("ApplicationSid", "ContentSid", "MediaUrl", "ScheduleType", "SendAt")

MAGIC_SENDERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
MAGIC_RECIPIENTS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
"""Twilio's numbers for testing and the code that each is refused with."""

_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_HOST = re.compile(r"[a-z0-9.:-]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent, checked by itself; opt-outs are not looked at."""

    to: str
    from_: str | None
    messaging_service_sid: str | None
    body: str
    status_callback: str | None
    validity_period: int


def read_draft(form: Form) -> Draft:
    """Check the fields as Twilio does; unknown ones are ignored, as there. Raises ``ApiError``."""
    fields = dict(form)
    for name in NOT_SIMULATED:
        if fields.get(name):
            raise ApiError(20001, f"{name} is not simulated")
    draft = Draft(
        fields.get("To", "").strip(),
        fields.get("From", "").strip() or None,
        fields.get("MessagingServiceSid", "").strip() or None,
        fields.get("Body", ""),
        fields.get("StatusCallback") or None,
        _validity_period(fields.get("ValidityPeriod", "")),
    )
    _check_presence(draft)
    _check_recipient(draft)
    _check_sender(draft)
    _check_size(draft.body)
    if draft.status_callback is not None:
        _check_callback(draft.status_callback)
    return draft


def _check_presence(draft: Draft) -> None:
    if not draft.to:
        raise ApiError(21604)
    if draft.from_ is None and draft.messaging_service_sid is None:
        raise ApiError(21603)
    if not draft.body:
        raise ApiError(21602)


def _check_recipient(draft: Draft) -> None:
    if draft.to in MAGIC_RECIPIENTS:
        raise ApiError(MAGIC_RECIPIENTS[draft.to])
    if not is_recipient(draft.to):
        raise ApiError(21211, f"Invalid 'To' Phone Number: {draft.to}")
    if draft.to == draft.from_:
        raise ApiError(21211, "'To' and 'From' number cannot be the same")
    if is_landline(draft.to):
        raise ApiError(21614, f"To number: {draft.to}, is not a mobile number")


def _check_sender(draft: Draft) -> None:
    service = draft.messaging_service_sid
    if service is not None and not _SERVICE_SID.fullmatch(service):
        raise ApiError(21705)
    if draft.from_ is None:
        return
    if draft.from_ in MAGIC_SENDERS:
        raise ApiError(MAGIC_SENDERS[draft.from_])
    if not is_sender(draft.from_):
        raise ApiError(21212, f"Invalid 'From' number: {draft.from_}")


def _check_size(body: str) -> None:
    if exceeds_limit(body):
        raise ApiError(21617)


def exceeds_limit(body: str) -> bool:
    return len(body.encode("utf-16-le")) // 2 > LONGEST_BODY


def _check_callback(url: str) -> None:
    if not is_address(url) or len(url) > LONGEST_CALLBACK:
        raise ApiError(21609)
    # An underscore is no part of a host's name for Twilio, though a browser would take it.
    if not _HOST.fullmatch(urlsplit(url).hostname or ""):
        raise ApiError(21609)


def _validity_period(text: str) -> int:
    if not text:
        return LONGEST_VALIDITY
    if not re.fullmatch(r"-?\d+", text):
        raise ApiError(90007)
    if not 1 <= int(text) <= LONGEST_VALIDITY:
        raise ApiError(21624)
    return int(text)
