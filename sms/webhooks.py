"""SMS webhooks: delivery receipts and incoming messages.

A failure is answered with status 500, so that the carrier shows it to its customer; the log then
names the message's id and nothing of the person.
"""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Engine

from backend.db.deadline import answer_within, retrying
from backend.db.transactions import write
from carrier.webhook_guard import BY_POST_OR_GET, WebhookGuard, carriers_fields
from common.printable import printable
from common.redaction import redacted
from messages.campaigns.outbox_states import FROM_CARRIER
from messages.content.desk_facts import DeskFacts
from messages.delivery.delivery_receipts import parse_reference, record_receipt
from sms.answer_policy import AnswerPolicy
from sms.error_codes import CodeTable
from sms.reading_replies import ReadingReplies
from sms.replies import DEFAULT_POLICY, Reply, Topics, acknowledgements, take_reply
from telemetry.catalogue import RECEIPTS, WEBHOOK_REFUSALS, WEBHOOK_SECONDS
from telemetry.work import Work

logger = logging.getLogger(__name__)

MOST_BODY = 1600
"""Characters that a message can have at the carrier; a longer one is none of a telephone's."""
MOST_SENDER = 64

Result = TypeVar("Result")

_SID = re.compile(r"[!-~]{1,128}")
_CODE = re.compile(r"[0-9]{1,9}")
_PICTURES = re.compile(r"[0-9]{1,2}")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class SmsWebhooks:
    """What the message webhooks need. Raises ``TemplateRefusedError`` for an unfit answer."""

    def __init__(
        self,
        engine: Engine,
        guard: WebhookGuard,
        clock: Callable[[], datetime],
        codes: CodeTable,
        desk_facts: DeskFacts,
        readings: ReadingReplies | None = None,
        topics: Topics | None = None,
        policy: AnswerPolicy = DEFAULT_POLICY,
    ) -> None:
        self.guard = guard
        self._engine = engine
        self._clock = clock
        self._codes = codes
        self._texts = acknowledgements(desk_facts)
        self._readings = readings
        self._topics = topics
        self._policy = policy

    def take_receipt(
        self, message_sid: str, row: tuple[int, str] | None, status: str, code: int | None
    ) -> None:
        """Take in a receipt; one for a message that nobody knows is only noted."""
        number, reference = row or (None, None)
        known = self._store(
            "receipt",
            message_sid,
            lambda connection: record_receipt(
                connection,
                number=number,
                reference=reference,
                message_sid=message_sid,
                status=status,
                code=code,
                stop=self._codes.find(code).stop,
                now=self._clock(),
            ),
        )
        RECEIPTS.count(FROM_CARRIER.get(status, "other"))
        if not known:
            logger.warning(
                "receipt for message %s, which is not in the outbox",
                message_sid,
                extra={"event": "receipt_without_message"},
            )

    def take_reply(self, reply: Reply) -> str | None:
        """Take in a reply; what to answer, if anything."""
        return self._store(
            "inbound",
            reply.message_sid,
            lambda connection: take_reply(
                connection,
                reply,
                self._texts,
                self._clock(),
                self._readings,
                self._topics,
                self._policy,
            ),
        ).acknowledgement

    def _store(self, kind: str, message_sid: str, take: Callable[[Connection], Result]) -> Result:
        """Do it in one transaction that is on the disk at the end, within ``ANSWER_SECONDS``.

        A failure is status 500 and one line in the log.
        """

        def once() -> Result:
            with write(self._engine) as connection:
                return take(connection)

        with Work("message", WEBHOOK_SECONDS, kind, message_sid=message_sid) as work:
            try:
                with answer_within():
                    return retrying(once)
            except Exception as fault:
                work.failed(fault)
                logger.error(
                    "message %s failed: %s",
                    message_sid,
                    redacted(fault),
                    extra={"event": "message_failed"},
                )
                abort(500)


def sms_blueprint(webhooks: SmsWebhooks) -> Blueprint:
    """Return the message webhooks; both refuse unsigned requests."""
    blueprint = Blueprint("sms", __name__, url_prefix="/sms")

    @blueprint.route("/status", methods=BY_POST_OR_GET)
    def status() -> Response:
        webhooks.guard.verify()
        sid, row = _message_sid(), parse_reference(request.args.get("m", ""))
        if sid:
            word = carriers_fields().get("MessageStatus") or carriers_fields().get("SmsStatus", "")
            webhooks.take_receipt(sid, row, word, _code())
        return Response(status=204)

    @blueprint.route("/inbound", methods=BY_POST_OR_GET)
    def inbound() -> Response:
        webhooks.guard.verify()
        sid = _message_sid() or abort(400)
        sender, body = _field("From")[:MOST_SENDER], _field("Body")[:MOST_BODY]
        opt_out_type, to = carriers_fields().get("OptOutType"), _field("To")[:MOST_SENDER]
        reply = Reply(sid, sender, body, opt_out_type, to, _pictures())
        return _document(webhooks.take_reply(reply))

    return blueprint


def _message_sid() -> str | None:
    """The message's id: opaque, but of one word, because it goes into logs."""
    for name in ("MessageSid", "SmsSid", "SmsMessageSid"):
        message_sid = carriers_fields().get(name, "")
        if _SID.fullmatch(message_sid):
            return message_sid
    WEBHOOK_REFUSALS.count("message_missing")
    logger.warning(
        "%s names no message", printable(request.path), extra={"event": "message_without_id"}
    )
    return None


def _code() -> int | None:
    code = carriers_fields().get("ErrorCode", "")
    return int(code) if _CODE.fullmatch(code) else None


def _pictures() -> int:
    number = carriers_fields().get("NumMedia", "")
    return int(number) if _PICTURES.fullmatch(number) else 0


def _field(name: str) -> str:
    # PostgreSQL keeps no NUL in a text.
    return carriers_fields().get(name, "").replace("\0", "")


def _document(answer: str | None) -> Response:
    message = "" if answer is None else f"<Message>{escape(answer)}</Message>"
    document = f"{_HEAD}<Response>{message}</Response>"
    # A carrier keeps what it gets by GET as long as it may.
    return Response(document, mimetype="text/xml", headers={"Cache-Control": "no-store"})
