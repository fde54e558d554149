"""Our account at the telephone company, and its numbers, as Twilio's API has them.

What a number is set to is kept and shown; the phone's page calls where the simulator was started
to call.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator.api_authentication import authenticate, not_found, refuse
from simulator.messages.errors import ApiError
from simulator.messaging_service import MessagingService
from simulator.parameters import API_VERSION, new_sid

_PATH = f"/{API_VERSION}/Accounts/<account_sid>"
_SETTABLE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsApplicationSid": "sms_application_sid",
    "FriendlyName": "friendly_name",
}


class AccountNumbers:
    """One account with its numbers; ``numbers`` are the API's own objects, by id,
    ``services`` its messaging services.

    ``clock`` gives the moment that answers carry as ``Date``.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        rng: Random,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.clock = clock
        self.status = "active"
        self.type = "Full"
        self.numbers: dict[str, dict[str, Any]] = {}
        self.services: dict[str, MessagingService] = {}
        self._rng = rng
        self._made = format_datetime(clock())

    def add(self, number: str, **fields: Any) -> dict[str, Any]:
        """Give the account a number (E.164); ``fields`` are those of the API's object."""
        sid = new_sid("PN", self._rng)
        self.numbers[sid] = _number(self, sid, number, self._made) | fields
        return self.numbers[sid]

    def resource(self) -> dict[str, Any]:
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}"
        return {
            "auth_token": "",
            "date_created": self._made,
            "date_updated": self._made,
            "friendly_name": "Zöldszám",
            "owner_account_sid": self.account_sid,
            "sid": self.account_sid,
            "status": self.status,
            "subresource_uris": {"incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json"},
            "type": self.type,
            "uri": f"{uri}.json",
        }


def create_account_api(account: AccountNumbers) -> Blueprint:
    """The account's resources that a client of Twilio's may fetch, and the numbers it may set."""
    blueprint = Blueprint("account_api", __name__)
    blueprint.before_request(lambda: authenticate(account.account_sid, account.auth_token))
    blueprint.register_error_handler(ApiError, refuse)

    @blueprint.get(f"{_PATH}.json")
    def fetch_account(account_sid: str) -> Response:  # noqa: ARG001 - checked against the user name
        return jsonify(account.resource())

    @blueprint.get(f"{_PATH}/IncomingPhoneNumbers.json")
    def list_numbers(account_sid: str) -> Response:  # noqa: ARG001 - as above
        return jsonify(_page(account))

    @blueprint.route(f"{_PATH}/IncomingPhoneNumbers/<sid>.json", methods=("GET", "POST"))
    def one_number(account_sid: str, sid: str) -> Response:  # noqa: ARG001 - as above
        return jsonify(_set(account, sid))

    @blueprint.get("/v1/Services/<sid>")
    def fetch_service(sid: str) -> Response:
        return jsonify(_service(account, sid).resource(sid, account.account_sid))

    @blueprint.get("/v1/Services/<sid>/<any(PhoneNumbers, AlphaSenders):kind>")
    def list_senders(sid: str, kind: str) -> Response:
        return jsonify(_service(account, sid).senders(kind))

    @blueprint.after_request
    def date(response: Response) -> Response:
        response.date = account.clock()
        return response

    return blueprint


def _set(account: AccountNumbers, sid: str) -> dict[str, Any]:
    found = account.numbers.get(sid)
    if found is None:
        raise not_found()
    for name, value in request.form.items():
        if name not in _SETTABLE:
            raise ApiError(20001, f"{name} is nothing that the simulator can set")
        found[_SETTABLE[name]] = value or None
    return found


def _service(account: AccountNumbers, sid: str) -> MessagingService:
    found = account.services.get(sid)
    if found is None:
        raise not_found()
    return found


def _page(account: AccountNumbers) -> dict[str, Any]:
    """One page of the numbers, as large as is asked for; ``PhoneNumber`` filters by its digits."""
    wanted = request.args.get("PhoneNumber", "")
    found = [each for each in account.numbers.values() if wanted in each["phone_number"]]
    size = min(max(request.args.get("PageSize", 50, int), 1), 1000)
    page = max(request.args.get("Page", 0, int), 0)
    shown = found[page * size : (page + 1) * size]

    def address(number: int) -> str:
        return f"{request.path}?PageSize={size}&Page={number}"

    return {
        "end": page * size + max(len(shown) - 1, 0),
        "first_page_uri": address(0),
        "next_page_uri": address(page + 1) if (page + 1) * size < len(found) else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": address(page - 1) if page else None,
        "start": page * size,
        "uri": address(page),
        "incoming_phone_numbers": shown,
    }


def _number(account: AccountNumbers, sid: str, number: str, made: str) -> dict[str, Any]:
    path = f"/{API_VERSION}/Accounts/{account.account_sid}/IncomingPhoneNumbers/{sid}.json"
    methods = ("voice", "voice_fallback", "sms", "sms_fallback", "status_callback")
    unset = (
        *("address_sid", "identity_sid", "bundle_sid", "trunk_sid", "emergency_address_sid"),
        *("voice_url", "voice_fallback_url", "voice_application_sid", "status_callback"),
        *("sms_url", "sms_fallback_url", "sms_application_sid"),
    )
    return {
        **dict.fromkeys(unset),
        **{f"{each}_method": "POST" for each in methods},
        "account_sid": account.account_sid,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"mms": False, "sms": True, "voice": True, "fax": False},
        "date_created": made,
        "date_updated": made,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number,
        "origin": "twilio",
        "phone_number": number,
        "sid": sid,
        "status": "in-use",
        "type": "local",
        "uri": path,
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
    }
