"""Sending without workers: the real steps and the real carrier's client, by a clock that is set.

The carrier is the simulator over real HTTP; it sends no receipts unless a test asks for them. What
a worker would wait for, the clock jumps over.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import count as counting
from random import Random
from typing import Any

from sqlalchemy import Row, insert, select

from backend.db.tables.messages import acts, campaigns, exclusions, outbox, stops, templates, users
from backend.db.transactions import read, write
from backend.desks import HungarianCalendar
from backend.rules.contact_hours import ContactHours
from messages.campaigns import lifecycle
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.counting import Counts, count
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import Draft
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.template_library import find_template
from messages.content.gsm_encoding import cost
from messages.delivery.delivery_receipts import parse_reference, record_receipt
from messages.delivery.reconciling import Reconciled, reconcile
from messages.delivery.sending import send_batch
from messages.delivery.sending_context import SendingContext
from simulator.carrier import Carrier
from simulator.messages import Delays, Faults, MessageService
from simulator.messages.agenda import Agenda
from simulator.server import create_simulator
from simulator.threaded_server import running
from sms.account import Account
from sms.carrier_clock import seconds_since_boot
from sms.error_codes import load_codes
from sms.twilio_gateway import TwilioGateway
from tests.support.calls.telephone import TOKEN, Clock
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import Database
from tests.support.databases.recipients import add_customers, add_debts, campaign_row, debt, mobile
from tests.support.databases.records import DESKS

ACCOUNT = "AC" + "0" * 32
SENDER = "+36209383838"
PUBLIC_URL = "https://desk.example.hu"
MONDAY = "2026-11-23 10:00"
CODES = load_codes()
POLICY = SendingPolicy(
    contact_hours=ContactHours.parse("mon-fri 08:00-20:00"),
    pace=100,
    send_timeout=timedelta(seconds=5),
)

_numbers = counting(1)


@dataclass
class CarrierServer:
    """The simulator's messages behind a real address."""

    messages: MessageService
    url: str

    def reset(self, clock: Clock) -> None:
        """Forget everything and go by this clock from now on."""
        self.messages.clear()
        self.messages.opted_out.clear()
        self.messages.faults = Faults()
        self.messages.list_lag = 0.0
        self.messages.clock = lambda: clock().timestamp()


@contextmanager
def carrier_server() -> Iterator[CarrierServer]:
    """Run a carrier that takes messages and tells of none of them."""
    messages = MessageService(
        ACCOUNT,
        TOKEN,
        f"{PUBLIC_URL}/sms/inbound",
        rng=Random(1),  # noqa: S311 - ids that repeat from run to run
        delays=Delays(100_000, 100_000),
        # Whom nothing is due for is not woken for each message.
        agenda=Agenda(workers=0),
    )
    line = Carrier(voice_url="http://127.0.0.1:9/voice", auth_token=TOKEN)
    with running(create_simulator(line, messages=messages)) as url:
        yield CarrierServer(messages, url)
    messages.close()


def gateway(
    url: str,
    *,
    token: str = TOKEN,
    sender: str = SENDER,
    timeout: timedelta = POLICY.send_timeout,
    elapsed: Callable[[], float] = seconds_since_boot,
) -> TwilioGateway:
    """The real client of an account at that address."""
    return TwilioGateway(Account(ACCOUNT, token, sender, url), CODES, timeout, elapsed)


