"""Several hosts under faults: each is cut off, killed and restarted in turn under load.

What is promised: a request that a caller heard of is stored once, everybody gets one message and
nobody two, and every caller hears a sentence.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import click
from sqlalchemy import Engine, func, select

from backend.db.schema import upgrade
from backend.db.tables.records import requests
from backend.db.transactions import open_database, read, write
from backend.desks import HungarianCalendar
from backend.imports.importer import import_directory
from benchmarks.soak.balancer import balancing
from benchmarks.soak.budget import Budget
from benchmarks.soak.callers import Callers
from benchmarks.soak.deployment import (
    HOSTS,
    SECRET,
    WEB_PORT,
    Service,
    database_service,
    database_url,
    services,
)
from benchmarks.soak.network import CENTRE, Host, in_own_network, network
from benchmarks.soak.report import Row
from messages.campaigns import lifecycle
from messages.campaigns.campaign import find_campaign
from messages.campaigns.lifecycle import Actor
from simulator.carrier import Carrier
from simulator.messages import MessageService
from simulator.messages.faults import Fault, Faults
from simulator.server import create_simulator
from simulator.threaded_server import running
from tests.support.calls.telephone import TOKEN
from tests.support.carriers.running_desk import (
    ACCOUNT,
    ALWAYS,
    draft_campaign,
    phone,
    write_debtors,
)
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import load_utility

WHAT = """
Six hosts, each a network namespace: PostgreSQL, two with `zoldszam serve` behind a balancer, two
with `zoldszam worker`, one with `zoldszam console`. One after the other, in an order that is drawn,
loses its cable, its power (`kill -9` of all its processes) or is restarted (SIGTERM), for one to
six seconds, while five callers store requests and a campaign runs at six messages a second. The
carrier takes the fallback when a webhook fails, and loses receipts.
"""
CALLERS = 5
RECIPIENTS = 60
SETTLING_SECONDS = 120.0
STRIKES = ("cut", "killed", "restarted")
ENDED = "ended by themselves"
FIGURES = ("calls", "confirmed", "put through", "messages", *STRIKES, ENDED)


def run(budget: Budget, rng: Random) -> Row:
    """Make the hosts, let them suffer, and judge. Needs ``network.is_possible``."""
    arguments = ["--seconds", str(budget.seconds), "--seed", str(rng.randrange(1_000_000))]
    if budget.faults is not None:
        arguments += ["--faults", str(budget.faults)]
    told = json.loads(in_own_network(__name__, arguments))
    return Row("PostgreSQL", told["figures"], told["breaches"])


def tell(what: str) -> None:
    """Show what happens, for whoever looks for the cause of a breach."""
    click.echo(f"{datetime.now(UTC):%H:%M:%S.%f} {what}", err=True)


@dataclass
class Campaigns:
    """One campaign after the other, each to people of its own."""

    engine: Engine
    folder: Path
    started: list[str] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many were to get a message so far."""
        return RECIPIENTS * len(self.started)

    def is_done(self) -> bool:
        """Whether nothing is open."""
        if not self.started:
            return True
        with read(self.engine) as connection:
            return find_campaign(connection, self.started[-1]).state == "done"

    def start_next(self) -> None:
        """Import new debtors and start a campaign to them."""
        recipients = write_debtors(self.folder, RECIPIENTS, self.people)
        import_directory(self.engine, self.folder)
        now = datetime.now(UTC)
        made = draft_campaign(self.engine, recipients, now)
        with write(self.engine) as connection:
            lifecycle.approve(connection, made.campaign_id, Actor("bela", now))
            anna = Actor("anna", now)
            lifecycle.start(connection, made.campaign_id, anna, ALWAYS, HungarianCalendar())
        self.started.append(made.campaign_id)


