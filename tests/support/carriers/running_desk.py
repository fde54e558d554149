"""An SMS desk for tests: debtors, a campaign that runs, a real service and a carrier with faults.

Service and carrier answer real HTTP in threads of the test; workers are real processes.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from random import Random

from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from app import create_app
from backend.db.transactions import read, write
from backend.desks import HungarianCalendar, load_desks
from backend.imports.importer import import_directory
from backend.rules.contact_hours import ContactHours
from messages.campaigns import lifecycle
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.counting import Counts, count
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import Draft, create
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.source import RecipientsFile
from messages.campaigns.template_library import find_template
from settings import HERE, Settings
from simulator.carrier import Carrier
from simulator.messages import Faults, MessageService
from simulator.server import create_simulator
from simulator.threaded_server import running
from tests.crash.dying_worker import WrongClock, start_worker
from tests.support.calls.telephone import TOKEN
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import Database
from tests.support.runs.forked_processes import ForkedProcess

ACCOUNT = "AC" + "0" * 32
SENDER = "+36209383838"
ALWAYS = SendingPolicy(contact_hours=ContactHours.parse("always"))
LONGEST_WAIT = 180.0
"""Seconds after which something hangs; a machine that is busy with much else may be slow."""

SETTINGS = {
    "CONTACT_HOURS": "always",
    "SEND_PACE": "200",
    "SEND_TIMEOUT": "1",
    "CLAIM_LEASE": "1",
    "RECONCILE_AFTER": "1",
    "FAILURE_SHARE": "100%/1000",
}
"""Patience cut short, so that a test need not wait for minutes."""


def write_debtors(folder: Path, count: int, first: int = 0) -> Path:
    """Write customers and debts, one each, with mobiles +36 30 700 0000 and on; the recipients."""
    folder.mkdir(parents=True, exist_ok=True)
    customers = ["customer_id,name,address,email,phone,language,direct_debit,payment_day,protected"]
    debts = ["case_id,customer_id,phone,status,overdue_since"]
    recipients = ["case_id"]
    for number in range(first, first + count):
        customers.append(f"C{number},Minta Ügyfél {number},,,,hu,no,,no")
        debts.append(f"D{number},C{number},{phone(number)},open,2026-01-15")
        recipients.append(f"D{number}")
    for name, lines in (("customers.csv", customers), ("debts.csv", debts)):
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    path = folder / "recipients.csv"
    path.write_text("\n".join(recipients) + "\n", "utf-8")
    return path


def phone(number: int) -> str:
    """The mobile of a debtor."""
    return f"+3630{7_000_000 + number}"


def draft_campaign(
    engine: Engine, recipients: Path, now: datetime, policy: SendingPolicy = ALWAYS
) -> Campaign:
    """Store a draft of the first reminder."""
    with write(engine) as connection:
        template = find_template(connection, "debt_contact_1", now=now)
    facts = desk_facts(load_desks(HERE / "desks.yaml"), template.kind)
    draft = Draft("reminder", template, facts)
    rng = Random()  # noqa: S311 - nothing in a test is secret
    made = create(engine, draft, RecipientsFile(recipients), policy, Actor("anna", now), rng)
    return made.campaign


@dataclass
class SmsDesk:
    """A running desk: its database, the carrier's messages, and the workers' environment."""

    database: Database
    carrier: MessageService
    environment: dict[str, str]

    def import_debtors(self, folder: Path, number: int) -> Path:
        """Import so many debtors and return the file of recipients."""
        recipients = write_debtors(folder, number)
        import_directory(self.database.engine, folder)
        return recipients

    def run_campaign(self, recipients: Path) -> str:
        """Draft, approve and start a campaign; its id."""
        now = datetime.now(UTC)
        made = draft_campaign(self.database.engine, recipients, now)
        with write(self.database.engine) as connection:
            lifecycle.approve(connection, made.campaign_id, Actor("bela", now))
            lifecycle.start(
                connection, made.campaign_id, Actor("anna", now), ALWAYS, HungarianCalendar()
            )
        return made.campaign_id

    def start_worker(
        self, step: str | None = None, clock: WrongClock | None = None
    ) -> ForkedProcess:
        """Start a worker process, one that dies at a step, or one by a clock that is wrong."""
        return start_worker(self.environment, step, clock)

    @contextmanager
    def workers(
        self, number: int, clocks: Sequence[WrongClock] = ()
    ) -> Iterator[list[ForkedProcess]]:
        """Let so many workers run for the time of the block, the first by these clocks."""
        processes = [
            self.start_worker(clock=clock)
            for clock, _ in zip_longest(clocks, range(number), fillvalue=None)
        ]
        try:
            yield processes
        finally:
            for process in processes:
                process.kill()
                process.join()

    def counts(self, campaign_id: str) -> Counts:
        """What has become of the recipients."""
        with read(self.database.engine) as connection:
            return count(connection, campaign_id)

    def state(self, campaign_id: str) -> str:
        """The campaign's state."""
        with read(self.database.engine) as connection:
            return find_campaign(connection, campaign_id).state

    def wait_until_done(self, campaign_id: str) -> None:
        """Wait until nothing of the campaign is open."""
        deadline = time.monotonic() + LONGEST_WAIT
        while self.state(campaign_id) != "done":
            assert time.monotonic() < deadline, dict(self.counts(campaign_id).states)
            time.sleep(0.1)

    def taken_by_carrier(self) -> Counter[str]:
        """How many messages the carrier has taken for each number."""
        return Counter(message.to for message in self.carrier.messages)


@contextmanager
def sms_desk(
    database: Database, faults: Faults | None = None, rng: Random | None = None
) -> Iterator[SmsDesk]:
    """Run service and carrier on a database, with a sender and an approver among the staff."""
    add_staff(database.engine, anna="sender", bela="approver")
    app = create_app(Settings(database_url=database.url, auth_token=TOKEN))
    with running(app) as service_url:
        messages = MessageService(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            sms_url=f"{service_url}/sms/inbound",
            faults=faults or Faults(),
            rng=rng,
        )
        line = Carrier(voice_url=f"{service_url}/voice/incoming", auth_token=TOKEN)
        with running(create_simulator(line, messages=messages)) as carrier_url:
            environment = {
                **SETTINGS,
                "DATABASE_URL": database.url,
                "PUBLIC_URL": service_url,
                "TWILIO_API_URL": carrier_url,
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "SMS_FROM": SENDER,
            }
            try:
                yield SmsDesk(database, messages, environment)
            finally:
                messages.close()
    _let_go(app.extensions["engine"])


def _let_go(engine: Engine) -> None:
    """Close a service's connections, the last of which may still be answering a receipt."""
    deadline = time.monotonic() + LONGEST_WAIT
    assert isinstance(engine.pool, QueuePool)
    while engine.pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.02)
    engine.dispose()
