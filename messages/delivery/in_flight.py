"""The requests to the carrier that are on their way, and what is written down of their answers.

A message's attempt is on the disk before its request begins. What has come of several requests by
the same moment is settled in one transaction: whoever finds nobody at it settles what is there.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.db.transactions import write
from messages.campaigns.campaign import Campaign
from messages.campaigns.outbox import Claim
from messages.delivery.delivery_receipts import callback_url
from messages.delivery.gateway import Misconfigured, Outcome, RetryLater, Unknown
from messages.delivery.pre_send_check import Permit
from messages.delivery.rate_limit import hold_back
from messages.delivery.sending_context import SendingContext
from messages.delivery.sending_metrics import count_outcome, name_of
from messages.delivery.settling import Answer, settle_all
from telemetry.catalogue import CARRIER_SECONDS
from telemetry.log_context import bound
from telemetry.work import Work

UNKNOWN_IN_A_ROW = 5
"""After so many the carrier is taken to be away: nobody sends for as long as one waits for it."""


@dataclass(frozen=True, slots=True)
class Noted:
    """When the attempts of a lot were noted, by both clocks, and how long the carrier may wait."""

    at: datetime
    carrier_time: datetime | None
    valid_for: timedelta | None


class InFlight:
    """Makes requests, ``most`` at once, each in a thread of ``pool``.

    Without a pool they are made by who begins them, one after the other; what they raise comes out
    there. With one it comes out at the next ``wait_for_room`` or ``drain``.
    """

    def __init__(
        self, context: SendingContext, most: int = 1, pool: Executor | None = None
    ) -> None:
        self.most = most
        self.halted = False
        """Set when an answer says that the batch should not go on; its sender clears it."""
        self._context = context
        self._pool = pool
        self._open = 0
        self._changed = threading.Condition()
        self._fault: BaseException | None = None
        self._answers: deque[Answer] = deque()
        self._settling = threading.Lock()
        self._unknowns = 0

    @property
    def are_open(self) -> bool:
        """Whether any request is on its way or not settled yet."""
        return self._open > 0

    def wait_for_room(self, number: int) -> None:
        """Wait until so many more can be on their way; raises what a request has raised."""
        self._wait(self.most - number)

    def drain(self, seconds: float | None = None) -> None:
        """Wait until all are settled, or so long; raises what a request has raised."""
        self._wait(0, seconds)

    def begin(self, campaign: Campaign, lot: Sequence[tuple[Claim, Permit]], noted: Noted) -> None:
        """Ask the carrier for each of a lot whose attempts are noted."""
        if self._pool is None:
            for claimed, permit in lot:
                self._add(1)
                self._request(campaign, claimed, permit, noted)
            return
        self._add(len(lot))
        for claimed, permit in lot:
            self._pool.submit(self._in_thread, campaign, claimed, permit, noted)

    def _wait(self, most_open: int, seconds: float | None = None) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._open <= most_open or self._fault is not None, seconds
            )
            fault, self._fault = self._fault, None
        if fault is not None:
            raise fault

    def _add(self, number: int) -> None:
        with self._changed:
            self._open += number
            if number < 0:
                self._changed.notify_all()

    def _in_thread(self, campaign: Campaign, claimed: Claim, permit: Permit, noted: Noted) -> None:
        try:
            with bound(campaign=campaign.campaign_id):
                self._request(campaign, claimed, permit, noted)
        except BaseException as fault:
            with self._changed:
                self._fault = fault
                self._changed.notify_all()

    def _request(self, campaign: Campaign, claimed: Claim, permit: Permit, noted: Noted) -> None:
        try:
            with Work("send", outbox_row=claimed.number) as work:
                outcome = self._ask(campaign, claimed, permit, noted)
                work.note(outcome=name_of(outcome))
        except BaseException:
            self._add(-1)
            raise
        self._answers.append(Answer(campaign, claimed, outcome))
        self._settle()

    def _ask(
        self, campaign: Campaign, claimed: Claim, permit: Permit, noted: Noted
    ) -> Outcome | None:
        """The carrier's answer; ``None`` when this process was held up and must not ask."""
        held_up = self._held_up_since(noted)
        if held_up > self._context.policy.claim_lease / 2:
            # By now the row may be somebody else's.
            return None
        callback = callback_url(self._context.public_url, claimed.number, permit.reference)
        valid_for = None if noted.valid_for is None else noted.valid_for - held_up
        with Work("carrier request", CARRIER_SECONDS):
            return self._context.gateway.send(claimed.phone, campaign.message, callback, valid_for)

    def _held_up_since(self, noted: Noted) -> timedelta:
        """How long ago that was, by whichever clock says more: ours may have been put back."""
        held_up = self._context.clock() - noted.at
        later = self._context.gateway.carrier_time()
        if noted.carrier_time is None or later is None:
            return held_up
        return max(held_up, later - noted.carrier_time)

    def _settle(self) -> None:
        """Settle what is there, unless a thread is at it: that one looks again when it is done."""
        while self._answers and self._settling.acquire(blocking=False):
            answers: list[Answer] = []
            try:
                while self._answers:
                    answers.append(self._answers.popleft())
                settle_all(self._context, answers)
                for answer in answers:
                    self._note(answer)
            finally:
                self._settling.release()
                self._add(-len(answers))

    def _note(self, answer: Answer) -> None:
        count_outcome(answer.outcome, answer.campaign)
        self._unknowns = self._unknowns + 1 if isinstance(answer.outcome, Unknown) else 0
        if self._unknowns >= UNKNOWN_IN_A_ROW:
            context, self._unknowns, self.halted = self._context, 0, True
            with write(context.engine, durable=False) as connection:
                wait = context.policy.send_timeout
                hold_back(connection, context.gateway.sender, context.clock(), wait)
        if isinstance(answer.outcome, RetryLater | Misconfigured):
            self.halted = True
