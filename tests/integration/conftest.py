"""Fixtures of sending: one carrier a module, and a desk a test on each kind of database."""

from collections.abc import Iterator

import pytest

from tests.support.carriers.sending_desk import (
    CarrierServer,
    SendingDesk,
    carrier_server,
    sending_desk,
)
from tests.support.carriers.twilio_api import assert_valid_create_request, assert_valid_list_request
from tests.support.databases.database import Database


@pytest.fixture(scope="module")
def carrier() -> Iterator[CarrierServer]:
    """The simulated carrier at an address of its own."""
    with carrier_server() as server:
        yield server


@pytest.fixture
def desk(database: Database, carrier: CarrierServer) -> Iterator[SendingDesk]:
    """A desk on a fresh database, on Monday at ten; what it asks of the carrier is checked."""
    with sending_desk(database, carrier) as desk:
        yield desk
    for request in carrier.messages.requests:
        if request.method == "POST":
            assert_valid_create_request(request.form)
        else:
            assert_valid_list_request(request.query)
