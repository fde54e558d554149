"""Voice webhooks: each parses one request, asks the call handler and renders TwiML."""

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from backend.db.deadline import answer_within
from carrier.webhook_guard import BY_POST_OR_GET, WebhookGuard, carriers_fields
from common.phone_numbers import carriers_number
from common.redaction import redacted
from ivr.call_handler import Answer, CallHandler
from ivr.dialogue.call import CANCELED, TALKED
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence
from ivr.lines.registry import Lines
from ivr.twiml import NOTHING, Links

logger = logging.getLogger(__name__)

MOST_CALL_SID = 128
MOST_KEYS = 128
"""Longer input is no telephone's; it is cut before it reaches the transcript."""
MOST_SECOND_DIGITS = 6

FALLBACK_SECONDS = 3.0
"""The caller has waited for the first answer already; the apology needs no database."""

_NOT_FETCHED = re.compile(r"112[0-9]{2}")
"""The carrier's codes for an answer that came too late or not at all; others blame what it said."""
_TURN = re.compile(r"/voice/(?:incoming|turns/([0-9]{1,4}))")


class VoiceWebhooks:
    """What the voice webhooks need: the call handler, its lines and the webhook guard."""

    def __init__(self, call_handler: CallHandler, lines: Lines, guard: WebhookGuard) -> None:
        self.call_handler = call_handler
        self.lines = lines
        self.guard = guard

    def answer(self, take_turn: Callable[[], Answer | None]) -> Response:
        """Render the answer to a turn; on any failure apologise and dial the operator.

        A caller must never hear the carrier's own error sentence, so the answer is a document with
        status 200, within ``ANSWER_SECONDS``, and the failure an error in the log, with the call's
        id and nothing typed. A call that is over gets an empty document.
        """
        try:
            with answer_within():
                answer = take_turn()
            return _xml(NOTHING) if answer is None else self._rendered(answer)
        except HTTPException:
            raise
        except Exception as fault:
            logger.error("call %s failed: %s", _call_sid(), redacted(fault))
            return self.fallback()

    def answer_late(self) -> Response | None:
        """What was stored when the answer came too late for the carrier; ``None`` without any.

        So a caller hears the receipt of what is stored, and not that it may have failed.
        """
        number = _unheard()
        if number is None or not self.guard.is_carrier():
            return None
        call_sid = _call_sid()
        try:
            with answer_within(FALLBACK_SECONDS):
                stored = self.call_handler.told_before(call_sid, number)
                return None if stored is None else self._rendered(stored)
        except Exception as fault:
            logger.error("call %s failed: %s", call_sid, redacted(fault))
            return None

    def end(self) -> Response:
        """Close a call that is over; a failure is one line in the log and a status of 503."""
        call_sid = _call_sid()
        try:
            with answer_within():
                self.call_handler.close(call_sid)
        except Exception as fault:
            logger.error("call %s is not closed: %s", call_sid, redacted(fault))
            return Response(status=503)
        return Response(status=204)

    def fallback(self) -> Response:
        """Apologise in the words of the line that was dialled, and dial its operator."""
        dialled = _dialled()
        line = self.lines.answering(dialled)
        return _xml(line.fallback.document(line.caller_id(dialled)))

    def _rendered(self, answer: Answer) -> Response:
        line, turn, number = answer
        links = self._links(number + 1)
        shown = line.caller_id(_dialled())
        return _xml(line.renderer.document(turn.said, turn.wait, links, shown, slow=turn.slow))

    def _links(self, number: int) -> Links:
        turn = f"{self.guard.base_url()}/voice/turns/{number}"
        return Links(turn, f"{turn}?heard=silence", f"{turn}?heard=dial")


def voice_blueprint(webhooks: VoiceWebhooks) -> Blueprint:
    """Return the voice webhooks; all but the static fallback refuse unsigned requests."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")

    @blueprint.route("/incoming", methods=BY_POST_OR_GET)
    def incoming() -> Response:
        webhooks.guard.verify()
        begin = webhooks.call_handler.begin
        goes_on = carriers_fields().get("CallStatus") == "in-progress"
        return webhooks.answer(lambda: begin(_call_sid(), _caller(), _dialled(), goes_on=goes_on))

    @blueprint.route("/turns/<int:number>", methods=BY_POST_OR_GET)
    def turn(number: int) -> Response:
        webhooks.guard.verify()
        hear = webhooks.call_handler.hear
        return webhooks.answer(lambda: hear(_call_sid(), _caller(), number, _heard()))

    @blueprint.route("/status", methods=BY_POST_OR_GET)
    def status() -> Response:
        webhooks.guard.verify()
        if carriers_fields().get("CallStatus") in _OVER:
            return webhooks.end()
        return Response(status=204)

    @blueprint.route("/fallback", methods=BY_POST_OR_GET)
    def fallback() -> Response:
        return webhooks.answer_late() or webhooks.fallback()

    return blueprint


_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def _call_sid() -> str:
    call_sid = carriers_fields().get("CallSid", "")
    if not 0 < len(call_sid) <= MOST_CALL_SID:
        abort(400)
    return call_sid


def _caller() -> str:
    return carriers_fields().get("From", "")


def _dialled() -> str:
    """The number that was dialled, in E.164; as it came when no number can be made out."""
    dialled = carriers_fields().get("To", "")
    return carriers_number(dialled) or dialled


def _unheard() -> int | None:
    """The turn whose answer the carrier could not fetch, as it tells the fallback."""
    fields = carriers_fields()
    if not _NOT_FETCHED.fullmatch(fields.get("ErrorCode", "")):
        return None
    found = _TURN.search(urlsplit(fields.get("ErrorUrl", "")).path)
    return int(found[1] or 0) if found else None


def _heard() -> Heard:
    """Read what the carrier reports: a transfer's end, silence, or keys.

    A Gather that ended on its finishing key alone has no digits: that key was meant to repeat.
    """
    kind = request.args.get("heard")
    if kind == "dial":
        seconds = carriers_fields().get("DialCallDuration", "")
        talked = int(seconds) if seconds.isdecimal() and len(seconds) <= MOST_SECOND_DIGITS else 0
        outcome = carriers_fields().get("DialCallStatus", "failed")[:16]
        if outcome not in TALKED and carriers_fields().get("CallStatus") in _OVER:
            # Whatever became of the ringing: the caller has hung up.
            outcome = CANCELED
        return DialEnded(outcome, talked)
    digits = carriers_fields().get("Digits", "")[:MOST_KEYS]
    if digits:
        # Some platforms leave the key that finished the entry in it.
        return Keys(digits.rstrip("#") or digits)
    if kind != "silence" and carriers_fields().get("FinishedOnKey") == "#":
        return Keys("#")
    return Silence()


def _xml(document: bytes) -> Response:
    # A carrier keeps what it gets by GET as long as it may.
    return Response(document, mimetype="text/xml", headers={"Cache-Control": "no-store"})
