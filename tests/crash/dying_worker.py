"""Worker processes for tests, some of which are killed at a chosen moment.

Each is the command ``zoldszam worker`` in a process of its own, forked from one that has imported
everything already. In one that is to die a function is followed, and before or after one of its
calls the process gets SIGKILL, as a power cut or the kernel would have it.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from importlib import import_module
from itertools import count
from multiprocessing.context import ForkServerProcess
from typing import Any

from cli.worker import worker_command

STEPS = {
    "before claiming": ("sms.outbox", "claim", "before", 1),
    "in the claim's transaction": ("sms.outbox", "claim", "after", 1),
    "after claiming": ("sms.sending", "take_slot", "before", 2),
    "in the last look": ("sms.sending", "recheck", "before", 2),
    "before the attempt is on record": ("sms.recheck", "begin_attempt", "after", 2),
    "before the request": ("sms.gateway:TwilioGateway", "send", "before", 2),
    "after the answer": ("sms.gateway:TwilioGateway", "send", "after", 2),
    "in the settling transaction": ("sms.sending", "settle", "after", 2),
    "after settling": ("sms.sending", "_send_one", "after", 2),
    "before letting go": ("sms.outbox", "let_go", "before", 1),
}
"""The steps from claim to settle: the function, on which side of it to die, and in which call."""


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


def start_worker(environment: dict[str, str], step: str | None = None) -> ForkServerProcess:
    """Start a worker, or one that dies at a step."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    process = processes.Process(target=_work, args=(environment, step), daemon=True)
    process.start()
    return process


def _work(environment: dict[str, str], step: str | None) -> None:
    os.environ.update(environment)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if step is not None:
        _die_at(step)
    worker_command.main(["--threads", "3"], "zoldszam worker")
