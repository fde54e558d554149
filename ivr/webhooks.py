"""Voice webhooks: each reads one request's fields, asks the call handler and renders TwiML."""

import logging
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from backend.db.deadline import answer_within
from carrier.webhook_guard import BY_POST_OR_GET, WebhookGuard, carriers_fields
from common.phone_numbers import carriers_number
from common.redaction import redacted
from ivr.call_handler import Answer, CallHandler
from ivr.dialogue.call import CANCELED, TALKED
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence
from ivr.lines.registry import Lines
from ivr.twiml import NOTHING, Links
from telemetry.catalogue import WEBHOOK_REFUSALS, WEBHOOK_SECONDS
from telemetry.work import Work

logger = logging.getLogger(__name__)

MOST_CALL_SID = 128
MOST_KEYS = 128
"""Longer input is no telephone's; it is cut before it reaches the transcript."""
MOST_SECOND_DIGITS = 6
MOST_TURN = 9999
"""In an address; no call has so many, and no column holds thirty digits."""

FALLBACK_SECONDS = 3.0
"""The caller has waited for the first answer already; the apology needs no database."""

DOCUMENT_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    # A carrier keeps what it gets by GET as long as it may.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

Fields = Mapping[str, str]
"""What the carrier sent, by name; of a repeated name the first value."""

_NOT_FETCHED = re.compile(r"112[0-9]{2}")
"""The carrier's codes for an answer that came too late or not at all; others blame what it said."""
_TURN = re.compile(r"/voice/(?:incoming|turns/([0-9]{1,4}))")


class VoiceWebhooks:
    """What carriers report of calls, each answered by a document; ``fields`` are a request's.

    ``base_url`` is the address under which the carrier reaches this service.
    """

    def __init__(self, call_handler: CallHandler, lines: Lines) -> None:
        self._call_handler = call_handler
        self._lines = lines

    def incoming(self, fields: Fields, base_url: str) -> bytes:
        """Answer a call that comes in, or that goes on after its fallback."""
        goes_on = fields.get("CallStatus") == "in-progress"
        begin = self._call_handler.begin
        with _work("incoming", fields) as work:
            return self._answer(
                lambda: begin(
                    fields["CallSid"], _caller(fields), _dialled(fields), goes_on=goes_on
                ),
                *(fields, base_url, work),
            )

    def turn(self, number: int, kind: str | None, fields: Fields, base_url: str) -> bytes:
        """Go on with what was heard; ``kind`` is what the address says of it."""
        hear, heard = self._call_handler.hear, _heard(kind, fields)
        with _work(_HEARD_KINDS[type(heard)], fields) as work:
            return self._answer(
                lambda: hear(fields["CallSid"], _caller(fields), number, heard),
                *(fields, base_url, work),
            )

    def _answer(
        self, take_turn: Callable[[], Answer | None], fields: Fields, base_url: str, work: Work
    ) -> bytes:
        """Render the answer to a turn; on any failure apologise and dial the operator.

        A caller must never hear the carrier's own error sentence, so the answer is a document
        within ``ANSWER_SECONDS``, and the failure an error in the log, with the call's id and
        nothing typed. A call that is over gets an empty document.
        """
        try:
            with answer_within():
                answer = take_turn()
            if answer is None:
                return NOTHING
            work.note(turn=answer.number, place=str(answer.turn.place))
            return self._rendered(answer, fields, base_url)
        except Exception as fault:
            work.failed(fault)
            _tell("call %s failed: %s", fields["CallSid"], fault, "call_failed")
            return self.fallback(fields)

    def fall_back(self, fields: Fields, base_url: str) -> bytes:
        """Answer the carrier, which could not fetch or use the document before this one."""
        with _work("fallback", fields) as work:
            return self._answer_late(fields, base_url, work) or self.fallback(fields)

    def _answer_late(self, fields: Fields, base_url: str, work: Work) -> bytes | None:
        """What was stored when the answer came too late for the carrier; ``None`` without any.

        So a caller hears the receipt of what is stored, and not that it may have failed.
        """
        number = unheard_turn(fields)
        if number is None:
            return None
        call_sid = fields["CallSid"]
        try:
            with answer_within(FALLBACK_SECONDS):
                stored = self._call_handler.told_before(call_sid, number)
                return None if stored is None else self._rendered(stored, fields, base_url)
        except Exception as fault:
            work.failed(fault)
            _tell("call %s failed: %s", call_sid, fault, "call_failed")
            return None

    def told_status(self, fields: Fields) -> int:
        """Take what the carrier reports of a call's state; the status of the answer, without words.

        Only the end of a call is of interest. A carrier tries again what is answered 503.
        """
        return 204 if not is_over(fields) or self.end(fields) else 503

    def end(self, fields: Fields) -> bool:
        """Close a call that is over; ``False``, with one line in the log, when that fails."""
        call_sid = fields["CallSid"]
        with _work("end", fields) as work:
            try:
                with answer_within():
                    self._call_handler.close(call_sid)
            except Exception as fault:
                work.failed(fault)
                _tell("call %s is not closed: %s", call_sid, fault, "call_not_closed")
                return False
            return True

    def fallback(self, fields: Fields) -> bytes:
        """Apologise in the words of the line that was dialled, and dial its operator."""
        dialled = _dialled(fields)
        line = self._lines.answering(dialled)
        return line.fallback.document(line.caller_id(dialled))

    def _rendered(self, answer: Answer, fields: Fields, base_url: str) -> bytes:
        line, turn, number = answer
        address = f"{base_url}/voice/turns/{number + 1}"
        links = Links(address, f"{address}?heard=silence", f"{address}?heard=dial")
        shown = line.caller_id(_dialled(fields))
        return line.renderer.document(turn.said, turn.wait, links, shown, slow=turn.slow)


