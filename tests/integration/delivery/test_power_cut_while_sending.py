"""A machine on SQLite loses its power while the carrier is asked: the attempt is noted."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.tables.messages import outbox
from backend.db.transactions import open_database, read
from messages.delivery.gateway import Outcome
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.power_cut import PowerSupply


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_request_goes_out_before_its_attempt_is_on_the_disk(
    desk: SendingDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = desk.run(desk.debtors(3))
    power = PowerSupply(desk.database.url, monkeypatch)
    real = desk.context.gateway
    kept: list[int] = []

    class Watched:
        sender, find, check = real.sender, real.find, real.check
        carrier_time = real.carrier_time

        def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
            outcome = real.send(to, text, callback, valid_for)
            engine = open_database(power.cut(tmp_path / to))
            with read(engine) as connection:
                noted = select(outbox.c.attempted_at).where(outbox.c.phone == to)
                kept.append(connection.scalars(noted).one() is not None)
            engine.dispose()
            return outcome

    desk.use(gateway=Watched())
    desk.send(campaign_id)
    assert kept == [True] * 3
