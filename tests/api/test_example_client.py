"""The client of the documentation, run as it stands against a server."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.db.transactions import write
from backend.hooks.signing import SECRET_BYTES, message_body, signed_headers, written_secret
from backend.interface.codes import EventKind, Scope
from backend.records.requests.ledger import add_request
from settings import HERE
from simulator.threaded_server import running
from tests.api.support import Api
from tests.support.colleagues.staff import NOW
from tests.support.databases.records import context


@pytest.fixture(scope="module")
def client() -> dict[str, Any]:
    """What the page's code defines."""
    page = (HERE / "docs" / "api.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    defined: dict[str, Any] = {}
    exec(code, defined)  # noqa: S102 - our own documentation
    return defined


def test_the_client_sends_records_and_hands_requests_over(api: Api, client: dict[str, Any]) -> None:
    with write(api.database.engine) as connection:
        receipts = [
            add_request(connection, context(), "callback", customer_id="C-1001", data={})
            for _ in range(3)
        ]
    stored: list[str] = []
    with running(api.app) as address:
        desk = client["Desk"](address, api.key("erp", tuple(Scope)))
        paid = {"debts": [{"case_id": "K-1", "status": "paid"}]}
        assert desk.post("/debts/statuses", paid) == {"changed": 1}
        with pytest.raises(RuntimeError, match="no case"):
            desk.post("/debts/statuses", {"debts": [{"case_id": "K-2", "status": "paid"}]})
        handed = client["hand_over"](desk, lambda each: stored.append(each["receipt"]))
        assert (handed, stored) == (3, receipts)
        assert client["hand_over"](desk, stored.append) == 0


def test_the_client_knows_an_event_of_ours(client: dict[str, Any]) -> None:
    secret, now = bytes(range(SECRET_BYTES)), datetime.now(UTC)
    body = message_body(EventKind.REQUEST_RECORDED, "48271936", NOW)
    told = written_secret(secret)
    headers = signed_headers(secret, "request_48271936", body, now)
    assert client["is_signed"](told, headers, body)
    assert not client["is_signed"](told, headers, body + b" ")
    assert not client["is_signed"](written_secret(bytes(SECRET_BYTES)), headers, body)
    late = signed_headers(secret, "request_48271936", body, now - timedelta(minutes=6))
    assert not client["is_signed"](told, late, body)
