"""Whatever a caller does: well-formed documents, an end, and nothing stored without a yes."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from backend.db.tables.messages import stops, tasks
from backend.db.tables.records import (
    callers,
    calls,
    customers,
    identification_failures,
    readings,
    requests,
    turns,
)
from backend.db.transactions import open_database, read, write
from backend.interface.answers import Submitted
from backend.interface.commands import Command
from ivr.dialogue.transcript import Answered, Keys, decode
from settings import HERE
from simulator.carrier import Carrier
from simulator.voice.call import SimulatedCall
from simulator.voice.dial import Outcome
from tests.support.calls.telephone import CALLER, LINE_NUMBERS, Clock, Exchange
from tests.support.databases.database import reset_utility
from tests.support.runs.examples import all_asked_for, examples

COMMANDS = {command.__name__ for command in get_args(Command)}
KEYS = "0123456789*#"
JOURNEYS = (
    "2 1 1 2 20293811 48213377# 12 1",
    "*2112# 20292222 48212222# 27 1",
    "5 1 20293811 48213377# 41530# 1",
    "5 1 20293811 48213377# 43000# 2 43000# 1",
    "5 1 20291111 48211111# 30# 2 1",
    "5 1 20293899 48213401# 12150# 1 8090# 1 1 48213402# 3100# 1",
    "5 1 20290000 1",
    "5 2 20290000 1",
    "5 3 1 20293811 210# 1",
    "5 3 1 20293899 300# 120# 1",
    "5 3 1 20293811 0# 2 1",
    "5 3 2 20293811 1",
    "5 3 3 20291111 1",
    "3 1",
    "2 2 1 #",
    "4 1 6 48# 2 16#",
    "5 5 20293811 48213377#",
    "6 3 12345671",
    "6 4 2 0612345678# 3 1",
    "6 5 20293811 48213377# 2 1",
    "6 6 1",
    "heat 2 1 1234# 72010002# 130# 1",
    "heat 2 2 12345# 72010004#",
    "heat 4 1 1234# 72010002# 1",
)
"""What can be settled; a call of the district-heating line begins with its name."""
SENSIBLE = (
    "20293811", "20293899", "20290000", "20291111", "48213377#", "48213401#", "48211111#",
    "41530#", "41250#", "43000#", "61530#", "30#", "12", "27", "210#", "20#", "0#",
    "1", "2", "9", "#", "*0#", "*9#", "*8#", "8", "-",
    "1234#", "12345#", "72010002#", "130#", "0612345678#", "12345671",
)  # fmt: skip
MOST_SILENCES = 200
MORNING = "2026-11-20 10:00"

group = st.one_of(st.sampled_from(SENSIBLE), st.text(KEYS, min_size=1, max_size=24))


@st.composite
def journeys(draw: st.DrawFn) -> list[str]:
    """A sensible call, stopped or bent at any place, and whatever keys after that."""
    groups = draw(st.sampled_from(JOURNEYS)).split()
    kept = groups[: draw(st.integers(0, len(groups)))] if draw(st.booleans()) else groups
    first = 1 if kept[:1] == ["heat"] else 0
    if len(kept) > first and draw(st.booleans()):
        kept[draw(st.integers(first, len(kept) - 1))] = draw(group)
    return kept + draw(st.lists(group, max_size=8))


far_ends = st.sampled_from(get_args(Outcome))


@dataclass(frozen=True)
class Desk:
    """The service with a carrier that never reports a call's end, so transcripts stay whole."""

    exchange: Exchange
    carrier: Carrier
    engine: Engine
    stored: Counter[str]


@pytest.fixture(params=["sqlite", "postgresql"] if all_asked_for() else ["sqlite"], scope="module")
def desk(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with ExitStack() as stack:
        path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("any_keys") / "records.db")
        url = f"sqlite:///{path}"
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        engine = open_database(url)
        stack.callback(engine.dispose)
        lines = {"lines": HERE / "lines.yaml"}
        clock = Clock.at(MORNING)
        exchange = stack.enter_context(Exchange(url, clock, settings=lines, time_passes=True))
        yield Desk(exchange, exchange.make_carrier(status_url=None), engine, Counter())


def test_every_journey_comes_to_its_end_and_stores_what_it_is_for(desk: Desk) -> None:
    for journey in JOURNEYS:
        bears(desk, journey.split())
    # Journeys that never get to storing anything would prove nothing of what chance makes of them.
    assert set(desk.stored) == {command.kind for command in get_args(Command)}


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
@settings(max_examples=examples(100))
@given(groups=journeys(), hangs_up=st.booleans(), far_end=far_ends)
def test_any_keys_silences_and_hang_ups_are_borne(
    desk: Desk, groups: list[str], hangs_up: bool, far_end: Outcome
) -> None:
    bears(desk, groups, hangs_up=hangs_up, far_end=far_end)


def bears(
    desk: Desk, groups: list[str], *, hangs_up: bool = False, far_end: Outcome = "answered"
) -> None:
    """Make the call, and find it in order."""
    desk.exchange.far_end = far_end
    desk.exchange.clock.set(MORNING)
    start_clean(desk.engine)
    line = "heat" if groups[:1] == ["heat"] else "electricity"
    call = desk.carrier.dial(from_=CALLER, to=LINE_NUMBERS[line])
    for keys in groups[1 if line == "heat" else 0 :]:
        if call.ended:
            break
        call.silence() if keys == "-" else call.type(keys)
    if hangs_up:
        call.hang_up()
    stays_silent_to_the_end(call)
    assert call.errors == []
    assert call.warnings == []
    assert not any("Rendszerünk átmenetileg" in text for text in call.heard)
    desk.stored.update(stored_only_what_was_confirmed(desk.engine, call.sid))


def start_clean(engine: Engine) -> None:
    """Undo what the calls before have stored, locked and changed."""
    tables = (identification_failures, readings, turns, calls, callers, requests, stops, tasks)
    with write(engine) as connection:
        # What changes a customer's record is entered as a request.
        is_changed = connection.execute(select(requests.c.number)).first() is not None
        is_empty = connection.execute(select(customers.c.customer_id)).first() is None
        for table in tables:
            connection.execute(table.delete())
    if is_changed or is_empty:
        reset_utility(engine)


def stays_silent_to_the_end(call: SimulatedCall) -> None:
    for _ in range(MOST_SILENCES):
        if call.ended:
            return
        call.silence()
    raise AssertionError("the call never ends")


def stored_only_what_was_confirmed(engine: Engine, call_sid: str) -> list[str]:
    with read(engine) as connection:
        stored = connection.scalars(select(requests.c.kind).where(requests.c.call_sid == call_sid))
        path = connection.execute(
            select(turns.c.place, turns.c.heard)
            .where(turns.c.call_sid == call_sid)
            .order_by(turns.c.turn)
        ).all()
        kinds = list(stored)
    submitted = 0
    for before, now in pairwise(path):
        heard, *answers = decode(now.heard)
        commands = [
            entry for entry in answers if isinstance(entry, Answered) and entry.name in COMMANDS
        ]
        if commands:
            assert heard == Keys("1", early=False)
            assert " confirm " in before.place
            submitted += sum(len(receipts(entry)) for entry in commands)
    assert submitted == len(kinds)
    return kinds


def receipts(entry: Answered) -> tuple[str, ...]:
    return msgspec.json.decode(entry.value, type=Submitted).receipts
