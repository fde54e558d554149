"""Delivery of events over HTTP; no transaction is open while a receiver is waited for."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

import requests
from sqlalchemy import ColumnElement, Engine, false
from urllib3.exceptions import HTTPError

from backend.db.transactions import write
from backend.hooks.outbox import (
    Outgoing,
    claim_message,
    message_is_due,
    settle_delivered,
    settle_failed,
)
from backend.hooks.signing import message_body, message_id, signed_headers
from backend.http_deadline import DeadlineSession, within
from telemetry.catalogue import EVENTS

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
"""For the whole attempt, from the connection to the status."""

_TOO_LATE = "the time allowed is over"

RECEIVERS_AT_ONCE = 8
"""More than a utility has; as many slow ones would hold the next up for ``ANSWER_SECONDS``."""

LOOK_SECONDS = 1.0
"""After which, while one is asked, it is looked whether another is to be told of something."""


@dataclass
class EventDelivery:
    """Sends what is due; safe to run in any number of workers."""

    engine: Engine
    clock: Callable[[], datetime]
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def is_wanted(self, now: datetime) -> ColumnElement[bool]:
        """Whether anything is due that this process is not at already."""
        return false() if self._busy.locked() else message_is_due(now)

    def run(self, going_on: Callable[[], bool] = lambda: True) -> int:
        """Send until nothing is due, unless this process is at it; how many attempts were made.

        Each receiver gets its messages one after the other, oldest first; one that is slow keeps
        one of ``RECEIVERS_AT_ONCE`` threads and holds up no other.
        """
        if not self._busy.acquire(blocking=False):
            return 0
        try:
            with ThreadPoolExecutor(RECEIVERS_AT_ONCE, thread_name_prefix="events") as pool:
                return self._run(pool, going_on)
        finally:
            self._busy.release()

    def _run(self, pool: ThreadPoolExecutor, going_on: Callable[[], bool]) -> int:
        attempts = 0
        asked: dict[Future[None], str] = {}
        while True:
            if len(asked) < RECEIVERS_AT_ONCE and going_on():
                with write(self.engine) as connection:
                    claimed = claim_message(connection, self.clock(), apart_from=asked.values())
                if claimed is not None:
                    attempts += 1
                    asked[pool.submit(self._send, claimed)] = claimed.webhook_id
                    continue
            if not asked:
                return attempts
            # Meanwhile others may get something to be told of.
            done, _ = wait(asked, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for attempt in done:
                del asked[attempt]
                attempt.result()

    def _send(self, claimed: Outgoing) -> None:
        failure = _failure(claimed, self.clock())
        with write(self.engine) as connection:
            if failure is None:
                settle_delivered(connection, claimed, self.clock())
            given_up = failure is not None and settle_failed(connection, claimed, self.clock())
        if failure is None:
            EVENTS.count("delivered")
            return
        EVENTS.count("given_up" if given_up else "failed")
        # Neither address nor subject: the id is in the list of receivers.
        logger.log(
            logging.ERROR if given_up else logging.WARNING,
            "the receiver of events %s does not take a message: %s (attempt %d%s)",
            claimed.webhook_id,
            failure,
            claimed.attempts,
            ", given up" if given_up else "",
            extra={"event": "event_given_up" if given_up else "event_not_delivered"},
        )


def _failure(message: Outgoing, now: datetime) -> str | None:
    """Send it once; what went wrong, or ``None`` for an answer 2xx.

    No redirect is followed: the message is for whom the administrator has named. Nothing of the
    answer but its status is read.
    """
    if message.secret is None:
        return "its secret was made under another SECRET_KEY; disable it and add it again"
    identifier = message_id(message.kind, message.subject)
    body = message_body(message.kind, message.subject, message.at)
    headers = {
        "content-type": "application/json",
        "user-agent": "zoldszam",
        **signed_headers(message.secret, identifier, body, now),
    }
    try:
        with (
            within(ANSWER_SECONDS) as deadline,
            DeadlineSession() as session,
            session.post(
                message.url,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                stream=True,
                # Or a .netrc of the machine would send a password along.
                auth=lambda request: request,
            ) as answer,
        ):
            status = deadline.status = answer.status_code
            # A head that was cut off by the deadline reads like a whole one.
            if deadline.left <= 0:
                return _TOO_LATE
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        # Some complaints of a host's name come through as they are.
        return _TOO_LATE if deadline.left <= 0 else type(error).__name__
    return None if 200 <= status < 300 else f"HTTP {status}"
