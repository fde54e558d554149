"""The worker process: Huey's consumer with its tasks.

The engine (Huey) only carries the ticks and the tasks' names; it may lose or repeat any of them,
because the outbox alone is the truth. Every task is safe to run twice, at once, or not at all.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

from huey.api import Huey
from huey.signals import SIGNAL_ERROR
from sqlalchemy import RowMapping, and_, false, or_, select

from backend.db.recurring import RecurringWork, is_due, recurring_turn, take
from backend.db.tables.messages import ASKED_BY_CALL, campaigns
from backend.db.transactions import read, write
from backend.hooks.delivery import EventDelivery
from backend.staff.background_jobs.job_runner import JobRunner
from messages.campaigns.lifecycle import begin_scheduled, starts_are_due
from messages.campaigns.on_request import caller_texts_are_due, due_caller_texts
from messages.campaigns.outbox import expire_leases, leases_have_ended
from messages.delivery.consumer import TICK_SECONDS, TickingConsumer
from messages.delivery.gateway import CarrierRefusesError
from messages.delivery.in_flight import InFlight
from messages.delivery.reconciling import LOOK_AGAIN, reconcile, unknown_are_due
from messages.delivery.sending import send_batch
from messages.delivery.sending_context import SendingContext
from telemetry.catalogue import ERRORS, PACE, TICK, error_code

logger = logging.getLogger(__name__)

STALE_SECONDS = 10
"""A task that nobody took in this time is not worth taking: the next tick brings another."""
CLOCKS_APART = timedelta(minutes=2)
"""So far our clock and the carrier's may differ before somebody has to hear of it."""
MOST_ANSWERS = 50
"""Texts that callers asked for which are looked up at once."""
SETTING_GOING = RecurringWork(
    # A little less than a tick, or a tick that comes early would be left out.
    "scheduled_starts",
    every=timedelta(seconds=0.9 * TICK_SECONDS),
    lease=timedelta(seconds=10),
)
"""Leases that have ended and starts that have become due."""
RECONCILING = RecurringWork(
    "reconcile", every=timedelta(seconds=0.9 * TICK_SECONDS), lease=LOOK_AGAIN
)
RETENTION = RecurringWork("retention", every=timedelta(hours=1), lease=timedelta(minutes=10))

_RUNNING = select(campaigns.c.campaign_id).where(
    campaigns.c.state == "running", campaigns.c.created_by != ASKED_BY_CALL
)
"""The campaigns that run, but for the texts that callers have asked for."""

Retention = Callable[[Callable[[], bool]], None]
"""Deletes what is past its time, until it is done or what it is given denies."""


