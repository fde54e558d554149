"""What the staff's pages cost: on the demonstration, and on the records of years.

Each page's server time, the statements that thirty people's browsers ask for by themselves, and
what calls notice of it all. ``python -m benchmarks.pages.console postgresql`` measures one store,
prints what it finds and leaves the page of figures alone; so do ``sqlite`` and ``demonstration``.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine, select

from backend.db.tables.messages import campaigns, tasks
from backend.db.tables.records import calls
from backend.db.transactions import open_database, read
from benchmarks import page
from benchmarks.pages.console_load import Delays, beside_the_console
from benchmarks.pages.console_pages import ROLE, Times, addresses, measure
from benchmarks.pages.console_polls import PEOPLE, Polled, poll_for_a_minute
from benchmarks.pages.console_store import CALLS, fill
from cli.history.past import make_past
from cli.history.planned_calls import planned_calls
from cli.support.demo_setup import PAST_FOLDER, SECRET_KEY, demo_settings, load_demo_records
from service_files import shown_lines
from settings import HERE, Settings
from tests.console.support import ConsoleUnderTest
from tests.support.databases.database import load_fixture, migrated, postgres_server

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SHOWN = 8
"""The slowest pages have a row of their own."""
NEVER_MIND = "/login"


@dataclass(frozen=True, slots=True)
class Result:
    """One store: its pages, a minute of polls by people on several pages and all on one campaign.

    ``webhooks`` is not measured on the demonstration.
    """

    name: str
    pages: list[Times]
    mixed: Polled
    on_one: Polled
    webhooks: Delays | None


def main(wanted: Sequence[str] = ()) -> None:
    """Measure all three stores and write the section; or print that of the ``wanted`` ones."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        results = []
        if not wanted or "demonstration" in wanted:
            with demonstration(Path(folder)) as engine:
                results.append(measure_store("demonstration, SQLite", engine, None))
        with server.database() as postgres_url:
            urls = {"SQLite": f"sqlite:///{folder}/years.db", "PostgreSQL": postgres_url}
            for name, url in urls.items():
                if wanted and name.lower() not in wanted:
                    continue
                with migrated(url) as database:
                    load_fixture(database.engine)
                    fill(database.engine, NOW, tree_hash())
                    results.append(measure_store(f"years, {name}", database.engine, url))
    section = report(results)
    if not wanted:
        page.put(section)
    click.echo(section)


@contextmanager
def demonstration(folder: Path) -> Iterator[Engine]:
    """The records of a new demonstration, with its week."""
    with chdir(folder):
        settings = demo_settings("http://127.0.0.1:9", "http://127.0.0.1:9")
        load_demo_records(settings["DATABASE_URL"], NOW)
        # What went wrong in that week went wrong on purpose.
        logging.disable(logging.ERROR)
        make_past(Settings.from_environment(settings), PAST_FOLDER, NOW, planned_calls(NOW))
        logging.disable(logging.NOTSET)
        engine = open_database(settings["DATABASE_URL"], secret=SECRET_KEY)
        try:
            yield engine
        finally:
            engine.dispose()


def tree_hash() -> str:
    """The version of the electricity line's menu."""
    lines = shown_lines(Settings(lines=HERE / "lines.yaml"), lambda: NOW)
    return lines.now().lines["electricity"].tree_hash


def measure_store(name: str, engine: Engine, url: str | None) -> Result:
    """Walk its pages, let people look, and, at an ``url``, let calls come in meanwhile."""
    click.echo(f"measuring: {name}", err=True)
    console = ConsoleUnderTest(engine, now=NOW)
    samples = samples_of(engine) | begun_plan(console)
    found = [each for each in addresses(console, samples) if not each.startswith(NEVER_MIND)]
    pages = measure(console, found)
    console.clients.clear()
    running = f"/campaigns/{samples['campaign_id'][-1]}"
    mixed = poll_for_a_minute(console, [running, "/calls", running, "/calls", "/", "/inbox"])
    on_one = poll_for_a_minute(console, [running])
    webhooks = beside_the_console(url, running) if url is not None else None
    return Result(name, pages, mixed, on_one, webhooks)


