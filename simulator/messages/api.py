"""Twilio's Messages API over HTTP: create, list, fetch; and what the faults make of it."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from simulator.api_authentication import authenticate, not_found, refuse
from simulator.messages.errors import ApiError
from simulator.messages.listing import list_page
from simulator.messages.service import MessageService
from simulator.messages.severing import cut
from simulator.messages.traffic import ApiRequest
from simulator.parameters import API_VERSION
from simulator.threaded_server import WAITED
from simulator.transport import Form

_PATH = f"/{API_VERSION}/Accounts/<account_sid>/Messages"


def create_api(service: MessageService) -> Blueprint:
    """The Messages API as Twilio's clients call it; errors have Twilio's bodies."""
    blueprint = Blueprint("messages_api", __name__)
    blueprint.register_error_handler(ApiError, refuse)

    @blueprint.before_request
    def note_and_authenticate() -> None:
        g.noted = _as_it_came(service.clock())
        service.requests.append(g.noted)
        authenticate(service.account_sid, service.auth_token)

    @blueprint.post(f"{_PATH}.json")
    def create(account_sid: str) -> AnyResponse:  # noqa: ARG001 - checked against the user name
        return _create(service, _pairs(request.get_data()))

    @blueprint.get(f"{_PATH}.json")
    def show_list(account_sid: str) -> Response:  # noqa: ARG001 - as above
        return jsonify(list_page(service.listed(), _pairs(request.query_string), request.path))

    @blueprint.get(f"{_PATH}/<sid>.json")
    def fetch(account_sid: str, sid: str) -> Response:  # noqa: ARG001 - as above
        message = service.find(sid)
        if message is None:
            raise not_found()
        return jsonify(message.resource())

    @blueprint.after_request
    def identify(response: Response) -> Response:
        response.headers["Twilio-Request-Id"] = service.new_request_id()
        g.noted.answered_at, g.noted.answer = service.clock(), _in_short(response)
        response.date = datetime.fromtimestamp(g.noted.answered_at, UTC)
        return response

    return blueprint


def _create(service: MessageService, form: Form) -> AnyResponse:
    service.note_creation_request()
    faults, to = service.faults, dict(form).get("To", "")
    if service.strikes("cut_before", to):
        return cut()
    if service.strikes("too_many", to):
        raise ApiError(20429)
    if service.strikes("error_before", to):
        raise ApiError(20503 if faults.error_before.status == 503 else 20500)
    message = service.create(form)
    if service.strikes("cut_after", to):
        return cut()
    if service.strikes("accept_and_never_answer", to):
        service.hold(faults.accept_and_never_answer.seconds)
        return cut()
    if service.strikes("error_after", to):
        raise ApiError(20500)
    if service.strikes("slow", to):
        service.hold(faults.slow.seconds)
    response = jsonify(message)
    response.status_code = 201
    return response


def _as_it_came(now: float) -> ApiRequest:
    headers = dict(request.headers)
    if request.authorization:
        headers["Authorization"] = request.authorization.type
    return ApiRequest(
        request.method,
        request.path,
        _pairs(request.query_string),
        _pairs(request.get_data()),
        headers,
        came_at=now - request.environ.get(WAITED, 0.0),
        read_at=now,
    )


def _in_short(response: Response) -> str:
    """The status and the messages told of; nothing of an answer that is no JSON, as none is."""
    if not response.is_json:
        return "no answer"
    told = response.get_json()
    messages = told.get("messages", [told] if "sid" in told else [])
    return " ".join([str(response.status_code), *(each["sid"] for each in messages)])


def _pairs(encoded: bytes) -> Form:
    return parse_qsl(encoded.decode(), keep_blank_values=True)
