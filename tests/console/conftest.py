"""The console on a fresh database of each kind; in a browser, on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.console.browser import LiveConsole, served
from tests.console.support import ConsoleUnderTest
from tests.support.chromium import launched_chromium
from tests.support.database import Database, migrated


@pytest.fixture
def console(database: Database) -> ConsoleUnderTest:
    """The console with a user of each role; the second factor is offered."""
    return ConsoleUnderTest(database.engine)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module."""
    with launched_chromium() as browser:
        yield browser


@pytest.fixture
def live(chromium: Browser, tmp_path: Path) -> Iterator[LiveConsole]:
    """The console served to a browser."""
    with migrated(f"sqlite:///{tmp_path}/records.db") as database:
        yield from served(ConsoleUnderTest(database.engine), chromium)
