"""What a worker of a run takes at once, and in which order: ``forked_workers.py``."""

from collections.abc import Sequence
from itertools import groupby

import pytest

TOGETHER = ("tests/browser",)
"""One Chromium serves them all."""
ALONE = ("tests/crash",)
"""Each waits for minutes."""
EARLY = (*ALONE, *TOGETHER, "tests/integration/process", "tests/integration/sms/test_carrier_deadl")
"""What waits longer than it works, which must not be left over at the end."""
FIRST = (
    "tests/integration/backend/records/test_readings.py",
    "tests/integration/ivr/test_lines.py",
    "tests/console/test_home.py",
    "tests/unit/common/test_encryption.py",
)
"""The first test of each is run before the fork: it makes what is made once a run, for all workers.

They leave neither a thread nor a connection, which a fork would not have.
"""


def units(items: Sequence[pytest.Item]) -> list[list[pytest.Item]]:
    """What a worker takes at once, in the order in which it is begun."""
    found = [list(group) for _, group in groupby(items, _unit)]
    return sorted(found, key=lambda unit: _turn(unit[0].nodeid))


def _unit(item: pytest.Item) -> str:
    if item.nodeid.startswith(ALONE):
        return item.nodeid
    together = next(filter(item.nodeid.startswith, TOGETHER), None)
    return together or item.nodeid.partition("::")[0]


def _turn(nodeid: str) -> int:
    return next((turn for turn, start in enumerate(EARLY) if nodeid.startswith(start)), len(EARLY))


def first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """What is run before the fork."""
    found = (next((each for each in items if each.nodeid.startswith(name)), None) for name in FIRST)
    return [item for item in found if item is not None and not needs_postgres(item)]


def needs_postgres(item: pytest.Item) -> bool:
    """Whether a test asks for the server that the workers share."""
    if not isinstance(item, pytest.Function):
        return False
    chosen = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return "postgres" in item.fixturenames or "postgresql" in chosen
