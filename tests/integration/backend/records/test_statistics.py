"""Statistics of real calls: what they came for, and how it ended."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.calls.call_statistics import Statistics, statistics
from backend.db.transactions import open_database, read
from cli import commands
from settings import HERE
from simulator.voice.dial import DialOutcome
from tests.support.calls.telephone import (
    CALLER,
    HEAT_NUMBER,
    LINE_NUMBER,
    Clock,
    Exchange,
    budapest,
)
from tests.support.databases.database import Database

MORNING = "2026-11-20 10:00"


@pytest.fixture(scope="module")
def calls(sqlite_utility: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with the four calls, for all tests that only read it."""
    url = f"sqlite:///{shutil.copy(sqlite_utility, tmp_path_factory.mktemp('calls'))}"
    engine = open_database(url)
    make_calls(url)
    yield Database(url, engine)
    engine.dispose()


def make_calls(url: str) -> None:
    """Four calls on a Friday morning: settled, talked, given up before the yes, given up."""
    with Exchange(url, Clock.at(MORNING), far_end=DialOutcome("answered")) as exchange:
        for keys in ("5 1 20293811 48213377# 41530# 1", "1", "", "5"):
            call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
            for group in keys.split():
                call.type(group)
            if not call.ended:
                call.hang_up()


def counted(database: Database) -> Statistics:
    with read(database.engine) as connection:
        return statistics(connection, budapest("2026-11-20"), budapest("2026-11-21"))


@pytest.mark.both_databases
def test_both_databases_count_the_same(utility: Database, calls: Database) -> None:
    make_calls(utility.url)
    assert counted(utility) == counted(calls)


def test_every_call_has_one_outcome(calls: Database) -> None:
    found = counted(calls)
    assert found.calls == sum(found.outcomes.values()) == 4
    assert found.outcomes["talked"] == 1


def test_what_was_settled_is_counted_by_calls_and_by_kind(calls: Database) -> None:
    found = counted(calls)
    assert found.settled_calls == 1
    assert found.settled == {"meter_reading": 1}


def test_the_time_to_a_person_is_held_against_the_five_minutes(calls: Database) -> None:
    agent = counted(calls).agent
    assert agent is not None
    assert (agent.answered, agent.within_rule) == (1, 1)


def test_whoever_settled_or_talked_has_not_given_up(calls: Database) -> None:
    found = counted(calls)
    assert sum(found.given_up.values()) == 2


def test_other_days_do_not_count(calls: Database) -> None:
    with read(calls.engine) as connection:
        found = statistics(connection, budapest("2026-11-21"), budapest("2026-11-22"))
    assert (found.calls, found.agent, found.reached) == (0, None, {})


def test_the_command_names_topics_and_not_keys(calls: Database) -> None:
    days = ["--since", "2026-11-20", "--until", "2026-11-20", "--database", calls.url]
    told = CliRunner().invoke(commands, ["stats", *days])
    assert told.exit_code == 0, told.output
    assert "[meter_reading]" in told.output
    as_json = CliRunner().invoke(commands, ["stats", "--json", *days])
    figures = json.loads(as_json.output)
    assert figures["calls"] == 4
    assert any("[readings]" in topic for topic in figures["given_up"])


def test_the_topics_of_several_lines_are_told_apart(utility: Database) -> None:
    lines = HERE / "lines.yaml"
    with Exchange(utility.url, Clock.at(MORNING), settings={"lines": lines}) as exchange:
        for number in (LINE_NUMBER, HEAT_NUMBER):
            call = exchange.carrier.dial(from_=CALLER, to=number)
            call.type("6")
            call.hang_up()
    days = ["--since", "2026-11-20", "--until", "2026-11-20", "--database", utility.url]
    for named in (str(lines), None):
        # Without LINES they are the shipped ones, which a demonstration answers for.
        environment = {"LINES": named, "MENU_TREE": None}
        told = CliRunner().invoke(commands, ["stats", "--json", *days], env=environment)
        given_up = json.loads(told.output)["given_up"]
        assert [topic.split(":")[0] for topic in sorted(given_up)] == ["electricity", "heat"]
        assert all("[service]" in topic for topic in given_up)
