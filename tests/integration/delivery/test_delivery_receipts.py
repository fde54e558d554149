"""Receipts in any order, before our own note, for rows that went another way meanwhile."""

import logging
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from backend.db.tables.messages import outbox, stops
from backend.db.transactions import write
from backend.records.suppression.stops import lift_stop, stopped_for
from messages.campaigns.outbox_states import FROM_CARRIER, RANKS
from messages.delivery.delivery_receipts import record_receipt
from sms.error_codes import load_codes
from tests.support.databases.database import Database
from tests.support.databases.message_rows import (
    NOW,
    PHONE,
    REFERENCE,
    add_campaign,
    add_row,
    row_of,
)
from tests.support.runs.examples import examples

CODES = load_codes()
SID = "SM" + "1" * 32
OTHER_SID = "SM" + "2" * 32
OURS = "our own note"
OPEN = ("queued", "claimed", "unknown")


def receive(
    connection: Connection,
    number: int | None,
    status: str,
    *,
    reference: str | None = REFERENCE,
    sid: str = SID,
    code: int | None = None,
    minutes: int = 0,
) -> bool:
    return record_receipt(
        connection,
        number=number,
        reference=reference,
        message_sid=sid,
        status=status,
        code=code,
        stop=CODES.find(code).stop,
        now=NOW + timedelta(minutes=minutes),
    )


def note_accepted(connection: Connection, number: int) -> None:
    connection.execute(
        update(outbox)
        .where(outbox.c.number == number, outbox.c.state.in_(OPEN))
        .values(state="accepted", message_sid=SID, settled_at=NOW)
    )


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.sampled_from([*OPEN, "suppressed", "cancelled"]),
    events=st.lists(st.sampled_from([*FROM_CARRIER, "a word of tomorrow", OURS]), max_size=7),
)
def test_the_state_at_the_end_does_not_depend_on_the_order_of_what_came(
    database: Database, before: str, events: list[str]
) -> None:
    with database.engine.connect() as connection, connection.begin() as transaction:
        add_campaign(connection)
        number = add_row(connection, state=before, reference=REFERENCE)
        ranks = [RANKS[before]]
        for event in events:
            state = row_of(connection, number).state
            if event == OURS:
                note_accepted(connection, number)
            else:
                assert receive(connection, number, event)
            ranks.append(RANKS[row_of(connection, number).state])
            assert ranks[-1] >= ranks[-2], (state, event)
        expected = {before, *(FROM_CARRIER[event] for event in events if event in FROM_CARRIER)}
        if OURS in events and before in OPEN:
            expected.add("accepted")
        row = row_of(connection, number)
        assert row.state == max(expected, key=lambda state: RANKS[state])
        assert row.message_sid == (SID if row.state in set(FROM_CARRIER.values()) else None)
        transaction.rollback()


@pytest.mark.both_databases
def test_a_receipt_that_overtakes_our_own_note_is_kept(database: Database) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(
            connection, state="claimed", reference=REFERENCE, lease_until=NOW, attempted_at=NOW
        )
        assert receive(connection, number, "sent", minutes=1)
    with write(database.engine) as connection:
        note_accepted(connection, number)
        row = row_of(connection, number)
    assert (row.state, row.message_sid) == ("sent", SID)
    assert row.settled_at == NOW + timedelta(minutes=1)
    assert (row.attempted_at, row.lease_until) == (NOW, None)


@pytest.mark.parametrize("state", ["queued", "suppressed", "cancelled", "unknown"])
def test_a_receipt_for_a_row_that_went_another_way_proves_that_it_was_sent(
    database: Database, state: str
) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(
            connection,
            state=state,
            reason="opted_out" if state == "suppressed" else None,
            reference=REFERENCE,
            next_attempt_at=NOW,
        )
        assert receive(connection, number, "sent")
        row = row_of(connection, number)
    assert (row.state, row.reason, row.next_attempt_at) == ("sent", None, None)
    # It counts for how often a person may be reminded.
    assert row.attempted_at == NOW


