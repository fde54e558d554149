"""The API's refusals: codes of Twilio's dictionary and the JSON body that carries them."""

from typing import Any

_STATUSES = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503}
_MESSAGES = {
    20003: "Authenticate",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service unavailable",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' number, short code or sender id",
    21408: "Sending to the region of the 'To' number is not enabled",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' number is not a message-capable number of this account",
    21609: "The StatusCallback URL is not valid",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "The queue of this 'From' number is full",
    21612: "The 'To' number cannot be reached from this 'From' number",
    21614: "To number is not a mobile number",
    21617: "The message body exceeds the 1600 character limit.",
    21624: "ValidityPeriod must be from 1 to 36000 seconds",
    21705: "The Messaging Service Sid is invalid",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30036: "Validity period expired",
    90007: "ValidityPeriod is not a number",
}


class ApiError(Exception):
    """A request that the API answers with an error. ``detail`` replaces the dictionary's words."""

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.status = _STATUSES.get(code, 400)
        self.message = detail or message_of(code)
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def message_of(code: int) -> str:
    """The words for ``code``; a code that is not in the dictionary stands for itself."""
    return _MESSAGES.get(code, f"Error {code}")