@dataclass
class Deployment:
    """All that runs, and what was done to it."""

    everything: list[Service]
    campaigns: Campaigns
    callers: Callers
    messages: MessageService
    rng: Random
    figures: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def suffer(self, budget: Budget) -> None:
        """Do something to each host in turn until that is over; the last of them recovers."""
        while True:
            for service in self.rng.sample(self.everything, len(self.everything)):
                if budget.is_over(sum(self.figures[fault] for fault in STRIKES)):
                    return
                self._strike(service)
                for each in self.everything:
                    if each.restart_if_ended():
                        tell(f"{each.host.name} had ended by itself")
                        self.figures[ENDED] += 1
                if not service.wait_until_well():
                    self.breaches.append(f"{service.host.name} has not come back")
                    return
                # Connections that this program has kept may be to a database that was killed.
                self.campaigns.engine.dispose()
                if self.campaigns.is_done():
                    self.campaigns.start_next()
                time.sleep(self.rng.uniform(0.5, 2))

    def _strike(self, service: Service) -> None:
        host = service.host
        faults = ((host.cut, host.join), (host.kill, service.start), (host.stop, service.start))
        name, (begin, end) = self.rng.choice(list(zip(STRIKES, faults, strict=True)))
        tell(f"{host.name} is {name}")
        begin()
        time.sleep(self.rng.uniform(1, 6))
        end()
        tell(f"{host.name} is let go on")
        self.figures[name] += 1

    def judge(self) -> None:
        """Wait until everything is settled, and compare what was promised with what there is."""
        ends = time.monotonic() + SETTLING_SECONDS
        while not self.campaigns.is_done() and time.monotonic() < ends:
            time.sleep(0.2)
        if not self.campaigns.is_done():
            self.breaches.append("the last campaign is not done")
        self._judge_messages()
        self._judge_requests()
        self.breaches += self.callers.breaches
        self.figures += self.callers.figures

    def _judge_messages(self) -> None:
        taken = Counter(message.to for message in self.messages.messages)
        lost = sum(not taken[phone(number)] for number in range(self.campaigns.people))
        doubled = sum(many > 1 for many in taken.values())
        self.figures["messages"] += self.campaigns.people
        self._note(lost, "got no message")
        self._note(doubled, "got more than one message")

    def _judge_requests(self) -> None:
        by_call = select(requests.c.call_sid, func.count()).group_by(requests.c.call_sid)
        with read(self.campaigns.engine) as connection:
            stored = {row[0]: row[1] for row in connection.execute(by_call)}
        lost = sum(sid not in stored for sid in self.callers.confirmed)
        self._note(lost, "requests that a caller heard of are not stored")
        self._note(sum(many > 1 for many in stored.values()), "requests are stored more than once")

    def _note(self, number: int, what: str) -> None:
        if number:
            self.breaches.append(f"{number} {what}")


@contextmanager
def deployed(hosts: dict[str, Host], folder: Path, rng: Random) -> Iterator[Deployment]:
    """Start everything, with records and staff, and wait until it is well."""
    home = Path(tempfile.mkdtemp(prefix="hosts-", dir=folder))
    folder.chmod(0o755)
    database = database_service(hosts["database"], home)
    database.start()
    assert database.wait_until_well()
    engine = open_database(database_url(hosts["database"]), secret=SECRET)
    upgrade(engine)
    load_utility(engine)
    add_staff(engine, anna="sender", bela="approver")
    web = [(hosts[name].address, WEB_PORT) for name in ("web1", "web2")]
    with balancing(CENTRE, web) as public_url:
        faults = Faults(receipts_lost=Fault(probability=0.2))
        messages = MessageService(ACCOUNT, TOKEN, f"{public_url}/sms/inbound", faults=faults)
        carrier = Carrier(
            voice_url=f"{public_url}/voice/incoming",
            status_url=f"{public_url}/voice/status",
            fallback_url=f"{public_url}/voice/fallback",
            auth_token=TOKEN,
        )
        with running(create_simulator(carrier, messages=messages), host=CENTRE) as api:
            everything = [database, *services(hosts, home, public_url, api)]
            for service in everything[1:]:
                service.start()
            for service in everything:
                assert service.wait_until_well(), service.host.name
            campaigns = Campaigns(engine, folder / "debtors")
            callers = Callers(carrier, CALLERS, rng, tell)
            yield Deployment(everything, campaigns, callers, messages, rng)
            messages.close()
    engine.dispose()


@click.command()
@click.option("--seconds", type=float, default=60.0)
@click.option("--faults", type=int)
@click.option("--seed", type=int, default=1)
def main(seconds: float, faults: int | None, seed: int) -> None:
    """Run in this network, which has to be one's own, and print what came of it as JSON."""
    rng = Random(seed)  # noqa: S311 - to be repeated
    with (
        tempfile.TemporaryDirectory() as folder,
        network(HOSTS) as hosts,
        deployed(hosts, Path(folder), rng) as deployment,
    ):
        deployment.campaigns.start_next()
        deployment.callers.start()
        try:
            deployment.suffer(Budget(seconds, faults))
        finally:
            deployment.callers.stop()
        deployment.judge()
        figures = {name: deployment.figures[name] for name in FIGURES}
    click.echo(json.dumps({"figures": figures, "breaches": deployment.breaches}))


if __name__ == "__main__":
    main()
