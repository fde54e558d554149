"""The demonstration's past: what the pages count of it adds up, and a day gives one past."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backend.calls.call_lists import page_of_calls
from backend.db.transactions import open_database, read
from backend.records.work_list.task_list import list_tasks
from cli.history import messages
from cli.history.past import make_past
from cli.history.planned_calls import DAYS, planned_calls
from cli.support.demo_setup import PAST_FOLDER, SECRET_KEY, demo_settings, load_demo_records
from common.timezone import local_date
from messages.campaigns.campaign import list_campaigns
from messages.campaigns.counting import count
from messages.campaigns.planning.plans import DAYS_OVERDUE
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import DebtRegister
from settings import Settings
from tests.console.support import ConsoleUnderTest
from tests.support.runs.examples import all_asked_for

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
CALLS = 50 if all_asked_for() else 12
REMINDED = 102 if all_asked_for() else 46
"""Among so many there is one of each fate but one: taken, and nobody was told."""


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleUnderTest]:
    """The console over a new demonstration with its messages and the newest of its calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("demonstration"))
        patch.setattr(messages, "_REMINDED", REMINDED)
        settings = demo_settings("http://127.0.0.1:9", "http://127.0.0.1:9")
        assert load_demo_records(settings["DATABASE_URL"], NOW)
        newest = list(planned_calls(NOW))[-CALLS:]
        made = make_past(Settings.from_environment(settings), PAST_FOLDER, NOW, newest)
        assert made == CALLS
        assert not load_demo_records(settings["DATABASE_URL"], NOW), "it is made once"
        engine = open_database(settings["DATABASE_URL"], secret=SECRET_KEY)
        yield ConsoleUnderTest(engine, now=NOW)
        engine.dispose()


def figures(page: str, name: str) -> list[int]:
    """The numbers of the page's list of that name."""
    shown = page.split(f'<dl class="{name}">')[1].split("</dl>")[0]
    return [int(re.sub(r"\D", "", each)) for each in re.findall(r"<dd>=? ?([\d\xa0]+)", shown)]


def test_the_results_of_all_calls_add_up_on_their_page(demonstration: ConsoleUnderTest) -> None:
    page = demonstration.visit("viewer", "/calls?period=week").text
    everything, *results = figures(page, "figures")
    with read(demonstration.engine) as connection:
        listed = page_of_calls(connection, NOW - timedelta(days=9), NOW, limit=None)
    assert everything == sum(results) == len(listed) == CALLS
    assert all(call.ended_at for call in listed)
    assert {"settled", "handed_over", "hung_up", "informed"} <= {each.result for each in listed}
    assert len({call.dialled for call in listed}) == 2


def test_a_finished_campaign_tells_of_every_recipient_and_two_wait(
    demonstration: ConsoleUnderTest,
) -> None:
    with read(demonstration.engine) as connection:
        draft, approved, done = list_campaigns(connection)
        states = count(connection, done.campaign_id).states
        open_tasks = {task.kind for task in list_tasks(connection)}
    assert (draft.state, approved.state, done.state) == ("draft", "approved", "done")
    assert sum(states.values()) == done.recipients
    assert all(states[each] for each in ("delivered", "failed", "unknown", "suppressed"))
    page = demonstration.visit("viewer", f"/campaigns/{done.campaign_id}").text
    *numbers, total = figures(page, "states")
    assert sum(numbers) == total == done.recipients
    assert open_tasks == {
        "find_message", "verify_wrong_addressee", "verify_opt_out", "read_message",
    }  # fmt: skip


def test_a_newcomer_finds_debtors_who_may_be_reminded(demonstration: ConsoleUnderTest) -> None:
    policy = Settings().sending_policy
    overdue = DebtRegister(local_date(NOW) - timedelta(days=DAYS_OVERDUE - 1))
    with selected(demonstration.engine, overdue, policy, NOW) as selection:
        assert selection.recipients >= 40


def test_the_same_day_gives_the_same_calls_of_a_week() -> None:
    calls = list(planned_calls(NOW))
    assert calls == list(planned_calls(NOW))
    assert 200 < len(calls) < 400
    assert {(NOW - call.at).days for call in calls} == set(range(DAYS + 1))
    assert all(call.at < NOW for call in calls)