def voice_blueprint(webhooks: VoiceWebhooks, guard: WebhookGuard) -> Blueprint:
    """Return the voice webhooks; all but the static fallback refuse unsigned requests."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")

    @blueprint.route("/incoming", methods=BY_POST_OR_GET)
    def incoming() -> Response:
        guard.verify()
        return _xml(webhooks.incoming(_of_a_call(), guard.base_url()))

    @blueprint.route(f"/turns/<int(max={MOST_TURN}):number>", methods=BY_POST_OR_GET)
    def turn(number: int) -> Response:
        guard.verify()
        kind = request.args.get("heard")
        return _xml(webhooks.turn(number, kind, _of_a_call(), guard.base_url()))

    @blueprint.route("/status", methods=BY_POST_OR_GET)
    def status() -> Response:
        guard.verify()
        fields = carriers_fields()
        return Response(status=webhooks.told_status(_of_a_call() if is_over(fields) else fields))

    @blueprint.route("/fallback", methods=BY_POST_OR_GET)
    def fallback() -> Response:
        fields = carriers_fields()
        if not guard.is_carrier():
            return _xml(webhooks.fallback(fields))
        if unheard_turn(fields) is not None:
            _of_a_call()
        return _xml(webhooks.fall_back(fields, guard.base_url()))

    return blueprint


_CALL_SID = re.compile(rf"[!-~]{{1,{MOST_CALL_SID}}}")
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def names_a_call(fields: Fields) -> bool:
    """Whether the request says which call it is about: in one word, because it goes into logs."""
    return _CALL_SID.fullmatch(fields.get("CallSid", "")) is not None


def is_over(fields: Fields) -> bool:
    """Whether the carrier says that the call has ended."""
    return fields.get("CallStatus") in _OVER


def _of_a_call() -> Fields:
    fields = carriers_fields()
    if not names_a_call(fields):
        WEBHOOK_REFUSALS.count("call_missing")
        abort(400)
    return fields


_HEARD_KINDS: dict[type[Heard], str] = {Keys: "keys", Silence: "silence", DialEnded: "dial"}


def _work(kind: str, fields: Fields) -> Work:
    return Work("call", WEBHOOK_SECONDS, kind, call=fields.get("CallSid", ""))


def _tell(sentence: str, call_sid: str, fault: Exception, event: str) -> None:
    logger.error(sentence, call_sid, redacted(fault), extra={"event": event})


def _caller(fields: Fields) -> str:
    return fields.get("From", "")


def _dialled(fields: Fields) -> str:
    """The number that was dialled, in E.164; as it came when no number can be made out."""
    dialled = fields.get("To", "")
    return carriers_number(dialled) or dialled


def unheard_turn(fields: Fields) -> int | None:
    """The turn whose answer the carrier could not fetch, as it tells the fallback."""
    if not _NOT_FETCHED.fullmatch(fields.get("ErrorCode", "")):
        return None
    found = _TURN.search(urlsplit(fields.get("ErrorUrl", "")).path)
    return int(found[1] or 0) if found else None


def _heard(kind: str | None, fields: Fields) -> Heard:
    """Read what the carrier reports: a transfer's end, silence, or keys.

    A Gather that ended on its finishing key alone has no digits: that key was meant to repeat.
    """
    if kind == "dial":
        seconds = fields.get("DialCallDuration", "")
        talked = int(seconds) if seconds.isdecimal() and len(seconds) <= MOST_SECOND_DIGITS else 0
        outcome = fields.get("DialCallStatus", "failed")[:16]
        if outcome not in TALKED and is_over(fields):
            # Whatever became of the ringing: the caller has hung up.
            outcome = CANCELED
        return DialEnded(outcome, talked)
    digits = fields.get("Digits", "")[:MOST_KEYS]
    if digits:
        # Some platforms leave the key that finished the entry in it.
        return Keys(digits.rstrip("#") or digits)
    if kind != "silence" and fields.get("FinishedOnKey") == "#":
        return Keys("#")
    return Silence()


def _xml(document: bytes) -> Response:
    return Response(document, headers=DOCUMENT_HEADERS)
