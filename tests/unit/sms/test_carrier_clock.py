"""What the ``Date`` of the carrier's answers tells, however long they were on their way."""

from datetime import UTC, datetime, timedelta

from sms.carrier_clock import CarrierClock

NOON = "Mon, 23 Nov 2026 12:00:00 GMT"
FIVE_PAST = "Mon, 23 Nov 2026 12:00:05 GMT"
AT_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Counter:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_an_answer_that_was_long_on_its_way_does_not_leave_the_clock_behind() -> None:
    passed = Counter()
    clock = CarrierClock(passed)
    passed.seconds = 9
    clock.learn(NOON, asked=1)
    assert clock.now() == AT_NOON + timedelta(seconds=8)


def test_a_late_answer_does_not_put_a_clock_back_that_was_right() -> None:
    passed = Counter()
    clock = CarrierClock(passed)
    clock.learn(NOON, asked=0)
    passed.seconds = 9
    clock.learn(FIVE_PAST, asked=2)
    assert clock.now() == AT_NOON + timedelta(seconds=9)


def test_an_answer_that_came_at_once_puts_right_what_a_late_one_had_put_forward() -> None:
    passed = Counter()
    clock = CarrierClock(passed)
    passed.seconds = 9
    clock.learn(NOON, asked=0)
    clock.learn(NOON, asked=9)
    assert clock.now() == AT_NOON


def test_a_carrier_that_puts_its_clock_forward_or_back_is_followed() -> None:
    passed = Counter()
    clock = CarrierClock(passed)
    for date in (NOON, FIVE_PAST, NOON):
        clock.learn(date, asked=0)
        told = AT_NOON + timedelta(seconds=5 if date == FIVE_PAST else 0)
        assert clock.now() == told


def test_what_is_no_date_tells_nothing() -> None:
    clock = CarrierClock(Counter())
    for date in (None, "", "noon"):
        clock.learn(date, asked=0)
    assert clock.now() is None