def test_a_repeated_or_late_receipt_changes_nothing(database: Database) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="accepted", reference=REFERENCE)
        assert receive(connection, number, "delivered")
        before = row_of(connection, number)
        for late in ("delivered", "sent", "queued", "undelivered"):
            assert receive(connection, number, late, code=30006, minutes=9)
        assert row_of(connection, number) == before
        assert stopped_for(connection, PHONE) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [(30005, "unreachable"), (30006, "unreachable"), (21635, "unreachable"), (21610, "opted_out")],
)
def test_a_failure_that_tells_something_lasting_stops_the_number(
    database: Database, code: int, reason: str
) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="sent", reference=REFERENCE, message_sid=SID)
        assert receive(connection, number, "undelivered", code=code)
        row = row_of(connection, number)
        assert (row.state, row.code) == ("failed", code)
        assert stopped_for(connection, PHONE) == reason
        assert connection.scalars(select(stops.c.origin)).all() == ["carrier"]
        # Once a colleague has taken the stop back, the same receipt does not bring it again.
        assert lift_stop(connection, PHONE, "opted_out" if code == 21610 else "unreachable")
        assert receive(connection, number, "undelivered", code=code)
        assert stopped_for(connection, PHONE) is None


@pytest.mark.parametrize("code", [30003, 30008, 31337, None])
def test_a_failure_that_may_pass_stops_no_number(database: Database, code: int | None) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="sent", reference=REFERENCE, message_sid=SID)
        assert receive(connection, number, "undelivered", code=code)
        assert row_of(connection, number).code == code
        assert connection.scalar(select(func.count()).select_from(stops)) == 0


def test_delivered_takes_the_code_of_an_earlier_failure_away(database: Database) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="sent", reference=REFERENCE, message_sid=SID)
        receive(connection, number, "undelivered", code=30003)
        receive(connection, number, "delivered")
        row = row_of(connection, number)
    assert (row.state, row.code) == ("delivered", None)


@pytest.mark.both_databases
def test_without_a_reference_the_id_of_the_message_finds_the_row(database: Database) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="accepted", reference=REFERENCE, message_sid=SID)
        assert receive(connection, None, "sent", reference=None)
        assert row_of(connection, number).state == "sent"
        assert not receive(connection, None, "delivered", reference=None, sid=OTHER_SID)


def test_a_number_without_its_own_reference_finds_nothing(database: Database) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="claimed", reference=REFERENCE)
        bare = add_row(connection, phone="+36301234568", state="queued")
        assert not receive(connection, number, "sent", reference=REFERENCE[::-1])
        assert not receive(connection, bare, "sent")
        assert not receive(connection, number + 9, "sent")
        assert row_of(connection, number).state == "claimed"


def test_a_second_message_to_one_person_is_an_error_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        number = add_row(connection, state="sent", reference=REFERENCE, message_sid=SID)
        assert receive(connection, number, "sent")
        assert caplog.records == []
        for status in ("sent", "delivered"):
            assert receive(connection, number, status, sid=OTHER_SID)
        row = row_of(connection, number)
    assert (row.state, row.message_sid) == ("delivered", SID)
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert SID in caplog.text
    assert OTHER_SID in caplog.text
    assert PHONE not in caplog.text
    assert REFERENCE not in caplog.text


def test_an_id_that_another_row_was_given_by_mistake_does_not_lose_the_receipt(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with write(database.engine) as connection:
        add_campaign(connection)
        add_campaign(connection, "C2")
        add_row(connection, "C2", state="sent", message_sid=SID)
        number = add_row(connection, state="unknown", reference=REFERENCE)
        assert receive(connection, number, "delivered")
        row = row_of(connection, number)
    assert (row.state, row.message_sid) == ("delivered", None)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
