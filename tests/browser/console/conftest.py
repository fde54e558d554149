"""The console in a browser, on SQLite."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.db.transactions import open_database
from tests.browser.console.live_console import LiveConsole, served
from tests.console.support import ConsoleUnderTest
from tests.support.colleagues.chromium import Pages
from tests.support.databases.database import Database


@pytest.fixture
def records(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh database with the newest schema and nothing in it."""
    shutil.copy(sqlite_template, tmp_path / "records.db")
    url = f"sqlite:///{tmp_path}/records.db"
    engine = open_database(url)
    yield Database(url, engine)
    engine.dispose()


@pytest.fixture
def live(pages: Pages, records: Database) -> Iterator[LiveConsole]:
    """The console served to a browser."""
    yield from served(ConsoleUnderTest(records.engine), pages)