def samples_of(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Values for addresses: the largest campaign, a running one, an open task, the last call."""
    by_size = select(campaigns.c.campaign_id).order_by(campaigns.c.recipients.desc())
    running = by_size.where(campaigns.c.state == "running")
    task = select(tasks.c.number).where(tasks.c.done_at.is_(None)).order_by(tasks.c.number)
    call = select(calls.c.reference).order_by(calls.c.began_at.desc())
    with read(engine) as connection:
        largest = str(connection.scalar(by_size))
        return {
            "campaign_id": (largest, str(connection.scalar(running) or largest)),
            "inbox.number": (str(connection.scalar(task)),),
            "reference": (str(connection.scalar(call)),),
        }


def begun_plan(console: ConsoleUnderTest) -> dict[str, tuple[str, ...]]:
    """A campaign that the administrator has begun to plan."""
    begun = console.submit(ROLE, "/campaigns/new", {"form_key": "benchmark"})
    draft_id = (begun.location or "").split("/")[-2]
    return {"plan.draft_id": (draft_id,), "plan_check.draft_id": (draft_id,)}


def report(results: list[Result]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    pages = "\n".join(_pages(result) for result in results)
    slowest = "\n".join(
        f"| {result.name} | `{each.address}` | {each.p95 * 1000:.0f} | {each.work * 1000:.0f} |"
        for result in results
        for each in result.pages[:SHOWN]
    )
    polls = "\n".join(_polls(result) for result in results)
    webhooks = "\n".join(
        f"| {result.name} | {_ms(result.webhooks.alone)} | {_ms(result.webhooks.beside)} |"
        for result in results
        if result.webhooks is not None
    )
    return f"""## The staff's pages

Every address of the console that answers a GET, asked for twenty times as an administrator, more
than a minute of its clock apart, so that only what is remembered for longer helps. The
demonstration has its week of calls and messages; the records of years have a million rows of the
outbox (one campaign of 600,000 that is over, one of 300,000 that runs) and {CALLS:,} calls in
ninety days. Server time in milliseconds: the 95th percentile, of the page in the middle and of
the slowest.

| | pages | in the middle | slowest |
|---|---|---|---|
{pages}

The slowest; the last column is the median of the processor's time in the console's own process
(SQLite works in it, PostgreSQL beside it), which does not depend on who else is at work here:

| | page | p95 | processor |
|---|---|---|---|
{slowest}

Browsers of {PEOPLE} people for a minute: a third each on the running campaign, on today's calls, on
the first page and the inbox; then all of them on one campaign, the dearest page. What is asked for
by hand looks its session up, because a right that was taken away ends at once; polls look all
sessions up together, once in a second.

| | requests a second | unchanged | statements a second | all on one campaign |
|---|---|---|---|---|
{polls}

Webhooks of a call, by real servers on the same records, in milliseconds: alone, and while
{PEOPLE} people's polls and a page a second go to the console (median / 99th percentile; both in
turns). The browsers, which are on other machines, work at the lowest priority.

| | alone | beside the console |
|---|---|---|
{webhooks}

{page.conditions("granian", "flask", "sqlalchemy")} Load of this machine at the end:
{os.getloadavg()[0]:.1f}.
"""


def _pages(result: Result) -> str:
    middle = sorted(each.p95 for each in result.pages)[len(result.pages) // 2]
    slowest = result.pages[0].p95
    return f"| {result.name} | {len(result.pages)} | {middle * 1000:.0f} | {slowest * 1000:.0f} |"


def _polls(result: Result) -> str:
    mixed = result.mixed
    return (
        f"| {result.name} | {mixed.requests / 60:.1f} | {mixed.unchanged / mixed.requests:.0%} "
        f"| {mixed.statements_a_second:.1f} | {result.on_one.statements_a_second:.1f} |"
    )


def _ms(times: tuple[float, float]) -> str:
    return f"{times[0] * 1000:.1f} / {times[1] * 1000:.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
