"""Which errors of the drivers are failures of the database, that help to try again."""

import psycopg

from backend.db.failures import failure_of
from common.errors import DatabaseBusyError


def test_of_two_that_waited_for_each_other_the_loser_is_told_to_try_again() -> None:
    assert isinstance(failure_of(psycopg.errors.DeadlockDetected()), DatabaseBusyError)
    assert failure_of(psycopg.errors.UniqueViolation()) is None
