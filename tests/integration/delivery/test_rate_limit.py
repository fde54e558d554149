"""The pace of a sender: whatever threads and processes ask for it, it is never exceeded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.db.transactions import open_database, write
from backend.interface.codes import MessageKind
from messages.campaigns.template_saving import save_template
from messages.delivery import rate_limit
from messages.delivery.rate_limit import hold_back, take_slot
from tests.support.carriers.sending_desk import SENDER, SendingDesk
from tests.support.databases.database import Database
from tests.support.databases.recipients import NOW
from tests.support.runs.examples import examples

MICROSECOND = timedelta(microseconds=1)
_senders = count(1)


def new_sender() -> str:
    return f"sender {next(_senders)}"


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pace=st.sampled_from([0.1, 1.0, 3.0, 10.0, 100.0, 7.5]),
    asked=st.lists(
        st.tuples(st.floats(-0.5, 5.0), st.integers(1, 10), st.booleans()), min_size=1, max_size=12
    ),
)
def test_no_span_of_time_holds_more_segments_than_the_pace_allows(
    database: Database, pace: float, asked: list[tuple[float, int, bool]]
) -> None:
    sender, now = new_sender(), NOW
    slots = []
    with database.engine.connect() as connection, connection.begin() as transaction:
        for seconds, segments, held_back in asked:
            # Clocks of different machines may differ, so time may also go back a little.
            now += timedelta(seconds=seconds)
            if held_back:
                hold_back(connection, sender, now, timedelta(seconds=1))
            slot = take_slot(connection, sender, segments, pace, now)
            assert slot >= now + timedelta(seconds=held_back)
            slots.append((slot, segments))
        transaction.rollback()
    for (slot, segments), (later, _) in pairwise(slots):
        assert later - slot >= timedelta(seconds=segments / pace) - MICROSECOND


def test_a_sender_who_has_rested_sends_at_once_and_saves_nothing_up(database: Database) -> None:
    sender = new_sender()
    with write(database.engine) as connection:
        assert take_slot(connection, sender, 1, 10, NOW) == NOW
        later = NOW + timedelta(hours=1)
        slots = [take_slot(connection, sender, 1, 10, later) for _ in range(3)]
    assert slots == [later, later + timedelta(seconds=0.1), later + timedelta(seconds=0.2)]


def test_a_long_message_takes_the_time_of_its_segments(database: Database) -> None:
    sender = new_sender()
    with write(database.engine) as connection:
        slots = [take_slot(connection, sender, segments, 10, NOW) for segments in (3, 1, 2, 1)]
    waits = [(slot - NOW).total_seconds() for slot in slots]
    assert waits == [0.0, 0.3, 0.4, 0.6]


def test_each_sender_has_a_pace_of_its_own(database: Database) -> None:
    one, other = new_sender(), new_sender()
    with write(database.engine) as connection:
        hold_back(connection, one, NOW, timedelta(minutes=1))
        assert take_slot(connection, one, 1, 10, NOW) == NOW + timedelta(minutes=1)
        assert take_slot(connection, other, 1, 10, NOW) == NOW


def test_to_hold_back_never_brings_forward(database: Database) -> None:
    sender = new_sender()
    with write(database.engine) as connection:
        hold_back(connection, sender, NOW, timedelta(seconds=30))
        hold_back(connection, sender, NOW, timedelta(seconds=10))
        assert take_slot(connection, sender, 1, 1, NOW) == NOW + timedelta(seconds=30)
        hold_back(connection, sender, NOW, timedelta())
        assert take_slot(connection, sender, 1, 1, NOW) == NOW + timedelta(seconds=31)


@pytest.mark.both_databases
def test_a_slot_further_ahead_than_can_be_reserved_is_reset_and_told_once(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = new_sender()
    monkeypatch.setattr(rate_limit, "_silent_until", 0.0)
    put_back = NOW - timedelta(hours=1)
    with write(database.engine) as connection:
        take_slot(connection, sender, 1, 10, NOW)
        slots = [take_slot(connection, sender, 1, 10, put_back) for _ in range(3)]
        for clock in (NOW, put_back, NOW, put_back):
            assert take_slot(connection, sender, 1, 10, clock) == clock
    assert slots == [put_back + timedelta(seconds=0.1 * number) for number in range(3)]
    (told,) = caplog.messages
    assert told.startswith("the next slot was 3600 seconds ahead, more than can be reserved")


@pytest.mark.both_databases
def test_many_threads_with_connections_of_their_own_share_one_pace(database: Database) -> None:
    sender, threads, each = new_sender(), 6, 10
    # Two engines, as two processes have them.
    engines = [database.engine, open_database(database.url)]

    def take(thread: int) -> list[float]:
        taken = []
        for _ in range(each):
            with write(engines[thread % 2]) as connection:
                slot = take_slot(connection, sender, 2, 10, NOW)
            taken.append((slot - NOW).total_seconds())
        return taken

    try:
        with ThreadPoolExecutor(threads) as pool:
            slots = sorted(slot for taken in pool.map(take, range(threads)) for slot in taken)
    finally:
        engines[1].dispose()
    # Also the very first, for which the sender's row was made.
    assert slots == pytest.approx([0.2 * number for number in range(threads * each)])


def test_a_campaign_goes_out_at_the_pace_of_its_segments(desk: SendingDesk) -> None:
    text = (
        "Tisztelt Ügyfelünk! Kérjük, egyeztessen velünk: {desk_phone}, {desk_email}. "
        "Irodánk készséggel áll rendelkezésére, és minden kérdésére szívesen válaszol."
    )
    with write(desk.database.engine) as connection:
        facts = desk.context.facts(MessageKind.DEBT)
        save_template(connection, "long", MessageKind.DEBT, text, (), "anna", desk.clock(), facts)
    desk.use(policy={"pace": 10.0})
    campaign_id = desk.run(desk.debtors(11), "long")
    segments = desk.find(campaign_id).segments
    assert segments == 2
    began = desk.clock()
    assert desk.send(campaign_id, batches=1) == 1
    assert len(desk.taken) == 10
    desk.send(campaign_id)
    moments = [row.attempted_at for row in desk.rows(campaign_id)]
    assert [(moment - began).total_seconds() for moment in moments] == pytest.approx(
        [0.2 * number for number in range(11)]
    )


@pytest.mark.both_databases
def test_two_campaigns_share_the_pace_of_their_sender(desk: SendingDesk) -> None:
    desk.use(policy={"pace": 1.0})
    one, other = desk.run(desk.debtors(2)), desk.run(desk.debtors(2, first=3))
    began = desk.clock()
    for campaign_id in (one, other):
        desk.send(campaign_id, batches=1)
    moments = [row.attempted_at for each in (one, other) for row in desk.rows(each)]
    assert [(moment - began).total_seconds() for moment in moments] == [0.0, 1.0, 2.0, 3.0]
    with write(desk.database.engine) as connection:
        assert take_slot(connection, SENDER, 1, 1.0, began) == began + timedelta(seconds=4)
