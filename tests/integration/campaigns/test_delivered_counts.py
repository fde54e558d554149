"""How many messages have arrived, for lists: kept once no receipt comes any more."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, update

from backend.db.tables.messages import ASKED_BY_CALL, campaigns, outbox
from backend.db.transactions import read, write
from messages.campaigns.counting import (
    RECEIPTS_COME_FOR,
    count,
    count_delivered,
    keep_delivered,
)
from tests.support.databases.database import Database
from tests.support.databases.recipients import NOW, campaign_row, mobile

pytestmark = pytest.mark.both_databases

LONG_AGO = NOW - RECEIPTS_COME_FOR - timedelta(seconds=1)


def add(connection: Connection, name: str, *states: str, **values: object) -> None:
    row = campaign_row("debt", campaign_id=name, recipients=len(states), **values)
    connection.execute(insert(campaigns), row)
    for number, state in enumerate(states):
        reason = {"suppressed": "paid", "unknown": "needs_person"}.get(state)
        message = {"campaign_id": name, "line": number + 2, "phone": mobile(number)}
        reported = {"code": 30005 if state == "failed" and number else None, "reason": reason}
        connection.execute(insert(outbox), message | {"state": state} | reported)


def test_of_a_campaign_that_has_been_over_for_a_week_the_number_is_kept(
    database: Database,
) -> None:
    with write(database.engine) as connection:
        add(connection, "OLD", "delivered", "unknown", "delivered", state="done", ended_at=LONG_AGO)
        add(connection, "NEW", "delivered", "sent", state="done", ended_at=NOW)
        add(connection, "RUNS", "delivered", "queued", state="running")
        add(connection, "OPEN", "delivered", "claimed", state="cancelled", ended_at=LONG_AGO)
        asked = {"state": "done", "ended_at": LONG_AGO, "created_by": ASKED_BY_CALL}
        add(connection, "CALL", "delivered", **asked)
    assert keep_delivered(database.engine, NOW) == 1
    assert keep_delivered(database.engine, NOW) == 0
    with write(database.engine) as connection:
        # Read as it was kept: what is listed is not counted again.
        connection.execute(update(outbox).values(state="delivered"))
        listed = count_delivered(connection, ["OLD", "NEW", "RUNS"])
        assert count(connection, "OLD").states["delivered"] == 3, "its own page counts"
    assert listed == {"OLD": 2, "NEW": 2, "RUNS": 2}


def test_states_add_up_to_the_recipients_and_say_why(database: Database) -> None:
    every = ("queued", "claimed", "unknown", "accepted", "sent", "delivered")
    others = ("failed", "failed", "suppressed", "cancelled", "delivered")
    with write(database.engine) as connection:
        add(connection, "ALL", *every, *others, state="running")
        add(connection, "OTHER", "failed", "suppressed", state="running")
    with read(database.engine) as connection:
        counted = count(connection, "ALL")
    assert sum(counted.states.values()) == len(every) + len(others)
    assert counted.states["delivered"] == counted.states["failed"] == 2
    assert counted.suppressed == {"paid": 1}
    assert counted.failed == {"30005": 2}