class Worker:
    """Runs the tasks, which send with ``threads`` requests to the carrier at once.

    One thread sends all campaigns, a batch of each in turn, and asks the carrier in a pool of
    others. What callers have asked for waits behind no campaign: it has a thread of its own, with
    the last of the requests, as have the jobs of staff and the events of which others are told.
    ``stopping`` is set when the process is to end: it finishes what is on its way.
    """

    def __init__(
        self,
        engine: Huey,
        context: SendingContext,
        threads: int,
        stopping: threading.Event,
        jobs: JobRunner | None = None,
        events: EventDelivery | None = None,
        retention: Retention | None = None,
    ) -> None:
        self._context = context
        self._jobs = jobs
        self._events = events
        self._retention = retention
        self._pool = ThreadPoolExecutor(threads - 1, "request")
        self._requests = InFlight(context, threads - 1, self._pool)
        self._stopping = stopping
        self._sending = threading.Lock()
        self._answering = threading.Lock()
        self._clock_is_right = True
        self._engine = engine
        engine.signal(SIGNAL_ERROR)(_note_failure)
        tasks = {
            "send": self.send,
            "answer": self.answer,
            "reconcile": self.reconcile,
            "jobs": self.do_jobs,
            "events": self.tell,
            "retention": self.forget,
        }
        self._begin = {
            name: engine.task(name=name, expires=STALE_SECONDS)(task)
            for name, task in tasks.items()
        }
        # What workers of the release before put into the queue at each of their ticks.
        engine.task(name="beat", expires=STALE_SECONDS)(self.tick)

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C."""
        consumer = TickingConsumer(self._engine, self.tick, self._stopping)
        PACE.put(self._context.policy.pace)
        with self._seen(), self._pool:
            consumer.run()

    def tick(self) -> None:
        """See to what has become due, and have the running campaigns sent on.

        What has to be done once is done by one of all workers; all of them send.
        """
        now = self._context.clock()
        self._compare_clocks(now)
        due = self._due(now)
        if due["setting_going"]:
            self._set_going(now)
            # What has begun is sent by the same tick.
            due = self._due(now)
        for name, begin in self._begin.items():
            if due[name]:
                begin()
        TICK.put(self._context.clock().timestamp())

    def _due(self, now: datetime) -> RowMapping:
        """What there is to do, by one statement: most ticks find nothing."""
        policy, jobs, events = self._context.policy, self._jobs, self._events
        wanted = {
            "setting_going": or_(leases_have_ended(now, policy.attempt_lease), starts_are_due(now)),
            "send": _RUNNING.exists(),
            "answer": caller_texts_are_due(now),
            "reconcile": and_(unknown_are_due(policy, now), is_due(RECONCILING, now)),
            "jobs": jobs.is_wanted(now) if jobs is not None else false(),
            "events": events.is_wanted(now) if events is not None else false(),
            "retention": is_due(RETENTION, now) if self._retention is not None else false(),
        }
        asked = select(*(condition.label(name) for name, condition in wanted.items()))
        with read(self._context.engine) as connection:
            return connection.execute(asked).mappings().one()

    def _set_going(self, now: datetime) -> None:
        """Free what the dead have claimed and start what is scheduled, once a deployment."""
        with write(self._context.engine, durable=False) as connection:
            # In one transaction: a worker that dies here has not taken it.
            if take(connection, SETTING_GOING, now, now + SETTING_GOING.every):
                expire_leases(connection, now, self._context.policy.attempt_lease)
                begin_scheduled(connection, now)

    def send(self) -> None:
        """Send on what runs until nothing is left to send now, unless this process is at it."""
        if not self._sending.acquire(blocking=False):
            return
        try:
            while not self._stopping.is_set() and self._send_round():
                pass
            self._requests.drain()
        finally:
            self._sending.release()

    def _send_round(self) -> bool:
        """Send a batch of each campaign; whether another round may find something to do."""
        going_on, were_open = False, self._requests.are_open
        for campaign_id in self._running():
            if self._stopping.is_set():
                return False
            going_on = send_batch(self._context, campaign_id, self._requests) or going_on
        if not going_on and (were_open or self._requests.are_open):
            # What comes of them may be the end of a campaign, also of one that was looked at just
            # before; others may begin meanwhile.
            self._requests.drain(TICK_SECONDS)
            return True
        return going_on

    def _running(self) -> Sequence[str]:
        with read(self._context.engine) as connection:
            return connection.scalars(_RUNNING.order_by(campaigns.c.campaign_id)).all()

    def answer(self) -> None:
        """Send what callers have asked for, unless this process is at it."""
        if not self._answering.acquire(blocking=False):
            return
        try:
            going_on = True
            while going_on:
                with read(self._context.engine) as connection:
                    found = due_caller_texts(connection, self._context.clock(), MOST_ANSWERS)
                going_on = False
                for campaign_id in found:
                    if self._stopping.is_set():
                        return
                    going_on = send_batch(self._context, campaign_id) or going_on
        finally:
            self._answering.release()

    def do_jobs(self) -> None:
        """Do what staff have asked for, unless this process is at it."""
        while self._jobs is not None and not self._stopping.is_set():
            if not self._jobs.run_one():
                return

    def tell(self) -> None:
        """Tell other systems of events, unless this process is at it."""
        if self._events is not None:
            self._events.run(lambda: not self._stopping.is_set())

    def reconcile(self) -> None:
        """Find out what is unknown, unless a worker is at it or was refused just now."""
        context = self._context
        with recurring_turn(context.engine, RECONCILING, context.clock) as turn:
            if turn is None:
                return
            going_on = lambda: not self._stopping.is_set() and turn.goes_on()  # noqa: E731
            try:
                reconcile(context.engine, context.gateway, context.policy, context.clock, going_on)
            except CarrierRefusesError as error:
                logger.error(
                    "what is unknown stays unknown: %s",
                    error,
                    extra={"event": "reconciliation_refused"},
                )
                turn.again_in = LOOK_AGAIN

    def forget(self) -> None:
        """Delete what is past its time, unless a worker has done so within the hour."""
        if self._retention is None:
            return
        with recurring_turn(self._context.engine, RETENTION, self._context.clock) as turn:
            if turn is not None:
                self._retention(lambda: not self._stopping.is_set() and turn.goes_on())

    def _compare_clocks(self, now: datetime) -> None:
        """Tell once when our clock is wrong, and once when it is right again."""
        carrier_time = self._context.gateway.carrier_time()
        if carrier_time is None:
            return
        ahead = now - carrier_time
        is_right = abs(ahead) <= CLOCKS_APART
        if is_right != self._clock_is_right:
            self._clock_is_right = is_right
            level = logging.INFO if is_right else logging.ERROR
            seconds = ahead.total_seconds()
            logger.log(
                level,
                "this machine's clock is %+.0f s from the carrier's",
                seconds,
                extra={"event": "clock_compared"},
            )

    @contextmanager
    def _seen(self) -> Iterator[None]:
        """Let the console know that there is a worker, as long as there is."""
        if self._jobs is None:
            yield
            return
        # Until its last job is done: of a worker that is not seen another takes the job over.
        ended, present = threading.Event(), self._jobs.stay_present
        thread = threading.Thread(target=present, args=(ended,), name="presence")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _note_failure(_signal: str, _task: object, fault: BaseException | None = None) -> None:
    """The engine logs what a task raises, and goes on."""
    if fault is not None:
        ERRORS.count("task", error_code(fault))
