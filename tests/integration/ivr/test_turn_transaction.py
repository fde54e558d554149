"""What a turn asks of the records, and whether it holds up other writers meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from backend import service
from backend.db.driver import driver_of
from backend.db.kept_connections import single_statements
from backend.db.transactions import write
from backend.interface.codes import NoticeKind
from backend.interface.queries import AskOpening, FindCaller, FindConnectionTariff, Query
from backend.records.notices import service_notices
from ivr.turn_transaction import TurnTransaction
from tests.support.colleagues.staff import colleague
from tests.support.databases.database import Database
from tests.support.databases.records import context

QUERIES: dict[type[Query[Any]], Query[Any]] = {
    AskOpening: AskOpening("general"),
    FindCaller: FindCaller("electricity"),
    FindConnectionTariff: FindConnectionTariff(),
}


@pytest.mark.both_databases
def test_what_only_reads_is_asked_without_a_transaction(utility: Database) -> None:
    asked = context()
    with write(utility.engine) as connection:
        places = ("Vácon", "in Vác")
        begins = asked.now - timedelta(hours=1)
        by = colleague(connection)
        service_notices.add_notice(
            connection, NoticeKind.OUTAGE, "1,2,3", places, begins, None, by, now=begins
        )
    assert QUERIES.keys() == service.ONLY_READ
    with single_statements(utility.engine) as connection:
        for query in QUERIES.values():
            with TurnTransaction(utility.engine, connection, asked) as transaction:
                transaction.look_up(query)
                assert driver_of(connection).is_idle()
                assert not connection.in_transaction()
                # Another writer has its turn while the dialogue goes on.
                with write(utility.engine, durable=False):
                    pass
