"""``zoldszam db move``: all records to PostgreSQL and back, and what was going on goes on there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count as counting
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text, update

from backend.db.move import MoveRefusedError, count_rows, move, require_at_rest
from backend.db.tables.messages import campaigns, metadata, outbox
from backend.db.tables.records import readings
from backend.db.tables.staff import jobs, stored_file_parts, stored_files, workers
from backend.db.transactions import open_database, read, write
from backend.records.requests.ledger import list_requests
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.database import Database, PostgresServer
from tests.support.databases.recipients import mobile

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def quiet(_name: str, _done: int, _total: int) -> None:
    """No terminal watches."""


@pytest.fixture
def there(postgres: PostgresServer) -> Iterator[Engine]:
    with postgres.empty_database() as url:
        engine = open_database(url)
        try:
            yield engine
        finally:
            engine.dispose()


def rows(engine: Engine) -> dict[str, list[Any]]:
    with read(engine) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def fill(desk: SendingDesk, utility: Database) -> None:
    """A value of each type, what is absent, and rows that refer to their own table."""
    now = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)
    later, earlier = desk.draft(desk.debtors(1, first=90)), desk.draft([])
    job = {"kind": "export", "by": "anna", "created_at": now}
    with write(utility.engine) as connection:
        wanted = update(campaigns).where(campaigns.c.campaign_id == later)
        connection.execute(wanted.values(rehearsal_of=earlier))
        connection.execute(insert(jobs).values(job_id="J1", data={"ő": [1, None, 2.5]}, **job))
        connection.execute(
            insert(jobs).values(job_id="J2", data={"b": 1, "a": "x\ty\\"}, result={}, **job)
        )
        connection.execute(
            insert(stored_files).values(file_id="F1", name="a.csv", by="anna", created_at=now)
        )
        connection.execute(
            insert(stored_file_parts).values(file_id="F1", part=0, content=bytes(range(256)))
        )


def test_a_call_and_a_campaign_go_on_in_the_database_that_they_were_moved_to(
    utility: Database, desk: SendingDesk, there: Engine, tmp_path: Any
) -> None:
    fill(desk, utility)
    campaign_id = desk.run(desk.debtors(4))
    with Exchange(utility.url, Clock.at("2026-11-21 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for keys in ("5", "1", "20293811", "48213377#", "41530#"):
            call.type(keys)
        moved = move(utility.engine, there, quiet)
        assert {each.name: each.rows for each in moved} == {
            each.name: each.rows for each in count_rows(utility.engine)
        }
        assert rows(there) == rows(utility.engine)
        with read(there) as connection:
            assert connection.scalar(text("SELECT count(*) FROM jobs WHERE result IS NULL")) == 1

        exchange.database_url = there.url.render_as_string(hide_password=False)
        exchange.restart()
        call.type("1")
        assert "a mérőállást rögzítettük" in call.last_heard
        call.hang_up()
    desk.database = Database(str(there.url), there)
    desk.use(engine=there)
    desk.send(campaign_id)
    assert sorted(desk.taken) == sorted(map(mobile, range(1, 5)))
    # What is numbered there is numbered on.
    desk.draft(desk.debtors(1, first=50))
    with read(there) as connection:
        assert [request.kind for request in list_requests(connection)] == ["meter_reading"]
        assert connection.scalar(select(readings.c.value)) == 41530

    back = open_database(f"sqlite:///{tmp_path / 'back.db'}")
    move(there, back, quiet)
    assert rows(back) == rows(there)
    back.dispose()


def test_nothing_is_moved_into_records_and_nothing_stays_of_what_fails(
    utility: Database, desk: SendingDesk, there: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.debtors(2)
    with pytest.raises(MoveRefusedError, match="same one"):
        move(utility.engine, utility.engine, quiet)
    with monkeypatch.context() as broken:
        numbers = counting()
        broken.setattr("backend.db.move._hash", lambda _row: next(numbers))
        with pytest.raises(MoveRefusedError, match="did not arrive as it was"):
            move(utility.engine, there, quiet)
    with read(there) as connection:
        assert connection.scalar(select(outbox.c.number)) is None
    move(utility.engine, there, quiet)
    with pytest.raises(MoveRefusedError, match=r"not empty: it has rows in .*customers"):
        move(utility.engine, there, quiet)


def test_records_that_a_worker_or_a_call_uses_are_not_moved(
    utility: Database, desk: SendingDesk
) -> None:
    clock = Clock.at("2026-11-21 10:00")
    require_at_rest(utility.engine, clock())
    with Exchange(utility.url, clock) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        with pytest.raises(MoveRefusedError, match="0 workers and 1 calls"):
            require_at_rest(utility.engine, clock())
        call.hang_up()
    require_at_rest(utility.engine, clock())
    with write(desk.database.engine) as connection:
        connection.execute(insert(workers).values(worker="w1", seen_at=clock()))
    with pytest.raises(MoveRefusedError, match="1 workers and 0 calls"):
        require_at_rest(utility.engine, clock() + timedelta(seconds=30))
    require_at_rest(utility.engine, clock() + timedelta(minutes=3))
