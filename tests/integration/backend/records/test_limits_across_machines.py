"""Limits lie in the records: what was tried on one machine counts on every other."""

from random import Random

import pytest
from sqlalchemy import Connection

from backend.db.transactions import open_database, write
from backend.interface.codes import Scope
from backend.interface.queries import Identify
from backend.records.identification import identify
from backend.staff.api_access.api_keys import add_key
from backend.staff.api_access.api_limits import BURST, take_request
from backend.staff.authentication.throttle import ADDRESS_FAILURES, admit, attempt
from sms.answer_policy import AnswerPolicy
from sms.reply_budget import spend
from tests.support.colleagues.staff import NOW, colleague
from tests.support.databases.database import Database
from tests.support.databases.records import context

WRONG = Identify("20293811", "11111111")


@pytest.mark.both_databases
def test_a_second_machine_counts_what_the_first_has_seen(utility: Database) -> None:
    """Of a caller, a site, an address of the console, a key, and the budget of answers."""
    other = open_database(utility.url)
    try:
        with write(utility.engine) as here:
            _use_up(here)
        with write(other) as there:
            asked = context(call_sid="CX", caller="+36300000000")
            assert identify(there, Identify("20293899", "48213401"), asked).locked, "the caller"
            stranger = context(call_sid="CY", caller="+36309999999")
            assert identify(there, WRONG, stranger).locked, "the site"
            assert not admit(there, attempt("s", "password", "new", "10.0.0.1"), NOW)
            assert take_request(there, "erp", NOW) is not None
            assert not spend(there, AnswerPolicy(parts_a_day=5), "+36301111111", 1, NOW)
    finally:
        other.dispose()


def _use_up(connection: Connection) -> None:
    for number in range(10):
        identify(connection, WRONG, context(call_sid=f"CA{number}", caller="+36300000000"))
    for number in range(ADDRESS_FAILURES):
        assert admit(connection, attempt("s", "password", f"name{number}", "10.0.0.1"), NOW)
    admin = colleague(connection, "ada", "admin")
    add_key(connection, "erp", [Scope.REQUESTS_READ], admin, NOW, Random(1))  # noqa: S311
    for _request in range(BURST):
        assert take_request(connection, "erp", NOW) is None
    assert spend(connection, AnswerPolicy(parts_a_day=5), "+36301111111", 4, NOW)
