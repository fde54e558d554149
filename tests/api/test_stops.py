"""The suppression list by another system."""

from sqlalchemy import select

from backend.db.tables.messages import tasks
from backend.db.transactions import read
from tests.api.support import Api, ApiClient, done, problem
from tests.support.colleagues.staff import acts_of

NUMBER = {"phone": "06 30 123 4567"}


def test_a_number_is_stopped_looked_up_and_lifted(api: Api, client: ApiClient) -> None:
    stop = {**NUMBER, "reason": "opted_out"}
    assert done(client.post("/stops/lookup", NUMBER)) == {"stops": []}
    assert done(client.post("/stops", stop)) == {"new": True}
    assert done(client.post("/stops", stop)) == {"new": False}
    assert done(client.post("/stops/lookup", NUMBER)) == {
        "stops": [{"reason": "opted_out", "since": "2026-11-23T09:00:00Z", "origin": "staff"}]
    }
    with read(api.database.engine) as connection:
        assert connection.scalars(select(tasks.c.kind)).all() == ["verify_opt_out"]
    assert done(client.post("/stops/lift", stop)) == {"lifted": True}
    assert done(client.post("/stops/lift", stop)) == {"lifted": False}
    assert done(client.post("/stops/lookup", NUMBER)) == {"stops": []}
    acts = acts_of(api.database.engine)
    assert [act for by, act, *_ in acts if by == "api:erp"] == [
        *("stop add", "stop add", "stop remove", "task finish"),
    ]
    assert "123" not in str([act[3] for act in acts])


def test_a_number_that_is_none_is_refused_where_it_stands(client: ApiClient) -> None:
    for phone in ("anya", "06 30 123 456", "123"):
        told = problem(client.post("/stops", {"phone": phone, "reason": "opted_out"}), 422)
        assert (told["code"], told["errors"][0]["pointer"]) == ("phone-unfit", "#/phone")
    problem(client.post("/stops", {**NUMBER, "reason": "unreachable"}), 422)
