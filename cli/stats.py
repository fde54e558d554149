"""``zoldszam stats``: what callers came for, and how it ended."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

from backend.calls.call_statistics import AGENT_WITHIN, Place, Statistics, statistics
from cli.support.common import counted
from cli.support.database import database_option, reading
from cli.support.local_time import DAY
from common.timezone import BUDAPEST, in_budapest
from ivr.lines.entries import LineEntry, configured_lines
from ivr.lines.loading import LineDefaults, load_published
from ivr.lines.topic_names import by_topic, topics_of
from settings import HERE, Settings

LAST_DAYS = 30


@click.command("stats")
@click.option("--since", type=DAY, help="First day; 30 days ago if left out.")
@click.option("--until", type=DAY, help="Last day; today if left out.")
@click.option("--language", default="hu", show_default=True, help="Of the topics' names.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@database_option
def stats_command(
    since: date | None, until: date | None, language: str, as_json: bool, database: str
) -> None:
    """Count the calls of some days by what they were about, not by keys.

    Tells how many were settled in the machine, handed to a person or given up and where, and how
    long people waited for a person: the law wants a complaint dealt with within five minutes.
    """
    today = in_budapest(datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    last = _begins(until) if until else today
    first = _begins(since) if since else last - timedelta(days=LAST_DAYS - 1)
    topics = _topics(language)
    with reading(database) as connection:
        found = statistics(connection, first, last + timedelta(days=1))
    reached, given_up = (by_topic(places, topics) for places in (found.reached, found.given_up))
    if as_json:
        click.echo(json.dumps(_as_json(found, reached, given_up), ensure_ascii=False))
        return
    click.echo(f"Calls from {first:%Y-%m-%d} to {last:%Y-%m-%d}")
    for text in _told(found, reached, given_up):
        click.echo(text)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), BUDAPEST)


def _topics(language: str) -> dict[Place, str]:
    """The topic of each path of each line, as its menus offer it."""
    settings = Settings.from_environment()
    entries = _entries(settings)
    defaults = LineDefaults(
        HERE / "menus" / "prompts",
        settings.desks,
        settings.voices,
        settings.recordings,
        settings.public_url,
    )
    topics: dict[Place, str] = {}
    for entry in entries:
        line = load_published(entry, defaults)
        if language not in line.phrasebooks:
            raise click.BadParameter(
                f"{entry.tree} speaks {', '.join(line.phrasebooks)}", param_hint="--language"
            )
        ids = {node.path: f" [{node.id}]" for node in line.tree.walk() if node.path}
        for path, topic in topics_of(line, language, "(the first menu)"):
            told = f"{topic}{ids.get(path, '')}"
            named = told if len(entries) == 1 else f"{entry.name}: {told}"
            topics[line.tree_hash, path] = named
    return topics


def _entries(settings: Settings) -> tuple[LineEntry, ...]:
    """The lines of ``LINES_FILE``, the tree of ``MENU_TREE``, or else a demo's shipped lines."""
    shipped = HERE / "lines.yaml"
    if (
        settings.lines is None
        and "menu_tree" not in settings.model_fields_set
        and shipped.is_file()
    ):
        return configured_lines(shipped, settings.menu_tree)
    return configured_lines(settings.lines, settings.menu_tree)


def _told(found: Statistics, reached: Counter[str], given_up: Counter[str]) -> Iterator[str]:
    yield f"  calls               {found.calls:>7}"
    for outcome, number in found.outcomes.items():
        yield f"    {outcome.replace('_', ' '):<24}{number:>7}"
    share = _share(found.settled_calls, found.calls)
    yield f"  settled in the machine{found.settled_calls:>5}{share}"
    for kind, number in found.settled.items():
        yield f"    {kind.replace('_', ' '):<24}{number:>7}"
    handed = sum(found.handed_over.values())
    yield f"  put through to a desk {handed:>5}{_share(handed, found.calls)}"
    for desk, number in found.handed_over.items():
        yield f"    {desk:<24}{number:>7}"
    if found.agent is not None:
        agent = found.agent
        minutes = AGENT_WITHIN.seconds // 60
        yield (
            f"  a person answered {counted(agent.answered, 'call')}, {agent.within_rule} of them "
            f"within {minutes} minutes of the call's beginning; half within "
            f"{_clock(agent.median)}, 19 of 20 within {_clock(agent.slowest_in_twenty)}"
        )
    yield from _places("topics reached (calls)", reached)
    yield from _places("given up at (calls)", given_up)


def _places(title: str, places: Counter[str]) -> Iterable[str]:
    if places:
        yield f"  {title}"
    for topic, number in places.most_common():
        yield f"    {number:>7}  {topic}"


def _share(part: int, whole: int) -> str:
    return f"  ({part / whole:.0%})" if whole else ""


def _clock(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02}"


def _as_json(found: Statistics, reached: Counter[str], given_up: Counter[str]) -> dict[str, Any]:
    agent = None
    if found.agent is not None:
        agent = {
            "answered": found.agent.answered,
            "within_rule": found.agent.within_rule,
            "median_seconds": found.agent.median.total_seconds(),
            "p95_seconds": found.agent.slowest_in_twenty.total_seconds(),
        }
    return {
        "calls": found.calls,
        "outcomes": dict(found.outcomes),
        "settled_calls": found.settled_calls,
        "settled": dict(found.settled),
        "handed_over": dict(found.handed_over),
        "agent": agent,
        "reached": dict(reached),
        "given_up": dict(given_up),
    }
