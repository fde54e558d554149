"""``CONFIRM_AFTER``: from when on a key can be the answer to a question."""

from datetime import timedelta

import pytest

from common.errors import SettingsError
from settings import Settings


@pytest.mark.parametrize(("written", "seconds"), [(None, 1.0), ("0", 0), ("1.5", 1.5), ("10", 10)])
def test_the_delay_is_given_in_seconds_and_a_second_unless_set(
    written: str | None, seconds: float
) -> None:
    environment = {} if written is None else {"CONFIRM_AFTER": written}
    settings = Settings.from_environment(environment)
    assert settings.confirmation_delay == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["-1", "11", "nan", "soon"])
def test_what_is_no_delay_is_refused_by_name(written: str) -> None:
    with pytest.raises(SettingsError, match=f'CONFIRM_AFTER is "{written}".*"1.0"'):
        Settings.from_environment({"CONFIRM_AFTER": written})
