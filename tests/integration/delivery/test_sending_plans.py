"""Whatever a message passes on its way looks rows up by an index, however many there are."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from backend.db.transactions import write
from messages.campaigns.outbox import expire_leases
from simulator.messages.faults import Fault
from tests.support.carriers.sending_desk import SendingDesk

LARGE = "outbox|customers|debts|sites|meters|stops|exclusions"
ROW_BY_ROW = re.compile(rf"SCAN (?:{LARGE})\b")


@contextmanager
def noted(engine: Engine) -> Iterator[set[str]]:
    """Every statement that SQLite runs in the block, with its values in it."""
    statements: set[str] = set()

    def note(driver: Any, *_: object) -> None:
        driver.set_trace_callback(statements.add)

    engine.dispose()
    event.listen(engine, "checkout", note)
    yield statements
    event.remove(engine, "checkout", note)
    engine.dispose()


def test_no_message_on_its_way_reads_a_large_table_row_by_row(desk: SendingDesk) -> None:
    if desk.database.kind != "sqlite":
        pytest.skip("what PostgreSQL plans for small tables says nothing of large ones")
    campaign_id = desk.run(desk.debtors(6))
    desk.carrier.faults.cut_after = Fault(next=1)
    with noted(desk.database.engine) as statements:
        desk.send(campaign_id)
        desk.receipt(desk.carrier.messages[0], "delivered")
        desk.clock.now += timedelta(hours=1)
        desk.reconcile()
        with write(desk.database.engine) as connection:
            expire_leases(connection, desk.clock())
    asked = [each for each in statements if each.startswith(("SELECT", "UPDATE", "WITH"))]
    assert len(asked) > 20
    with desk.database.engine.connect() as connection:
        for statement in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            lines = [str(row[-1]) for row in plan]
            assert not any(map(ROW_BY_ROW.search, lines)), "\n".join([statement, *lines])
