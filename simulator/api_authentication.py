"""Authentication of the simulated API and its refusals, for the account and for its messages."""

import hmac

from flask import Response, jsonify, request

from simulator.messages.errors import ApiError


def authenticate(account_sid: str, auth_token: str) -> None:
    """Raises ``ApiError`` for another password, and for the path of another account."""
    given = request.authorization
    shown = f"{given.username}:{given.password}" if given else ""
    if not hmac.compare_digest(shown.encode(), f"{account_sid}:{auth_token}".encode()):
        raise ApiError(20003)
    if (request.view_args or {}).get("account_sid", account_sid) != account_sid:
        raise not_found()


def not_found() -> ApiError:
    return ApiError(20404, f"The requested resource {request.path} was not found")


def refuse(error: ApiError) -> Response:
    response = jsonify(error.body())
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response
