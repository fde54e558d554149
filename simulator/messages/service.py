"""The telephone company's message desk: takes messages, delivers them, passes replies on."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random, SystemRandom
from threading import Event, RLock
from typing import Any

from simulator.messages.agenda import Agenda
from simulator.messages.answer import Sending
from simulator.messages.creation import read_draft
from simulator.messages.delivery import Delays, Delivery, Fate, Step, receipt_of
from simulator.messages.errors import ApiError
from simulator.messages.faults import Faults
from simulator.messages.inbound import ask, inbound_form
from simulator.messages.message import Direction, Message
from simulator.messages.opt_out import ANSWERS, Keyword, OptOutMode, keyword_in
from simulator.messages.traffic import ApiRequest, WebhookFailure
from simulator.parameters import new_sid
from simulator.transport import Form, HttpTransport, Transport
from simulator.webhook import Request, WebhookError, Webhooks


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a reply: the message, what was sent in answer to it, and what went wrong.

    ``answers`` holds the carrier's own answer to an opt-out too, and messages to a number that has
    opted out, which end as ``failed`` with 21610.
    """

    message: Message
    answers: list[Message]
    failures: list[WebhookFailure]


class MessageService:
    """One account's messages. Safe to use from several threads.

    ``rng`` makes ids and decides on faults, alike for the same seed and order of requests.
    ``clock`` gives epoch seconds for dates and for ``list_lag``, the seconds that a new message
    stays out of the API's list. Delivery runs ``delays`` after the creation, in real time unless
    another ``agenda`` is given.
    ``senders`` is the pool that a Messaging Service chooses from: its first is taken; with a
    ``messaging_service_sid`` replies say that they came by it.

    ``messages``, ``requests`` (those that came to the API), ``webhooks`` (every attempt that was
    made to reach the service), ``failures`` and ``struck`` (how often each fault has, by its name)
    grow until ``clear``. ``faults`` may be replaced or changed at any time, and so may ``opt_out``
    and ``list_lag``.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sms_url: str,
        transport: Transport | None = None,
        rng: Random | None = None,
        clock: Callable[[], float] = time.time,
        faults: Faults | None = None,
        list_lag: float = 0.0,
        opt_out: OptOutMode = "off",
        *,
        delays: Delays | None = None,
        senders: tuple[str, ...] = ("+36209383838",),
        messaging_service_sid: str | None = None,
        agenda: Agenda | None = None,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.sms_url = sms_url
        self.clock = clock
        self.faults = faults or Faults()
        self.list_lag = list_lag
        self.opt_out: OptOutMode = opt_out
        self.senders = senders
        self.opted_out: set[tuple[str, str]] = set()
        self.requests: list[ApiRequest] = []
        self.webhooks: list[Request] = []
        self.failures: list[WebhookFailure] = []
        self.creation_requests = 0
        self.struck: Counter[str] = Counter()
        self._messages: dict[str, Message] = {}
        self._service_sid = messaging_service_sid
        self._rng = rng or SystemRandom()
        # A stream of its own: what webhooks draw meanwhile must not change whom a fault strikes.
        self._fate_rng = Random(self._rng.getrandbits(64))  # noqa: S311 - decides on faults
        self._lock = RLock()
        self._closing = Event()
        self._agenda = agenda or Agenda()
        self._delivery = Delivery(self._agenda, delays or Delays(), self._enter, self._post)
        wire = transport or HttpTransport()
        self._wire = Webhooks(wire, auth_token, self._rng, self.webhooks.append, keep_port=True)

    # --- what the API's routes need

    def create(self, form: Form) -> dict[str, Any]:
        """Take a message to be sent; gives the API's JSON object. Raises ``ApiError``."""
        draft = read_draft(form)
        sender = draft.from_ or self.senders[0]
        with self._lock:
            if (draft.to, sender) in self.opted_out:
                raise ApiError(21610)
            if self.strikes("refuse", draft.to):
                raise ApiError(self.faults.refuse.code)
            message = self._new("outbound-api", draft.from_, draft.to, draft.body)
            message.messaging_service_sid = draft.messaging_service_sid
            message.status_callback = draft.status_callback
            message.validity_period = draft.validity_period
            if draft.messaging_service_sid is not None:
                message.status = "accepted"
            self._delivery.start(message, self._fate(draft.to))
            return message.resource()

    def note_creation_request(self) -> None:
        """Count a request to create a message, whatever becomes of it."""
        with self._lock:
            self.creation_requests += 1

    def new_request_id(self) -> str:
        """What the API names one request by, in a header of its answer."""
        return new_sid("RQ", self._rng)

    def strikes(self, name: str, recipient: str) -> bool:
        """Whether the fault of that name strikes this time; asking uses up one of its ``next``."""
        with self._lock:
            struck: bool = getattr(self.faults, name).strikes(recipient, self._fate_rng)
            if struck:
                self.struck[name] += 1
            return struck

    def find(self, sid: str) -> Message | None:
        with self._lock:
            return self._messages.get(sid)

    def listed(self) -> list[Message]:
        """The messages that the API's list shows at this moment, newest first."""
        newest = self.clock() - self.list_lag
        return [each for each in reversed(self.messages) if each.created_at <= newest]

    def hold(self, seconds: float) -> None:
        """Wait, but not past ``close``."""
        self._closing.wait(seconds)

    # --- what a recipient does

    def reply(self, from_: str, to: str, body: str) -> Reply:
        """Let the recipient ``from_`` write to ``to`` and see what the service answers.

        Returns when the webhook has been answered or has failed; a failure is only noted, as the
        carrier does with messages.
        """
        message = self._new("inbound", from_, to, body)
        message.messaging_service_sid = self._service_sid
        message.sent_at = message.created_at
        keyword = keyword_in(body) if self.opt_out != "off" else None
        answers = [self._obey(keyword, message)] if keyword else []
        form = inbound_form(message)
        if self.opt_out == "advanced" and keyword is not None:
            form.append(("OptOutType", keyword))
        failures: list[WebhookFailure] = []
        try:
            for part in ask(self._wire, self.sms_url, form):
                if isinstance(part, WebhookFailure):
                    failures.append(part)
                else:
                    answers.append(self._answer(message, part))
        except WebhookError as error:
            failures.append(WebhookFailure.of(error))
        self.failures.extend(failures)
        return Reply(message, answers, failures)

    # --- what tests and pages look at

    @property
    def messages(self) -> list[Message]:
        """Every message, oldest first: outbound, inbound and answers."""
        with self._lock:
            return list(self._messages.values())

    @property
    def pending(self) -> int:
        """How many messages or receipts are on their way."""
        return self._agenda.pending

    def wait_until_quiet(self, timeout: float = 5.0) -> None:
        """Return when every message has its last status and every receipt is sent.

        Raises ``TimeoutError`` after ``timeout`` seconds.
        """
        self._agenda.wait_until_quiet(timeout)

    def clear(self) -> None:
        """Forget messages and traffic, and what was on its way; opt-outs and faults stay."""
        with self._lock:
            self._agenda.clear()
            self._messages.clear()
            self.requests.clear()
            self.webhooks.clear()
            self.failures.clear()
            self.struck.clear()
            self.creation_requests = 0

    def close(self) -> None:
        """Deliver nothing more and let held connections go."""
        self._closing.set()
        self._agenda.close()

    # --- the inside

    def _new(self, direction: Direction, from_: str | None, to: str, body: str) -> Message:
        with self._lock:
            now = self.clock()
            message = Message(
                sid=new_sid("SM", self._rng),
                account_sid=self.account_sid,
                to=to,
                from_=from_,
                body=body,
                direction=direction,
                status="received" if direction == "inbound" else "queued",
                created_at=now,
                updated_at=now,
            )
            self._messages[message.sid] = message
            return message

    def _fate(self, recipient: str) -> Fate:
        faults = self.faults
        with self._lock:
            before = self.struck.copy()
            late = self.strikes("receipts_late", recipient)
            fails = self.strikes("fail_delivery", recipient)
            fate = Fate(
                faults.fail_delivery.code if fails else None,
                self.strikes("stuck_in_sent", recipient),
                faults.receipts_late.seconds if late else 0.0,
                self.strikes("receipts_doubled", recipient),
                self.strikes("receipts_reordered", recipient),
                self.strikes("receipts_lost", recipient),
            )
            if fate.receipts_lost:
                # Of receipts that never come nothing else can go wrong.
                for name in ("receipts_late", "receipts_doubled", "receipts_reordered"):
                    self.struck[name] = before[name]
            return fate

    def _enter(self, message: Message, step: Step) -> Form | None:
        with self._lock:
            if message.sid not in self._messages:
                return None
            message.status = step.status
            message.error_code = step.error_code
            message.updated_at = self.clock()
            if message.from_ is None:
                message.from_ = self.senders[0]
            if step.status == "sent":
                message.sent_at = message.updated_at
            return receipt_of(message)

    def _post(self, url: str, receipt: Form) -> None:
        try:
            self._wire.send(url, "POST", receipt, [])
        except WebhookError as error:
            self.failures.append(WebhookFailure.of(error))

    def _obey(self, keyword: Keyword, message: Message) -> Message:
        pair = (message.from_ or "", message.to)
        with self._lock:
            if keyword == "STOP":
                self.opted_out.add(pair)
            elif keyword == "START":
                self.opted_out.discard(pair)
        return self._send(Sending(ANSWERS[keyword]), message)

    def _answer(self, message: Message, sending: Sending) -> Message:
        pair = (sending.to or message.from_ or "", sending.from_ or message.to)
        if pair not in self.opted_out:
            return self._send(sending, message)
        blocked = self._new("outbound-reply", pair[1], pair[0], sending.body)
        blocked.status, blocked.error_code = "failed", 21610
        return blocked

    def _send(self, sending: Sending, message: Message) -> Message:
        sender, recipient = sending.from_ or message.to, sending.to or message.from_ or ""
        with self._lock:
            sent = self._new("outbound-reply", sender, recipient, sending.body)
            sent.messaging_service_sid = self._service_sid
            sent.status_callback = sending.status_callback
            self._delivery.start(sent, self._fate(recipient))
            return sent
