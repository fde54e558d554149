"""The carrier's doors: each parses one request, asks the switchboard and renders the answer."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from ivr.dialogue.engine import Turn
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence
from ivr.signature import SignatureCheck
from ivr.switchboard import Switchboard
from ivr.twiml import Links, TwimlRenderer

logger = logging.getLogger(__name__)

MOST_CALL_SID = 128
MOST_KEYS = 128
"""Longer input is no telephone's; it is cut before it reaches the transcript."""
MOST_SECOND_DIGITS = 6


class VoiceDoors:
    """What the doors need: the switchboard, the renderer, the check and the public address."""

    def __init__(
        self,
        switchboard: Switchboard,
        renderer: TwimlRenderer,
        check: SignatureCheck,
        public_url: str | None,
        fallback: bytes,
    ) -> None:
        self.switchboard = switchboard
        self.renderer = renderer
        self.check = check
        self.public_url = public_url
        self.fallback = fallback

    def base_url(self) -> str:
        """Return the address under which the carrier reaches this service."""
        return self.public_url or request.host_url.rstrip("/")

    def refuse_strangers(self) -> None:
        """Refuse a request that the carrier did not sign: 403, and a line without its content."""
        query = request.query_string.decode("latin-1")
        url = f"{self.base_url()}{request.path}{'?' + query if query else ''}"
        signature = request.headers.get("X-Twilio-Signature")
        if not signature:
            self._refuse("the signature is missing")
        if self.check.is_shut:
            self._refuse("no token is configured")
        if not self.check.accepts(url, request.form, signature):
            self._refuse("the signature is wrong")

    def _refuse(self, reason: str) -> NoReturn:
        logger.warning("refused %s: %s", request.path, reason)
        abort(403)

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
            logger.error("call %s failed: %s", _call_sid(), _without_values(fault))
            document = self.fallback
        return _xml(document)

    def _links(self, number: int) -> Links:
        turn = f"{self.base_url()}/voice/turns/{number}"
        return Links(turn, f"{turn}?heard=silence", f"{turn}?heard=dial")


def voice_blueprint(doors: VoiceDoors) -> Blueprint:
    """Return the voice webhooks; all but the static fallback refuse unsigned requests."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")

    @blueprint.post("/incoming")
    def incoming() -> Response:
        doors.refuse_strangers()
        caller, dialled = request.form.get("From", ""), request.form.get("To", "")
        return doors.answer(0, lambda: doors.switchboard.begin(_call_sid(), caller, dialled))

    @blueprint.post("/turns/<int:number>")
    def turn(number: int) -> Response:
        doors.refuse_strangers()
        return doors.answer(number, lambda: doors.switchboard.hear(_call_sid(), number, _heard()))

    @blueprint.post("/status")
    def status() -> Response:
        doors.refuse_strangers()
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


def _without_values(fault: Exception) -> str:
    """Name a failure and where it happened, without its message: that may hold what was typed."""
    places = traceback.extract_tb(fault.__traceback__)[-3:]
    path = " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in places[::-1])
    return f"{type(fault).__name__} at {path}"


def _xml(document: bytes) -> Response:
    return Response(document, mimetype="text/xml")
