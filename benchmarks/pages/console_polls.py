"""Thirty people who look: what their browsers ask for by themselves, and what that costs."""

import heapq
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from tests.console.support import ROLES, ConsoleUnderTest

PEOPLE = 30
MINUTE = 60.0
_REGION = re.compile(r'<\w+ id="([^"]+)" data-poll hx-get="([^"]+)" hx-trigger="every (\d+)s"')


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page that asks for itself again every so many seconds."""

    name: str
    url: str
    every: int


def regions_of(page: str) -> list[Region]:
    """The regions of a page, or of a fragment of one."""
    return [Region(name, unescape(url), int(every)) for name, url, every in _REGION.findall(page)]


@dataclass(frozen=True, slots=True)
class Polled:
    """What one minute cost."""

    requests: int
    unchanged: int
    statements: int

    @property
    def statements_a_second(self) -> float:
        """What the database is asked a second."""
        return self.statements / MINUTE


def poll_for_a_minute(console: ConsoleUnderTest, pages: list[str]) -> Polled:
    """Let ``PEOPLE`` look at these pages in turn for a minute, by a clock that is set."""
    order = count()
    waiting: list[tuple[float, int, str, Region]] = []
    for person in range(PEOPLE):
        role = ROLES[person % len(ROLES)]
        for region in regions_of(console.visit(role, pages[person % len(pages)]).text):
            first = region.every * (person + 1) / PEOPLE
            heapq.heappush(waiting, (first, next(order), role, region))
    began = console.now
    asked = unchanged = 0
    with counted(console.engine) as statements:
        while waiting and waiting[0][0] < MINUTE:
            due, _, role, region = heapq.heappop(waiting)
            console.now = began + timedelta(seconds=due)
            answer = console.client(role).get(region.url, base_url="https://localhost")
            asked += 1
            unchanged += answer.status_code == 204
            again = regions_of(answer.text) if answer.status_code == 200 else [region]
            for each in again:
                heapq.heappush(waiting, (due + each.every, next(order), role, each))
    return Polled(asked, unchanged, len(statements))


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that the database gets meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
