"""A web host whose clock is wrong, or jumps in the middle of a call: callers hear sentences."""

from datetime import timedelta

import pytest

from backend.db.transactions import read
from backend.records.requests.ledger import list_requests
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database

KEYS = ("5", "3", "1", "20293811", "210#", "1")
SETTLED = "A módosítást rögzítettük"
JUMPS = [
    timedelta(days=-400),
    pytest.param(timedelta(hours=-1), marks=pytest.mark.both_databases),
    timedelta(hours=1),
    timedelta(days=20 * 365),
]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_call_goes_on_when_its_host_sets_its_clock_and_nobody_is_locked_out_after_it(
    utility: Database, jump: timedelta
) -> None:
    clock = Clock.at("2026-11-21 10:00")
    with Exchange(utility.url, clock) as exchange:
        for before in range(len(KEYS)):
            call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
            for place, keys in enumerate(KEYS):
                if place == before:
                    clock.now += jump
                call.type(keys)
                assert call.last_heard, (before, keys)
            call.hang_up()
            assert not call.errors, (before, call.errors)
            clock.now -= jump
        # By the right clock again, as on any day.
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for keys in KEYS:
            call.type(keys)
        assert SETTLED in " ".join(call.heard)
    with read(utility.engine) as connection:
        assert list(list_requests(connection))
