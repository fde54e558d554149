"""The console on a fresh database of each kind."""

import pytest

from tests.console.support import ConsoleUnderTest
from tests.support.database import Database


@pytest.fixture
def console(database: Database) -> ConsoleUnderTest:
    """The console with a user of each role; the second factor is offered."""
    return ConsoleUnderTest(database.engine)
