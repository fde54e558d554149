"""A message's statuses from queue to handset, and their delivery receipts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from simulator.messages.agenda import Agenda
from simulator.messages.message import Message, Status
from simulator.parameters import API_VERSION
from simulator.transport import Form

FAILED_BEFORE_SENDING = frozenset({30001, 30002, 30036, 30450})
"""The delivery errors that end a message as ``failed``; all others leave it ``undelivered``."""


class Delays(NamedTuple):
    """Seconds from the creation of a message until it is sent, and until it has arrived."""

    sent: float = 0.2
    delivered: float = 0.6


class Step(NamedTuple):
    """What becomes of a message, and how many seconds after it was created."""

    status: Status
    seconds: float
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What the faults have in store for one message."""

    error_code: int | None = None
    stuck_in_sent: bool = False
    receipts_late: float = 0.0
    receipts_doubled: bool = False
    receipts_reordered: bool = False
    receipts_lost: bool = False


def steps_of(message: Message, fate: Fate, delays: Delays) -> Iterator[Step]:
    """The statuses that lie before a message, in order.

    With a Messaging Service it is queued first, when a sender has been chosen. A message whose
    validity period is shorter than the wait in the queue fails with 30036.
    """
    if message.status == "accepted":
        yield Step("queued", min(delays.sent, message.validity_period) / 2)
    if message.validity_period < delays.sent:
        yield Step("failed", message.validity_period, 30036)
    elif fate.error_code in FAILED_BEFORE_SENDING:
        yield Step("failed", delays.sent, fate.error_code)
    else:
        yield Step("sent", delays.sent)
        if not fate.stuck_in_sent:
            status: Status = "delivered" if fate.error_code is None else "undelivered"
            yield Step(status, delays.delivered, fate.error_code)


def receipt_of(message: Message) -> Form:
    """The fields of a status callback at this moment."""
    form = [
        ("AccountSid", message.account_sid),
        ("ApiVersion", API_VERSION),
        ("MessageSid", message.sid),
        ("MessageStatus", message.status),
        ("SmsSid", message.sid),
        ("SmsStatus", message.status),
        ("To", message.to),
    ]
    if message.from_ is not None:
        form.append(("From", message.from_))
    if message.messaging_service_sid is not None:
        form.append(("MessagingServiceSid", message.messaging_service_sid))
    if message.error_code is not None:
        form.append(("ErrorCode", str(message.error_code)))
    if message.status in ("delivered", "undelivered"):
        done = datetime.fromtimestamp(message.updated_at, UTC)
        form.append(("RawDlrDoneDate", f"{done:%y%m%d%H%M}"))
    return form


class Delivery:
    """Takes messages through their statuses and sends the receipts.

    ``enter`` puts a message into its next status and gives the receipt that tells of it, or None
    when the message is forgotten; ``post`` sends a receipt. The receipts of one message are sent
    one after the other, in the order of its statuses unless its fate says otherwise; between
    messages nothing is promised.
    """

    def __init__(
        self,
        agenda: Agenda,
        delays: Delays,
        enter: Callable[[Message, Step], Form | None],
        post: Callable[[str, Form], None],
    ) -> None:
        self._agenda = agenda
        self._delays = delays
        self._enter = enter
        self._post = post

    def start(self, message: Message, fate: Fate) -> None:
        """Send ``message`` on its way; its first status is the one it has."""
        steps = list(steps_of(message, fate, self._delays))
        self._agenda.after(steps[0].seconds, partial(self._advance, message, fate, steps, []))

    def _advance(self, message: Message, fate: Fate, steps: list[Step], held: list[Form]) -> None:
        step, *later = steps
        receipt = self._enter(message, step)
        if receipt is None:
            return
        if message.status_callback is not None and not fate.receipts_lost:
            ready = [receipt]
            if fate.receipts_reordered:
                ready = [] if later else [receipt, *reversed(held)]
                held = [*held, receipt]
            if fate.receipts_doubled:
                ready = [each for each in ready for _ in range(2)]
            self._send(message.status_callback, fate, ready)
        if later:
            wait = max(later[0].seconds - step.seconds, 0.0)
            self._agenda.after(wait, partial(self._advance, message, fate, later, held))

    def _send(self, url: str, fate: Fate, receipts: list[Form]) -> None:
        if fate.receipts_late:
            job = partial(self._post_all, url, receipts)
            self._agenda.after(fate.receipts_late, job)
        else:
            self._post_all(url, receipts)

    def _post_all(self, url: str, receipts: list[Form]) -> None:
        for receipt in receipts:
            self._post(url, receipt)
