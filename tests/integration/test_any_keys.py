"""Whatever a caller does: well-formed documents, an end, and nothing stored without a yes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from backend.database import read
from backend.desk import Command, Submitted
from backend.tables import requests, turns
from ivr.dialogue.transcript import Answered, Keys, decode
from simulator.call import SimulatedCall
from simulator.carrier import Carrier
from simulator.dial import Outcome
from tests.database import load_fixture, migrated
from tests.telephone import LINE_NUMBER, Clock, Exchange

COMMANDS = {command.__name__ for command in get_args(Command)}
KEYS = "0123456789*#"
PATHS = ("2 1 1 2", "5 1", "5 2", "5 3 1", "5 3 2", "5 3 3", "*2112#", "*53#", "3", "6", "")
SENSIBLE = (
    "20293811", "20293899", "20290000", "20291111", "48213377#", "48213401#", "48211111#",
    "41530#", "41250#", "43000#", "61530#", "30#", "12", "27", "210#", "20#", "0#",
    "1", "2", "9", "#", "*0#", "*9#", "*8#", "8", "-",
)  # fmt: skip
MOST_SILENCES = 200

group = st.one_of(st.sampled_from(SENSIBLE), st.text(KEYS, min_size=1, max_size=24))
behaviour = st.tuples(
    st.sampled_from(PATHS), st.lists(group, max_size=14), st.booleans(), st.sampled_from(
        ("answered", "busy", "no-answer", "failed")
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """The service with a carrier that never reports a call's end, so transcripts stay whole."""

    exchange: Exchange
    carrier: Carrier
    engine: Engine


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("any_keys") / "records.db"
    with migrated(f"sqlite:///{path}") as database:
        load_fixture(database.engine)
        with Exchange(database.url, Clock.at("2026-11-20 10:00")) as exchange:
            yield Desk(exchange, exchange.make_carrier(status_url=None), database.engine)


@settings(max_examples=150, deadline=None)
@given(behaviour)
def test_any_keys_silences_and_hang_ups_are_borne(
    desk: Desk, behaviour: tuple[str, list[str], bool, Outcome]
) -> None:
    path, groups, hangs_up, desk.exchange.far_end = behaviour
    # No caller id, so that the lock-out of the calls before does not stop this one.
    call = desk.carrier.dial(from_="anonymous", to=LINE_NUMBER)
    for keys in [*path.split(), *groups]:
        if call.ended:
            break
        call.silence() if keys == "-" else call.type(keys)
    if hangs_up:
        call.hang_up()
    stays_silent_to_the_end(call)
    assert call.errors == []
    assert call.warnings == []
    assert not any("Rendszerünk átmenetileg" in text for text in call.heard)
    stored_only_what_was_confirmed(desk.engine, call.sid)


def stays_silent_to_the_end(call: SimulatedCall) -> None:
    for _ in range(MOST_SILENCES):
        if call.ended:
            return
        call.silence()
    raise AssertionError("the call never ends")


def stored_only_what_was_confirmed(engine: Engine, call_sid: str) -> None:
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
            assert heard == Keys("1")
            assert " confirm " in before.place
            submitted += sum(len(receipts(entry)) for entry in commands)
    assert submitted == len(kinds)


def receipts(entry: Answered) -> tuple[str, ...]:
    return msgspec.json.decode(entry.value, type=Submitted).receipts
