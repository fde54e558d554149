"""Campaigns by another system: drafted and watched; approved by a person who has no part in it."""

import pytest
from sqlalchemy import update

from backend.db.tables.messages import ASKED_BY_CALL, campaigns
from backend.db.transactions import write
from backend.staff.api_access.api_keys import is_key
from common.errors import CampaignError
from messages.campaigns.lifecycle import Actor, approve
from messages.campaigns.returning import give_back
from tests.api.support import Api, ApiClient, done, problem
from tests.support.colleagues.staff import NOW, acts_of, add_staff

NEW = {
    "name": "november",
    "template": "debt_contact_1",
    "recipients": {"cases": [{"case_id": "K-1"}, {"case_id": "K-404"}]},
}


def test_a_draft_is_counted_like_any_other(api: Api, client: ApiClient) -> None:
    drafted = done(client.post("/campaigns", NEW), 201)
    assert drafted == {
        "id": drafted["id"],
        "state": "draft",
        "rows": 2,
        "recipients": 1,
        "excluded": {"unknown_case": 1},
    }
    watched = done(client.get(f"/campaigns/{drafted['id']}"))
    assert (watched["name"], watched["state"]) == ("november", "draft")
    assert watched["states"]["queued"] == watched["recipients"] == 1
    assert watched["excluded"] == {"unknown_case": 1}
    assert "created_by" not in watched
    act = acts_of(api.database.engine)[-1]
    assert act == ("api:erp", "campaign create", drafted["id"], "november")


def test_the_register_and_other_numbers_are_taken_as_well(client: ApiClient) -> None:
    register = {**NEW, "recipients": {"debt_register": {"overdue_before": "2026-09-01"}}}
    assert done(client.post("/campaigns", register), 201)["rows"] == 1
    numbered = {**NEW, "recipients": {"cases": [{"case_id": "K-1", "phone": "06 1 234 5678"}]}}
    assert done(client.post("/campaigns", numbered), 201)["excluded"] == {"landline": 1}


def test_what_staff_are_refused_another_system_is_too(client: ApiClient) -> None:
    for change, code in (
        ({"template": "nothing"}, "template-unknown"),
        ({"name": "hívd: 06 30 123 4567"}, "campaign-name-holds-number"),
        ({"recipients": {"debt_register": {"overdue_before": "2020-01-01"}}}, "register-empty"),
        ({"recipients": {"cases": []}}, "body-unsound"),
        ({"recipients": {}}, "body-unsound"),
    ):
        assert problem(client.post("/campaigns", {**NEW, **change}), 422)["code"] == code


def test_a_case_that_cannot_be_shown_is_refused_by_its_row(client: ApiClient) -> None:
    cases = [{"case_id": "K-1"}, {"case_id": "K-\u0090"}]
    told = problem(client.post("/campaigns", {**NEW, "recipients": {"cases": cases}}), 422)
    assert told["code"] == "recipients-refused"
    assert told["errors"][0]["pointer"] == "#/recipients/cases/1"


def test_what_was_written_to_a_single_person_is_no_campaign_of_the_api(
    api: Api, client: ApiClient
) -> None:
    campaign_id = done(client.post("/campaigns", NEW), 201)["id"]
    mine = campaigns.c.campaign_id == campaign_id
    with write(api.database.engine) as connection:
        connection.execute(update(campaigns).where(mine).values(created_by=ASKED_BY_CALL))
    assert done(client.get("/campaigns"))["items"] == []
    assert problem(client.get(f"/campaigns/{campaign_id}"), 404)["code"] == "campaign-unknown"
    problem(client.get(f"/campaigns?after={campaign_id}"), 422)


def test_who_made_the_key_cannot_approve_what_it_drafts(api: Api, client: ApiClient) -> None:
    campaign_id = done(client.post("/campaigns", NEW), 201)["id"]
    add_staff(api.database.engine, bela="approver")
    with write(api.database.engine) as connection:
        with pytest.raises(CampaignError, match="by a key that they have made"):
            approve(connection, campaign_id, Actor("ada", NOW))
        assert approve(connection, campaign_id, Actor("bela", NOW)).state == "approved"


def test_a_draft_of_another_system_that_is_given_back_is_cancelled(
    api: Api, client: ApiClient
) -> None:
    campaign_id = done(client.post("/campaigns", NEW), 201)["id"]
    add_staff(api.database.engine, bela="approver")
    with write(api.database.engine) as connection:
        back = give_back(connection, campaign_id, "too early", Actor("bela", NOW), api.rng)
    assert is_key(back.created_by)
    assert done(client.get(f"/campaigns/{campaign_id}"))["state"] == "cancelled"


def test_the_list_is_read_page_by_page(api: Api, client: ApiClient) -> None:
    made = []
    for _ in range(3):
        made.insert(0, done(client.post("/campaigns", NEW), 201)["id"])
    page = done(client.get("/campaigns?limit=2"))
    rest = done(client.get(f"/campaigns?limit=2&after={page['next']}"))
    assert {each["id"] for each in page["items"] + rest["items"]} == set(made)
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert problem(client.get("/campaigns?after=QQQQ"), 422)["code"] == "cursor-unknown"
