"""The message page, and JSON endpoints beside Twilio's: log, requests, replies, faults, opt-out.

Whoever reaches this server may use them; they ask for no password, as the web phone does not.
"""

from dataclasses import asdict

from flask import Blueprint, Response, abort, jsonify, render_template, request
from werkzeug.exceptions import BadRequest

from simulator.json_fields import sent_number, sent_object
from simulator.messages.creation import exceeds_limit
from simulator.messages.fault_form import FAULT_GROUPS
from simulator.messages.faults import CUTTING, Fault, Faults, FaultsError
from simulator.messages.opt_out import MODES
from simulator.messages.service import MessageService
from simulator.messages.severing import can_cut


def create_desk(service: MessageService) -> Blueprint:
    """Routes for people and for tests. Only JSON is taken, so no foreign page's form can act."""
    blueprint = Blueprint("messages", __name__, url_prefix="/messages")
    _add_log(blueprint, service)
    _add_settings(blueprint, service)

    @blueprint.get("")
    def page() -> str:
        return render_template(
            "messages.html",
            sender=service.senders[0],
            groups=FAULT_GROUPS,
            defaults=Faults().as_json(),
            unavailable=() if can_cut() else CUTTING,
        )

    @blueprint.post("/replies")
    def reply() -> tuple[Response, int]:
        reply = service.reply(sent_number("from"), sent_number("to"), _message_body())
        view = {
            "message": reply.message.entry(),
            "answers": [answer.entry() for answer in reply.answers],
            "failures": [asdict(failure) for failure in reply.failures],
        }
        return jsonify(view), 201

    return blueprint


def _add_log(blueprint: Blueprint, service: MessageService) -> None:
    @blueprint.get("/log")
    def log() -> Response:
        newest = request.args.get("newest", type=int)
        messages = service.messages[-newest:] if newest else service.messages
        return jsonify(
            messages=[message.entry() for message in messages],
            creation_requests=service.creation_requests,
            pending=service.pending,
            opted_out=sorted(service.opted_out),
            failures=[asdict(failure) for failure in service.failures],
            opt_out=service.opt_out,
        )

    @blueprint.delete("/log")
    def clear_log() -> tuple[str, int]:
        service.clear()
        return "", 204

    @blueprint.get("/requests")
    def requests() -> Response:
        return jsonify(
            requests=[asdict(each) for each in service.requests],
            webhooks=[asdict(each) for each in service.webhooks],
        )


def _add_settings(blueprint: Blueprint, service: MessageService) -> None:
    @blueprint.get("/faults")
    def faults() -> Response:
        return jsonify(service.faults.as_json())

    @blueprint.put("/faults")
    def set_faults() -> Response:
        try:
            wanted = Faults.from_json(request.get_json())
        except FaultsError as error:
            raise BadRequest(str(error)) from None
        if not can_cut() and any(_is_on(getattr(wanted, name)) for name in CUTTING):
            abort(
                501,
                f"{', '.join(CUTTING)}: not available under this server, which completes every "
                "answer; start the simulator with simulator.threaded_server",
            )
        service.faults = wanted
        return jsonify(wanted.as_json())

    @blueprint.delete("/faults")
    def clear_faults() -> tuple[str, int]:
        service.faults = Faults()
        return "", 204

    @blueprint.put("/opt-out")
    def set_opt_out() -> Response:
        mode = sent_object().get("mode")
        if mode not in MODES:
            raise BadRequest(f"mode: one of {', '.join(MODES)} is wanted")
        service.opt_out = mode
        return jsonify(mode=mode)


def _is_on(fault: Fault) -> bool:
    return bool(fault.probability or fault.recipients or fault.next)


def _message_body() -> str:
    body = sent_object().get("body")
    if not isinstance(body, str) or not body or exceeds_limit(body):
        raise BadRequest("body: a text of 1 to 1600 characters is wanted")
    return body
