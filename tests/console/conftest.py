"""The console on a fresh database of each kind."""

import shutil
from pathlib import Path

import pytest

from backend.db.transactions import open_database
from tests.console.support import ConsoleUnderTest, compile_pages
from tests.support.databases.database import Database
from tests.support.runs import forked_workers


@pytest.fixture(scope="session", autouse=True)
def _pages_are_compiled_before_the_fork(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each worker would compile most of them; who asks for one test needs a few."""
    if not request.config.getoption(forked_workers.OPTION):
        return
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("pages") / "records.db")
    engine = open_database(f"sqlite:///{path}")
    compile_pages(ConsoleUnderTest(engine).app)
    engine.dispose()


@pytest.fixture
def console(database: Database) -> ConsoleUnderTest:
    """The console with a user of each role; the second factor is offered."""
    return ConsoleUnderTest(database.engine)