@dataclass
class SendingDesk:
    """Debtors, campaigns and the steps of sending; ``clock`` stands until something waits."""

    database: Database
    carrier: MessageService
    url: str
    clock: Clock = field(default_factory=lambda: Clock.at(MONDAY))
    calendar: HungarianCalendar = field(default_factory=HungarianCalendar)

    def __post_init__(self) -> None:
        self.context = SendingContext(
            engine=self.database.engine,
            gateway=gateway(self.url, elapsed=self.elapsed),
            policy=POLICY,
            calendar=self.calendar,
            facts=lambda kind: desk_facts(DESKS, kind),
            public_url=PUBLIC_URL,
            clock=self.clock,
            wait=self.wait,
            rng=Random(1),  # noqa: S311 - nothing in a test is secret
        )

    def elapsed(self) -> float:
        """The seconds that have passed, as far as the carrier's client can tell."""
        return self.clock().timestamp()

    def wait(self, seconds: float) -> bool:
        """Sleep as a worker does, in no time."""
        self.clock.now += timedelta(seconds=seconds)
        return False

    def use(self, **changes: Any) -> None:
        """Change what sending is given; ``policy`` takes a mapping of its settings."""
        if "policy" in changes:
            changes["policy"] = replace(self.context.policy, **changes["policy"])
        self.context = replace(self.context, **changes)

    def debtors(self, number: int, first: int = 1) -> range:
        """Put so many debtors into the records; what they are numbered by."""
        numbers = range(first, first + number)
        add_customers(self.database, [f"C{each}" for each in numbers])
        add_debts(self.database, [debt(f"D{each}", f"C{each}", mobile(each)) for each in numbers])
        return numbers

    def draft(
        self, people: Sequence[int], template: str = "debt_contact_1", by: str = "anna"
    ) -> str:
        """Put a draft with these debtors into the store; its id."""
        with write(self.database.engine) as connection:
            stored = find_template(connection, template, now=self.clock())
            message = Draft("reminder", stored, self.context.facts(stored.kind)).message()
            row = campaign_row(
                stored.kind.value,
                campaign_id=f"TEST{next(_numbers):04}",
                template=stored.name,
                template_version=stored.version,
                message=message,
                segments=cost(message).segments,
                source_rows=len(people),
                recipients=len(people),
                created_at=self.clock(),
                created_by=by,
            )
            connection.execute(insert(campaigns), row)
            if people:
                connection.execute(
                    insert(outbox),
                    [
                        {
                            "campaign_id": row["campaign_id"],
                            "line": each + 1,
                            "case_id": f"D{each}",
                            "customer_id": f"C{each}",
                            "phone": mobile(each),
                            "phone_is_of_case": True,
                        }
                        for each in people
                    ],
                )
        return str(row["campaign_id"])

    def step(self, act: Callable[..., Campaign], campaign_id: str, by: str, **more: Any) -> str:
        """Take a step of the life cycle; the state after it."""
        with write(self.database.engine) as connection:
            return act(connection, campaign_id, Actor(by, self.clock()), **more).state

    def start(self, campaign_id: str, by: str = "anna", **more: Any) -> str:
        """Start a campaign; the state after it."""
        rules = {"policy": self.context.policy, "calendar": self.context.calendar}
        return self.step(lifecycle.start, campaign_id, by, **rules, **more)

    def run(self, people: Sequence[int], template: str = "debt_contact_1") -> str:
        """Draft, approve and start a campaign; its id."""
        campaign_id = self.draft(people, template)
        self.step(lifecycle.approve, campaign_id, "bela")
        assert self.start(campaign_id) == "running"
        return campaign_id

    def send(self, campaign_id: str, batches: int = 100) -> int:
        """Send batches until there is nothing more to send now; how many there were."""
        for done in range(batches):
            if not send_batch(self.context, campaign_id):
                return done
        return batches

    def reconcile(self) -> Reconciled:
        """Judge the unknown."""
        return reconcile(
            self.database.engine, self.context.gateway, self.context.policy, self.clock
        )

    def receipt(self, message: Any, status: str, code: int | None = None) -> None:
        """Take in the receipt that the carrier would send for one of its messages."""
        reference = parse_reference(message.status_callback.partition("?m=")[2])
        assert reference is not None
        with write(self.database.engine) as connection:
            assert record_receipt(
                connection,
                number=reference[0],
                reference=reference[1],
                message_sid=message.sid,
                status=status,
                code=code,
                stop=CODES.find(code).stop,
                now=self.clock(),
            )

    def find(self, campaign_id: str) -> Campaign:
        """The campaign as it is now."""
        with read(self.database.engine) as connection:
            return find_campaign(connection, campaign_id)

    def counts(self, campaign_id: str) -> Counts:
        """What has become of its recipients; the invariant is checked at every look."""
        with read(self.database.engine) as connection:
            counts = count(connection, campaign_id)
            assert sum(counts.states.values()) == find_campaign(connection, campaign_id).recipients
            return counts

    def states(self, campaign_id: str) -> dict[str, int]:
        """How many recipients are in each state that anybody is in."""
        return {state: many for state, many in self.counts(campaign_id).states.items() if many}

    def rows(self, campaign_id: str) -> list[Row[Any]]:
        """Its outbox in the order of the numbers."""
        wanted = select(outbox).where(outbox.c.campaign_id == campaign_id)
        with read(self.database.engine) as connection:
            return list(connection.execute(wanted.order_by(outbox.c.number)))

    def stopped(self) -> list[str]:
        """The reasons of all stops."""
        with read(self.database.engine) as connection:
            return sorted(connection.scalars(select(stops.c.reason)))

    @property
    def taken(self) -> list[str]:
        """The numbers to which the carrier has taken a message, one for each message."""
        return [message.to for message in self.carrier.messages]

    def snapshot(self) -> list[Any]:
        """All that the store holds of messages, to see that nothing has changed."""
        with read(self.database.engine) as connection:
            return [
                tuple(row)
                for table in (campaigns, outbox, exclusions, templates, acts, stops, users)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]


@contextmanager
def sending_desk(database: Database, server: CarrierServer) -> Iterator[SendingDesk]:
    """A desk with a sender, an approver, an admin and a viewer, on Monday at ten."""
    add_staff(database.engine, anna="sender", bela="approver", ada="admin", vera="viewer")
    desk = SendingDesk(database, server.messages, server.url)
    server.reset(desk.clock)
    assert isinstance(desk.context.gateway, TwilioGateway)
    # What a worker knows from the answer to its check, before it begins.
    desk.context.gateway._clock.learn(format_datetime(desk.clock(), usegmt=True), desk.elapsed())
    server.messages.requests.clear()
    yield desk
