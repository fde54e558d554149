"""Whatever happens in whatever order, nobody is lost and nobody gets a message twice.

Workers are interrupted at every point where they wait: for the pace, for the carrier, or because
the machine stands still. Meanwhile anything else happens, also in the middle of itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from backend.db.tables.messages import campaigns, outbox, pace, stops, tasks
from backend.db.transactions import write
from backend.interface.codes import MessageKind
from backend.records.suppression.stops import stop_number
from common.errors import CampaignError
from messages.campaigns import lifecycle
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.lifecycle import Actor
from messages.campaigns.outbox import expire_leases
from messages.campaigns.outbox_states import FROM_CARRIER, RANKS
from messages.content.desk_facts import DeskFacts
from messages.delivery.delivery_receipts import parse_reference, record_receipt
from messages.delivery.gateway import (
    Accepted,
    Listed,
    Listing,
    Misconfigured,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from messages.delivery.in_flight import InFlight
from messages.delivery.reconciling import reconcile
from messages.delivery.sending import send_batch
from tests.support.carriers.sending_desk import SENDER, SendingDesk
from tests.support.databases.database import forget_acts
from tests.support.databases.recipients import mobile
from tests.support.databases.records import DESKS
from tests.support.runs.examples import all_asked_for

pytestmark = pytest.mark.both_databases

PEOPLE = 3
DEEPEST = 2
MOST_HAPPENINGS = 30
LONGEST_IN_FLIGHT = timedelta(seconds=100)
"""A request that was on its way for longer arrives nowhere; RECONCILE_AFTER is longer."""

TAKEN = ("taken", "taken, no answer", "taken, then killed")
FATES = (*TAKEN, "taken", "taken", "lost", "killed", "refused", "later", "misconfigured")
HAPPENINGS = (
    *("send", "much", "receipt") * 3,
    *("wait", "reconcile", "expire") * 2,
    *("pause", "resume", "cancel", "stop"),
)


class KilledError(Exception):
    """The process ends here."""


@dataclass
class Request:
    """One request to the carrier, and whether it is known not to have been taken."""

    number: int
    began: datetime
    is_proved_absent: bool = False


@dataclass
class World:
    """A carrier, a clock and everything that can happen, as the test's data have it."""

    desk: SendingDesk
    data: st.DataObject
    stalls: list[float]
    list_lag: timedelta
    campaign_id: str = ""
    depth: int = 0
    happenings: int = 0
    is_calm: bool = False
    sender: str = SENDER
    requests: list[Request] = field(default_factory=list)
    taken: dict[int, tuple[str, datetime, Listed]] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    """For each row the highest rank that a receipt has told."""

    def clock(self) -> datetime:
        """The time; a machine may have stood still since somebody asked last."""
        if self.stalls:
            self.desk.clock.now += timedelta(seconds=self.stalls.pop())
        return self.desk.clock()

    def wait(self, seconds: float) -> bool:
        self.desk.clock.now += timedelta(seconds=seconds)
        self.meanwhile()
        return False

    def draw(self, *choices: Any) -> Any:
        return self.data.draw(st.sampled_from(choices))

    # --- the carrier

    def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
        reference = parse_reference(callback.partition("?m=")[2])
        assert reference is not None
        number = reference[0]
        before = [each for each in self.requests if each.number == number]
        assert all(each.is_proved_absent for each in before), "sent again without a proof"
        request = Request(number, self.desk.clock())
        self.requests.append(request)
        self.meanwhile()
        fate = "taken" if self.is_calm else self.draw(*FATES)
        if fate in TAKEN and self.desk.clock() - request.began > LONGEST_IN_FLIGHT:
            fate = "lost"
        if fate in TAKEN:
            assert number not in self.taken, "taken twice"
            sid = f"SM{number}"
            listed = Listed(sid, "queued", text, self.desk.clock(), None)
            self.taken[number] = (callback, self.desk.clock(), listed)
        self.meanwhile()
        match fate:
            case "killed" | "taken, then killed":
                raise KilledError
            case "taken":
                return Accepted(f"SM{number}", "queued")
            case "lost" | "taken, no answer":
                return Unknown(fate)
        request.is_proved_absent = True
        match fate:
            case "refused":
                return Refused(21612, "no way")
            case "later":
                return RetryLater(20429)
        return Misconfigured(20003, "no entry")

    def find(self, to: str) -> Listing:
        now, policy = self.desk.clock(), self.desk.context.policy
        (row,) = [row for row in self.desk.rows(self.campaign_id) if row.phone == to]
        self.meanwhile()
        for request in self.requests:
            if request.number == row.number and now - request.began >= policy.reconcile_after:
                request.is_proved_absent = row.number not in self.taken
        if row.number not in self.taken:
            return Listing([], now)
        _, created_at, listed = self.taken[row.number]
        return Listing([listed] if created_at <= now - self.list_lag else [], now)

    def check(self) -> None:
        """Credentials work."""

    def carrier_time(self) -> datetime:
        return self.desk.clock()

    # --- what happens

    def meanwhile(self) -> None:
        """Let something else happen, or nothing; then everybody is still counted once."""
        if (
            not self.campaign_id
            or self.is_calm
            or self.depth >= DEEPEST
            or self.happenings >= MOST_HAPPENINGS
        ):
            return
        for _ in range(self.draw(0, 0, 1, 2)):
            self.happen(self.draw(*HAPPENINGS))

    def look_up_facts(self, kind: MessageKind) -> DeskFacts:
        """What the pre-send check begins with, just outside of its transaction."""
        self.meanwhile()
        return desk_facts(DESKS, kind)

    def happen(self, what: str) -> None:
        if what == "much":
            # All that it takes until others may send what somebody seems to have lost.
            for each in ("wait", "expire", "wait", "reconcile", "send"):
                self.happen(each)
            return
        self.depth += 1
        self.happenings += 1
        step = Actor("ada", self.desk.clock())
        engine = self.desk.database.engine
        match what:
            case "send":
                # One by one, or all in one lot, in the middle of which a worker dies too.
                requests = InFlight(self.desk.context, 4 * self.draw(1, PEOPLE))
                with suppress(KilledError):
                    send_batch(self.desk.context, self.campaign_id, requests)
            case "wait":
                self.desk.clock.now += timedelta(seconds=self.draw(310, 90, 61, 20, 1))
            case "reconcile":
                reconcile(engine, self, self.desk.context.policy, self.clock)
            case "expire":
                with write(engine) as connection:
                    expire_leases(connection, self.desk.clock())
            case "receipt" if self.taken:
                self._receipt(self.draw(*sorted(self.taken)))
            case "pause" | "resume" | "cancel":
                with suppress(CampaignError), write(engine) as connection:
                    getattr(lifecycle, what)(connection, self.campaign_id, step)
            case "stop":
                with write(engine) as connection:
                    stop_number(connection, mobile(1), "opted_out", "staff", step.now)
        self.depth -= 1
        self.desk.counts(self.campaign_id)

    def _receipt(self, number: int) -> None:
        callback, _, listed = self.taken[number]
        reference = parse_reference(callback.partition("?m=")[2])
        assert reference is not None
        status = self.draw("queued", "sent", "delivered", "undelivered")
        self.told[number] = max(self.told.get(number, 0), RANKS[FROM_CARRIER[status]])
        with write(self.desk.database.engine) as connection:
            assert record_receipt(
                connection,
                number=number,
                reference=reference[1],
                message_sid=listed.message_sid,
                status=status,
                code=None,
                stop=None,
                now=self.desk.clock(),
            )

    def calm_down(self) -> None:
        """Let everything that is open come to its end, with nothing in the way."""
        self.is_calm, self.stalls = True, []
        if self.desk.find(self.campaign_id).state == "paused":
            self.desk.step(lifecycle.resume, self.campaign_id, "ada")
        for _ in range(4):
            self.desk.clock.now += timedelta(seconds=400)
            self.happen("reconcile")
            self.desk.send(self.campaign_id)

    def assert_everybody_is_settled(self) -> None:
        campaign = self.desk.find(self.campaign_id)
        assert campaign.state in ("done", "cancelled")
        for row in self.desk.rows(self.campaign_id):
            if row.number in self.taken:
                assert row.state in ("accepted", "sent", "delivered", "failed"), row.state
                assert row.message_sid == f"SM{row.number}"
                assert RANKS[row.state] >= self.told.get(row.number, 0), row.state
            elif campaign.state == "cancelled":
                assert row.state in ("cancelled", "failed", "suppressed"), row.state
            else:
                assert row.state in ("failed", "suppressed"), row.state


