"""Worker processes for tests, some of which are killed at a chosen moment.

Each is the command ``zoldszam worker`` in a process of its own, forked from one that has imported
everything already. In one that is to die a function is followed, and before or after one of its
calls the process gets SIGKILL, as a power cut or the kernel would have it.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any

import cli.operation.worker
from cli.operation.worker import worker_command
from tests.support.runs.forked_processes import ForkedProcess

STEPS = {
    "before claiming": ("messages.campaigns.outbox", "claim", "before", 1),
    "in the claim's transaction": ("messages.campaigns.outbox", "claim", "after", 1),
    "after claiming": ("messages.delivery.sending", "take_slot", "before", 2),
    "in the pre-send check": ("messages.delivery.sending", "pre_send_check", "before", 2),
    "before the attempts are on record": (
        "messages.delivery.pre_send_check",
        "begin_attempts",
        "after",
        2,
    ),
    "before the first request of a lot": (
        "messages.delivery.in_flight:InFlight",
        "begin",
        "before",
        2,
    ),
    "before the request": ("sms.twilio_gateway:TwilioGateway", "send", "before", 2),
    "after the first requests of a lot": ("sms.twilio_gateway:TwilioGateway", "send", "before", 4),
    "after the answer": ("sms.twilio_gateway:TwilioGateway", "send", "after", 2),
    "in the settling transaction": ("messages.delivery.settling", "accept_all", "after", 2),
    "after settling": ("messages.delivery.in_flight", "settle_all", "after", 2),
    "before letting go": ("messages.campaigns.outbox", "release_claims", "before", 1),
}
"""The steps from claim to settle: the function, on which side of it to die, and in which call.

With three messages in a lot the fourth request is the first of the second one or later.
"""


def _die_at(step: str) -> None:
    """Arrange for this process to be killed at a step."""
    place, name, side, times = STEPS[step]
    module, _, attribute = place.partition(":")
    owner: Any = import_module(module)
    if attribute:
        owner = getattr(owner, attribute)
    setattr(owner, name, _deadly(getattr(owner, name), side, times))


def _deadly(function: Callable[..., Any], side: str, times: int) -> Callable[..., Any]:
    calls = count(1)

    def deadly(*arguments: Any, **named: Any) -> Any:
        last = next(calls) == times
        if last and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **named)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return deadly


@dataclass(frozen=True)
class WrongClock:
    """A clock that is so many seconds ahead, and ``after`` so many more, jumps once."""

    ahead: float = 0.0
    jump: float = 0.0
    after: float = 0.0

    def install(self) -> None:
        """Make it the clock of this process's worker."""
        began = time.monotonic()

        def now() -> datetime:
            jumped = time.monotonic() - began >= self.after
            wrong = self.ahead + (self.jump if jumped else 0.0)
            return datetime.now(UTC) + timedelta(seconds=wrong)

        cli.operation.worker._now = now


def start_worker(
    environment: dict[str, str], step: str | None = None, clock: WrongClock | None = None
) -> ForkedProcess:
    """Start a worker, one that dies at a step, or one by a clock that is wrong."""
    return ForkedProcess(_work, environment, step, clock)


def _work(environment: dict[str, str], step: str | None, clock: WrongClock | None) -> None:
    os.environ.update(environment)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if step is not None:
        _die_at(step)
    if clock is not None:
        clock.install()
    # As many as make lots of two and more.
    worker_command.main(["--threads", "13"], "zoldszam worker")
