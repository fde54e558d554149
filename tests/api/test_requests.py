"""Handing requests over: nothing is lost, nothing handed over twice that was acknowledged."""

import pytest
from sqlalchemy import select

from backend.db.tables.records import requests
from backend.db.transactions import read, write
from backend.records.requests.ledger import add_request
from tests.api.support import Api, ApiClient, done, problem
from tests.support.colleagues.staff import acts_of
from tests.support.databases.records import context

ACKNOWLEDGEMENTS = "/requests/acknowledgements"


@pytest.fixture
def receipts(api: Api) -> list[str]:
    """Five requests of one customer, in their order."""
    with write(api.database.engine) as connection:
        return [
            add_request(
                connection,
                context(call_sid=f"CA{day}"),
                "payment_day",
                customer_id="C-1001",
                data={"day": day},
            )
            for day in range(1, 6)
        ]


def waiting(client: ApiClient) -> list[str]:
    return [each["receipt"] for each in done(client.get("/requests"))["items"]]


def test_what_waits_is_read_page_by_page_until_it_is_acknowledged(
    client: ApiClient, receipts: list[str]
) -> None:
    first = done(client.get("/requests?limit=2"))
    assert [each["receipt"] for each in first["items"]] == receipts[:2]
    assert first["items"][0] == {
        "receipt": receipts[0],
        "kind": "payment_day",
        "customer_id": "C-1001",
        "site_id": None,
        "data": {"day": 1},
        "effective_from": None,
        "channel": "ivr",
        "created_at": "2026-11-21T09:00:00Z",
        "flags": [],
        "acknowledged_at": None,
    }
    second = done(client.get(f"/requests?limit=2&after={first['next']}"))
    third = done(client.get(f"/requests?limit=2&after={second['next']}"))
    assert [each["receipt"] for each in third["items"]] == receipts[4:]
    assert third["next"] is None
    assert waiting(client) == receipts
    assert done(client.post(ACKNOWLEDGEMENTS, {"receipts": receipts[:3]})) == {"acknowledged": 3}
    assert waiting(client) == receipts[3:]
    assert done(client.post(ACKNOWLEDGEMENTS, {"receipts": receipts[:4]})) == {"acknowledged": 1}
    all_of_them = done(client.get("/requests?waiting=false"))["items"]
    assert [each["receipt"] for each in all_of_them] == receipts
    assert [bool(each["acknowledged_at"]) for each in all_of_them] == [True] * 4 + [False]


def test_of_receipts_with_an_unknown_one_none_is_acknowledged(
    api: Api, client: ApiClient, receipts: list[str]
) -> None:
    unknown = next(f"{n:08}" for n in range(10) if f"{n:08}" not in receipts)
    told = problem(client.post(ACKNOWLEDGEMENTS, {"receipts": [*receipts, unknown]}), 422)
    assert (told["code"], told["errors"][0]["pointer"]) == ("receipt-unknown", "#/receipts/5")
    assert waiting(client) == receipts
    with read(api.database.engine) as connection:
        assert set(connection.scalars(select(requests.c.exported_at))) == {None}


def test_who_has_read_how_many_is_on_record(
    api: Api, client: ApiClient, receipts: list[str]
) -> None:
    done(client.get("/requests?limit=2"))
    done(client.get(f"/requests?waiting=false&after={10**9}"))
    read_acts = [act for act in acts_of(api.database.engine) if act[1] == "requests read"]
    assert len(receipts) == 5
    assert read_acts == [("api:erp", "requests read", "requests", "2")]


def test_who_acknowledged_how_many_is_on_record(
    api: Api, client: ApiClient, receipts: list[str]
) -> None:
    done(client.post(ACKNOWLEDGEMENTS, {"receipts": receipts}))
    assert acts_of(api.database.engine)[-1] == ("api:erp", "requests acknowledge", "requests", "5")