@contextmanager
def world_of(desk: SendingDesk, data: st.DataObject) -> Iterator[World]:
    """A campaign that runs, in a store with nothing else of messages."""
    with write(desk.database.engine) as connection:
        for table in (tasks, outbox, campaigns, pace, stops):
            connection.execute(delete(table))
        forget_acts(connection)
    desk.clock.set("2026-11-23 10:00")
    stalls = data.draw(st.lists(st.sampled_from([0.0, 0.0, 0.0, 5.0, 31.0, 70.0]), max_size=25))
    lag = data.draw(st.sampled_from([0, 100, 199]))
    world = World(desk, data, stalls, timedelta(seconds=lag))
    desk.use(
        gateway=world,
        clock=world.clock,
        wait=world.wait,
        facts=world.look_up_facts,
        rng=Random(1),  # noqa: S311 - the same in every run of an example
        policy={"limits": (), "pace": data.draw(st.sampled_from([1.5, 150.0]))},
    )
    world.campaign_id = desk.run(range(1, PEOPLE + 1))
    yield world


def test_whatever_happens_nobody_is_lost_and_nobody_gets_a_message_twice(
    desk: SendingDesk,
) -> None:
    desk.debtors(PEOPLE)
    # The orders of events are the same on both; on PostgreSQL a few prove its locks and statements.
    number = 3 if desk.database.kind == "postgresql" else 25 if all_asked_for() else 5

    @settings(max_examples=number, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data(), happenings=st.integers(1, 8))
    def whatever_happens(data: st.DataObject, happenings: int) -> None:
        with world_of(desk, data) as world:
            for _ in range(happenings):
                world.happen(world.draw(*HAPPENINGS))
            world.calm_down()
            world.assert_everybody_is_settled()

    whatever_happens()
