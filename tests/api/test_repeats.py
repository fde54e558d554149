"""A request that comes again: done once, answered the same."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.db.tables.messages import campaigns
from backend.db.transactions import read
from backend.staff.api_access.api_answers import KEPT
from common.errors import DatabaseUnreachableError
from messages.campaigns.planning import drafting
from tests.api.support import Api, ApiClient, done, problem

PAID = {"debts": [{"case_id": "K-1", "status": "paid"}]}
CAMPAIGN = {
    "name": "november",
    "template": "debt_contact_1",
    "recipients": {"cases": [{"case_id": "K-1"}]},
}


def drafted(api: Api) -> int:
    with read(api.database.engine) as connection:
        counted = select(func.count()).select_from(campaigns)
        return connection.execute(counted).scalar_one()


def test_a_repeat_is_answered_the_same_and_does_nothing(api: Api, client: ApiClient) -> None:
    first = client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "a"})
    again = client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "a"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_data() == again.get_data()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert drafted(api) == 1
    done(client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "b"}), 201)
    assert drafted(api) == 2


def test_what_was_done_when_the_database_went_away_is_not_said_to_be_undone(
    api: Api, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnreachableError("away")

    with monkeypatch.context() as patched:
        # What is looked up once the campaign is stored.
        patched.setattr(drafting, "find_campaign", away)
        told = problem(client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "a"}), 503)
    assert told["hint"] == "Repeat it unchanged, with its Idempotency-Key."
    again = client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "a"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert drafted(api) == 1


def test_another_request_under_the_same_key_is_refused(api: Api, client: ApiClient) -> None:
    done(client.post("/debts/statuses", PAID, **{"Idempotency-Key": "a"}))
    other = {"debts": [{"case_id": "K-1", "status": "open"}]}
    told = problem(client.post("/debts/statuses", other, **{"Idempotency-Key": "a"}), 422)
    assert told["code"] == "idempotency-key-reused"
    problem(client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "a"}), 422)
    # A key of another system's is its own.
    done(api.client(name="other").post("/debts/statuses", other, **{"Idempotency-Key": "a"}))


def test_what_was_refused_may_be_sent_again_corrected(client: ApiClient) -> None:
    problem(
        client.post(
            "/debts/statuses",
            {"debts": [{"case_id": "K-404", "status": "paid"}]},
            **{"Idempotency-Key": "a"},
        ),
        422,
    )
    done(client.post("/debts/statuses", PAID, **{"Idempotency-Key": "a"}))


def test_a_key_is_as_good_as_new_when_its_time_is_over(api: Api, client: ApiClient) -> None:
    assert done(client.post("/debts/statuses", PAID, **{"Idempotency-Key": "a"})) == {"changed": 1}
    api.now += KEPT - timedelta(seconds=1)
    assert done(client.post("/debts/statuses", PAID, **{"Idempotency-Key": "a"})) == {"changed": 1}
    api.now += timedelta(seconds=1)
    assert done(client.post("/debts/statuses", PAID, **{"Idempotency-Key": "a"})) == {"changed": 0}


@pytest.mark.both_databases
def test_of_two_at_once_one_is_done_and_both_are_told(api: Api, client: ApiClient) -> None:
    together = threading.Barrier(4)
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        together.wait()
        response = client.post("/campaigns", CAMPAIGN, **{"Idempotency-Key": "a"})
        answers.append((response.status_code, response.get_data()))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert drafted(api) == 1
