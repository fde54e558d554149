"""The carrier's doors: each parses one request, asks the switchboard and renders the answer."""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from doors.door import CarrierDoor, without_values
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence
from ivr.lines import Lines
from ivr.switchboard import Answer, Switchboard
from ivr.twiml import Links

logger = logging.getLogger(__name__)

MOST_CALL_SID = 128
MOST_KEYS = 128
"""Longer input is no telephone's; it is cut before it reaches the transcript."""
MOST_SECOND_DIGITS = 6


class VoiceDoors:
    """What the voice webhooks need: the switchboard, its lines and the carrier's door."""

    def __init__(self, switchboard: Switchboard, lines: Lines, door: CarrierDoor) -> None:
        self.switchboard = switchboard
        self.lines = lines
        self.door = door

    def answer(self, number: int, take_turn: Callable[[], Answer]) -> Response:
        """Render the answer to turn ``number``; on any failure apologise and dial the operator.

        A caller must never hear the carrier's own error sentence, so the answer is a document with
        status 200 and the failure an error in the log, with the call's id and nothing typed.
        """
        try:
            line, turn = take_turn()
            document = line.renderer.document(
                turn.said, turn.wait, self._links(number + 1), _dialled(), slow=turn.slow
            )
        except HTTPException:
            raise
        except Exception as fault:
            logger.error("call %s failed: %s", _call_sid(), without_values(fault))
            return self.fallback()
        return _xml(document)

    def fallback(self) -> Response:
        """Apologise in the words of the line that was dialled, and dial its operator."""
        return _xml(self.lines.answering(_dialled()).fallback)

    def _links(self, number: int) -> Links:
        turn = f"{self.door.base_url()}/voice/turns/{number}"
        return Links(turn, f"{turn}?heard=silence", f"{turn}?heard=dial")


def voice_blueprint(doors: VoiceDoors) -> Blueprint:
    """Return the voice webhooks; all but the static fallback refuse unsigned requests."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")

    @blueprint.post("/incoming")
    def incoming() -> Response:
        doors.door.refuse_strangers()
        begin = doors.switchboard.begin
        return doors.answer(0, lambda: begin(_call_sid(), _caller(), _dialled()))

    @blueprint.post("/turns/<int:number>")
    def turn(number: int) -> Response:
        doors.door.refuse_strangers()
        hear = doors.switchboard.hear
        return doors.answer(number, lambda: hear(_call_sid(), _caller(), number, _heard()))

    @blueprint.post("/status")
    def status() -> Response:
        doors.door.refuse_strangers()
        if request.form.get("CallStatus") in _OVER:
            doors.switchboard.close(_call_sid())
        return Response(status=204)

    @blueprint.route("/fallback", methods=["GET", "POST"])
    def fallback() -> Response:
        return doors.fallback()

    return blueprint


_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def _call_sid() -> str:
    call_sid = request.form.get("CallSid", "")
    if not 0 < len(call_sid) <= MOST_CALL_SID:
        abort(400)
    return call_sid


def _caller() -> str:
    return request.form.get("From", "")


def _dialled() -> str:
    return request.form.get("To", "")


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
