"""What a turn asks of the records, and whether it holds up other writers meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from backend import service
from backend.db.driver import driver_of
from backend.db.kept_connections import single_statements
from backend.db.tables.records import sites
from backend.db.transactions import write
from backend.interface.codes import NoticeKind
from backend.interface.queries import (
    AskOpening,
    FindCaller,
    FindConnectionTariff,
    Identify,
    IdentifyByCode,
    Query,
)
from backend.records.notices import service_notices
from ivr.turn_transaction import TurnTransaction
from tests.support.colleagues.staff import colleague
from tests.support.databases.database import Database
from tests.support.databases.records import context

ONLY_READ: tuple[Query[Any], ...] = (
    AskOpening("general"),
    FindCaller("electricity"),
    FindConnectionTariff(),
)

READ_FIRST = (Identify("20293811", "48213377"), IdentifyByCode("C-1001", "48213377", "electricity"))


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
    assert {type(query) for query in ONLY_READ} == service.ONLY_READ
    with single_statements(utility.engine) as connection:
        for query in ONLY_READ:
            with TurnTransaction(utility.engine, connection, asked) as transaction:
                transaction.look_up(query)
                assert driver_of(connection).is_idle()
                assert not connection.in_transaction()
                # Another writer has its turn while the dialogue goes on.
                with write(utility.engine, durable=False):
                    pass


@pytest.mark.both_databases
def test_the_site_of_who_identifies_is_read_while_others_write(utility: Database) -> None:
    assert {type(query) for query in READ_FIRST} == service.READ_FIRST
    for query in READ_FIRST:
        with (
            single_statements(utility.engine) as connection,
            TurnTransaction(utility.engine, connection, context()) as transaction,
        ):

            def begin(transaction: TurnTransaction = transaction) -> None:
                with write(utility.engine, durable=False) as other:
                    other.execute(update(sites).values(address="2000 Szentendre"))
                transaction.begin()

            answer = service.answer(connection, query, context(), begin)
            assert answer.site is not None
            assert not driver_of(connection).is_idle()
