"""Settings outside of what can be computed with are refused in a sentence."""

import pytest

from settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ATTEMPTS_PER_CALL", "9" * 5000),
        ("ATTEMPTS_PER_CALLER", "10/99999999999"),
        ("ATTEMPTS_PER_SITE", "99999999999/60"),
        ("ATTEMPTS_PER_SITE", "10/"),
        ("ATTEMPTS_PER_CALL", "3/60"),
    ],
)
def test_attempts_that_nobody_could_count_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f'{name} is "'):
        _ = Settings.from_environment({name: value}).identification_limits


def test_attempts_within_the_bounds_are_taken_as_they_are_written() -> None:
    limits = Settings.from_environment(
        {"ATTEMPTS_PER_CALL": "007", "ATTEMPTS_PER_CALLER": "1000000/0"}
    ).identification_limits
    assert limits.per_call == 7
    assert limits.per_caller == 1_000_000


@pytest.mark.parametrize("value", ["1/9999999", "99999999999/7", "0/7", "1/0", "1/" + "9" * 5000])
def test_limits_on_reminders_that_reach_before_any_calendar_are_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="REMINDER_LIMITS is"):
        _ = Settings.from_environment({"REMINDER_LIMITS": value}).sending_policy
