"""Planning a campaign in a test: its steps as forms, and a worker that does its jobs."""

import re
from io import BytesIO
from random import Random

from backend.db.transactions import write
from backend.staff.background_jobs.job_runner import JobRunner
from backend.staff.background_jobs.jobs import note_worker
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.planning.plan_jobs import PlanJobs
from tests.console.support import ConsoleUnderTest, Visited
from tests.support.carriers.sending_desk import POLICY
from tests.support.databases.recipients import add_customers, add_debts, debt, mobile
from tests.support.databases.records import DESKS


def runner(console: ConsoleUnderTest, name: str = "w1") -> JobRunner:
    """A worker's jobs, by the console's clock; it is there from now on."""
    with write(console.engine) as connection:
        note_worker(connection, name, console.now)
    plans = PlanJobs(
        engine=console.engine,
        policy=POLICY,
        facts=lambda kind: desk_facts(DESKS, kind),
        clock=lambda: console.now,
        rng=Random(9),  # noqa: S311 - a test
    )
    return JobRunner(console.engine, name, lambda: console.now, plans.handlers())


def begun(console: ConsoleUnderTest, role: str = "sender") -> str:
    """The address of a new plan, without its last part."""
    answer = console.submit(role, "/campaigns/new", {"form_key": f"{console.now}"})
    assert answer.status == 303
    assert answer.location is not None
    return answer.location.removesuffix("/who")


def version(console: ConsoleUnderTest, page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', console.visit("sender", page).text)
    assert found is not None
    return found[1]


def load(console: ConsoleUnderTest, at: str, content: bytes, name: str = "lista.csv") -> Visited:
    form = {
        "name": "Novemberi értesítő",
        "source": "file",
        "file": (BytesIO(content), name),
        "days": "30",
        "version": version(console, f"{at}/who"),
    }
    return console.submit("sender", f"{at}/who", form)  # type: ignore[arg-type]


def choose_text(console: ConsoleUnderTest, at: str) -> Visited:
    form = {"template": "debt_contact_1", "spelling": "soft"}
    return console.submit(
        "sender", f"{at}/what", {**form, "version": version(console, f"{at}/what")}
    )


def choose_time(console: ConsoleUnderTest, at: str, **form: str) -> Visited:
    sent = {"when": "at", **form, "version": version(console, f"{at}/when")}
    return console.submit("sender", f"{at}/when", sent)


def three_cases(console: ConsoleUnderTest) -> bytes:
    """Three cases in the records, and a list of them with one unknown row and one twice."""
    ids = [f"K-{each}" for each in range(3)]
    owners = [f"C-{each}" for each in range(3)]
    add_customers(console, owners)
    add_debts(console, [debt(ids[each], owners[each], mobile(each)) for each in range(3)])
    rows = [*ids, "K-none", ids[0]]
    return b"case_id\n" + "\n".join(rows).encode()
