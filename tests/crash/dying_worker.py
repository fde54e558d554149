"""A worker that is killed at a chosen moment: ``python -m tests.crash.dying_worker STEP COUNT``.

It is ``zoldszam worker`` itself; only the named function of the named module is followed, and after
(or before) its COUNT-th call the process gets SIGKILL, as a power cut or the kernel would have it.
"""

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

from cli import main

STEPS = {
    "before claiming": ("sms.outbox", "claim", "before"),
    "in the claim's transaction": ("sms.outbox", "claim", "after"),
    "after claiming": ("sms.sending", "take_slot", "before"),
    "in the last look": ("sms.sending", "recheck", "before"),
    "before the attempt is on record": ("sms.recheck", "begin_attempt", "after"),
    "before the request": ("sms.gateway:TwilioGateway", "send", "before"),
    "after the answer": ("sms.gateway:TwilioGateway", "send", "after"),
    "in the settling transaction": ("sms.sending", "settle", "after"),
    "after settling": ("sms.sending", "_send_one", "after"),
    "before letting go": ("sms.outbox", "let_go", "before"),
}
"""The steps from claim to settle: where the function is, and on which side of it to die."""


def die_at(step: str, times: int) -> None:
    """Arrange for this process to be killed when the step is taken for the ``times``-th time."""
    place, name, side = STEPS[step]
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


if __name__ == "__main__":
    die_at(sys.argv[1], int(sys.argv[2]))
    sys.argv = ["zoldszam", "worker", "--threads", "2"]
    main()
