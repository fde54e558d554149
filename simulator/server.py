"""The simulator as a web server: the phone's page and its JSON interface, and the messages.

The calls live in this process's memory, so the server must run as one process (threads are fine).
"""

from dataclasses import asdict
from typing import Any, cast, get_args

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response as AnyResponse

from simulator.account import AccountNumbers, create_account_api
from simulator.carrier import Carrier
from simulator.json_fields import sent_number, sent_object
from simulator.messages import MessageService
from simulator.messages.api import create_api
from simulator.messages.pages import create_desk
from simulator.voice.call import CallOverError
from simulator.voice.dial import Outcome
from simulator.voice.gather import KEYS
from simulator.voice.phone_calls import NoSuchCallError, PhoneCall, PhoneCalls
from simulator.voice.phone_page import DEMONSTRATION, PhonePage

LONGEST_TICK = 60.0
MOST_KEYS = 32


def create_simulator(
    carrier: Carrier,
    *,
    page: PhonePage = DEMONSTRATION,
    calls: PhoneCalls | None = None,
    messages: MessageService | None = None,
    numbers: AccountNumbers | None = None,
) -> Flask:
    """The simulator as a WSGI application; ``/`` leads to the phone.

    Calls go through ``carrier``. ``calls`` are only given to change its limits. With ``messages``
    the same server is Twilio's Messages API, and ``/messages`` shows what was sent. With
    ``numbers`` it tells of the account, too, and lets its numbers be set.
    """
    app = Flask(__name__, static_url_path="/phone/static")
    calls = calls or PhoneCalls(carrier)
    _add_page(app, page)
    _add_calls(app, calls)
    if messages is not None:
        app.register_blueprint(create_api(messages))
        app.register_blueprint(create_desk(messages))
    if numbers is not None:
        app.register_blueprint(create_account_api(numbers))
    app.context_processor(lambda: {"has_messages": messages is not None})
    app.after_request(_harden)
    app.register_error_handler(HTTPException, _as_json)
    return app


def _add_page(app: Flask, page: PhonePage) -> None:
    @app.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("phone"))

    @app.get("/phone")
    def phone() -> str:
        return render_template("phone.html", page=page, keys="123456789*0#")


def _add_calls(app: Flask, calls: PhoneCalls) -> None:
    @app.post("/phone/calls")
    def dial() -> tuple[Response, int]:
        sid = calls.open(sent_number("from"), sent_number("to"), _outcome())
        with calls.using(sid) as phone:
            return jsonify(_view(phone)), 201

    @app.post("/phone/calls/<sid>/keys")
    def keys(sid: str) -> Response:
        pressed = _keys()
        with calls.using(sid) as phone:
            for key in pressed:
                if not phone.call.ended:
                    phone.call.tap(key)
            return jsonify(_view(phone))

    @app.post("/phone/calls/<sid>/tick")
    def tick(sid: str) -> Response:
        seconds = _seconds()
        with calls.using(sid) as phone:
            phone.call.advance(seconds)
            return jsonify(_view(phone))

    @app.post("/phone/calls/<sid>/hangup")
    def hang_up(sid: str) -> Response:
        sent_object()
        with calls.using(sid) as phone:
            phone.call.hang_up()
            return jsonify(_view(phone))

    @app.errorhandler(NoSuchCallError)
    @app.errorhandler(CallOverError)
    def gone(_: Exception) -> AnyResponse:
        return _as_json(NotFound("there is no such call, or it is over"))


def _view(phone: PhoneCall) -> dict[str, Any]:
    call = phone.call
    return {
        "id": call.sid,
        "state": call.state,
        "collecting": call.collecting,
        "quiet": call.quiet,
        "now": call.now,
        "seconds_left": call.seconds_left,
        "events": [{"type": type(e).__name__} | asdict(e) for e in phone.new_events()],
    }


def _keys() -> str:
    keys = sent_object().get("keys")
    if not isinstance(keys, str) or not 0 < len(keys) <= MOST_KEYS:
        raise BadRequest(f"keys: a text of 1 to {MOST_KEYS} keys is wanted")
    if set(keys) - set(KEYS):
        raise BadRequest(f"keys: only {KEYS} are keys")
    return keys


def _seconds() -> float:
    seconds = sent_object().get("seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_TICK:
        raise BadRequest(f"seconds: a number from 0 to {LONGEST_TICK:.0f} is wanted")
    return seconds


def _outcome() -> Outcome:
    outcome = sent_object().get("dial_outcome", "answered")
    if outcome not in get_args(Outcome):
        raise BadRequest(f"dial_outcome: one of {', '.join(get_args(Outcome))} is wanted")
    return cast("Outcome", outcome)


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    return response


def _as_json(error: HTTPException) -> AnyResponse:
    response = jsonify(error=error.description)
    response.status_code = error.code or 500
    return response
