"""Settings outside of what can be computed with are refused in a sentence."""

import pytest

from app import create_app
from common.errors import SettingsError
from settings import HERE, Settings
from settings_environment import menu_settings
from tests.support.project.setting_names import variables


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
        Settings.from_environment({name: value})


def test_attempts_within_the_bounds_are_taken_as_they_are_written() -> None:
    limits = Settings.from_environment(
        {"ATTEMPTS_PER_CALL": "007", "ATTEMPTS_PER_CALLER": "1000000/0"}
    ).identification_limits
    assert limits.per_call == 7
    assert limits.per_caller == 1_000_000


@pytest.mark.parametrize("value", ["-1", "61", "nan", "soon"])
def test_a_time_to_drain_that_no_supervisor_would_wait_for_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=f'DRAIN_SECONDS is "{value}"'):
        Settings.from_environment({"DRAIN_SECONDS": value})
    assert Settings.from_environment({"DRAIN_SECONDS": "0"}).drain.total_seconds() == 0


@pytest.mark.parametrize("value", ["1/9999999", "99999999999/7", "0/7", "1/0", "1/" + "9" * 5000])
def test_limits_on_reminders_that_reach_before_any_calendar_are_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="REMINDER_LIMITS is"):
        Settings.from_environment({"REMINDER_LIMITS": value})


def test_certificates_that_are_not_there_are_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match=r'REQUESTS_CA_BUNDLE is "/nowhere.pem".*no such file'):
        Settings.from_environment({"REQUESTS_CA_BUNDLE": "/nowhere.pem"})
    Settings.from_environment({"REQUESTS_CA_BUNDLE": str(HERE / "tests/data/localhost.pem")})


def test_unknown_messages_of_a_real_carrier_are_not_judged_before_a_late_request_is_over() -> None:
    with pytest.raises(SettingsError, match=r'RECONCILE_AFTER is "119".* Use 120 or more'):
        Settings.from_environment({"RECONCILE_AFTER": "119"})
    assert Settings.from_environment({"RECONCILE_AFTER": "120"}).reconcile_after.seconds == 120
    simulated = {"RECONCILE_AFTER": "1", "TWILIO_API_URL": "http://127.0.0.1:8001"}
    assert Settings.from_environment(simulated).reconcile_after.seconds == 1


def test_every_setting_that_cannot_be_used_is_told_at_the_start_with_its_value_and_hint() -> None:
    given = {"SEND_PACE": "fast", "KEEP_REPLIES": "soon", "CONTACT_HOURS": "whenever"}
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(given)
    told = str(refused.value).split("\n")
    assert len(told) == len(given)
    for name, value in given.items():
        (line,) = (line for line in told if line.startswith(f'{name} is "{value}", which cannot'))
        assert line.count("Write it like") == 1


@pytest.mark.parametrize(
    ("name", "value"), [("SEND_PACE", "fast"), ("KEEP_REPLIES", "soon"), ("VOIP_NUMBERS", "some")]
)
def test_the_service_does_not_start_with_a_setting_that_only_another_process_uses(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f'{name} is "{value}"'):
        create_app()


def test_an_empty_variable_counts_as_not_set() -> None:
    empty = dict.fromkeys(variables(), "")
    assert Settings.from_environment(empty) == Settings()


def test_a_menu_command_has_its_files_as_the_service_has_them() -> None:
    for given in (
        {},
        {"MENU_TREE": "", "LINES_FILE": "", "DESKS": ""},
        {"MENU_TREE": "tree.yaml", "LINES_FILE": "lines.yaml", "DESKS": "desks.yaml"},
        {"LINES": "old.yaml", "LINES_FILE": "lines.yaml"},
        {"LINES": "old.yaml", "LINES_FILE": ""},
        {"LINES": "24"},
    ):
        whole = Settings.from_environment(given)
        assert menu_settings(given) == (whole.menu_tree, whole.lines, whole.desks)
