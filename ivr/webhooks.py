"""The carrier's doors: each parses one request, asks the switchboard and renders the answer."""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from doors.door import CarrierDoor, without_values
from ivr.dialogue.engine import Turn
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence
from ivr.switchboard import Switchboard
from ivr.twiml import Links, TwimlRenderer

logger = logging.getLogger(__name__)

MOST_CALL_SID = 128
MOST_KEYS = 128
"""Longer input is no telephone's; it is cut before it reaches the transcript."""
MOST_SECOND_DIGITS = 6


class VoiceDoors:
    """What the voice webhooks need: the switchboard, the renderer and the carrier's door."""

    def __init__(
        self,
        switchboard: Switchboard,
        renderer: TwimlRenderer,
        door: CarrierDoor,
        fallback: bytes,
    ) -> None:
        self.switchboard = switchboard
        self.renderer = renderer
        self.door = door
        self.fallback = fallback

    def answer(self, number: int, take_turn: Callable[[], Turn]) -> Response:
        """Render the answer to turn ``number``; on any failure apologise and dial the operator.

        A caller must never hear the carrier's own error sentence, so the answer is a document with
        status 200 and the failure an error in the log, with the call's id and nothing typed.
        """
        try:
            turn = take_turn()
            document = self.renderer.document(
                turn.said, turn.wait, self._links(number + 1), request.form.get("To", "")
            )
        except HTTPException:
            raise
        except Exception as fault:
            logger.error("call %s failed: %s", _call_sid(), without_values(fault))
            document = self.fallback
        return _xml(document)

    def _links(self, number: int) -> Links:
        turn = f"{self.door.base_url()}/voice/turns/{number}"
        return Links(turn, f"{turn}?heard=silence", f"{turn}?heard=dial")


def voice_blueprint(doors: VoiceDoors) -> Blueprint:
    """Return the voice webhooks; all but the static fallback refuse unsigned requests."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")

    @blueprint.post("/incoming")
    def incoming() -> Response:
        doors.door.refuse_strangers()
        caller, dialled = request.form.get("From", ""), request.form.get("To", "")
        return doors.answer(0, lambda: doors.switchboard.begin(_call_sid(), caller, dialled))

    @blueprint.post("/turns/<int:number>")
    def turn(number: int) -> Response:
        doors.door.refuse_strangers()
        return doors.answer(number, lambda: doors.switchboard.hear(_call_sid(), number, _heard()))

    @blueprint.post("/status")
    def status() -> Response:
        doors.door.refuse_strangers()
        if request.form.get("CallStatus") in _OVER:
            doors.switchboard.close(_call_sid())
        return Response(status=204)

    @blueprint.route("/fallback", methods=["GET", "POST"])
    def fallback() -> Response:
        return _xml(doors.fallback)

    return blueprint


_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def _call_sid() -> str:
    call_sid = request.form.get("CallSid", "")
    if not 0 < len(call_sid) <= MOST_CALL_SID:
        abort(400)
    return call_sid


def _heard() -> Heard:
    """Read what the carrier reports: a transfer's end, silence, or keys.

    A Gather that ended on its finishing key alone has no digits: that key was meant to repeat.
    """
    kind = request.args.get("heard")
    if kind == "dial":
        seconds = request.form.get("DialCallDuration", "")
        talked = int(seconds) if seconds.isdecimal() and len(seconds) <= MOST_SECOND_DIGITS else 0
        return DialEnded(request.form.get("DialCallStatus", "failed")[:16], talked)
    digits = request.form.get("Digits", "")[:MOST_KEYS]
    if digits:
        # Some platforms leave the key that finished the entry in it.
        return Keys(digits.rstrip("#") or digits)
    if kind != "silence" and request.form.get("FinishedOnKey") == "#":
        return Keys("#")
    return Silence()


def _xml(document: bytes) -> Response:
    return Response(document, mimetype="text/xml")
