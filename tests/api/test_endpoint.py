"""The endpoint: keys, scopes, the rate limit, media types, and a problem for whatever fails."""

from datetime import timedelta
from io import BytesIO

import pytest
from werkzeug.test import Client

from api.application import MOST_BODY_BYTES
from api.openapi import PREFIX
from api.problems import problem_of
from backend.db.transactions import read, write
from backend.interface.codes import Scope
from backend.staff.api_access.api_keys import disable_key, list_keys
from backend.staff.api_access.api_limits import BURST, PER_SECOND, take_request
from common.errors import DatabaseBusyError
from tests.api.support import Api, ApiClient, done, problem
from tests.support.colleagues.staff import NOW
from tests.support.runs.tables import each_of

LISTED = "/requests"


def test_a_name_that_is_in_an_object_twice_is_refused(client: ApiClient) -> None:
    for body in (
        '{"phone": "06 30 123 4567", "phone": "06 30 123 4568"}',
        '{"customers": [], "customers": []}',
        '{"customers": [{"name": "A", "n\\u0061me": "B"}]}',
    ):
        path = "/stops/lookup" if "phone" in body else "/records"
        told = problem(client.send("POST", path, body, {"Idempotency-Key": "a"}), 422)
        assert told["code"] == "body-unsound"


def test_without_a_good_key_nothing_is_told(api: Api) -> None:
    good = api.key("short", [Scope.REQUESTS_READ], expires=NOW + timedelta(days=1))
    assert done(ApiClient(api, good).get(LISTED))["items"] == []
    for written in ("", "zsk_", good[:-1], good.upper(), f"{good}x", "ő"):
        told = problem(ApiClient(api, written).get(LISTED), 401)
        assert told["code"] == "key-refused"
    basic = ApiClient(api, good).get(LISTED, Authorization=f"Basic {good}")
    assert problem(basic, 401)
    assert basic.headers["WWW-Authenticate"].startswith("Bearer ")
    api.now += timedelta(days=1)
    assert problem(ApiClient(api, good).get(LISTED), 401)


def test_a_disabled_key_opens_nothing_from_that_moment_on(api: Api) -> None:
    client = api.client(Scope.REQUESTS_READ)
    done(client.get(LISTED))
    with write(api.database.engine) as connection:
        disable_key(connection, "erp", "ada", NOW)
    assert problem(client.get(LISTED), 401)
    with read(api.database.engine) as connection:
        key = list_keys(connection)[0]
    assert (str(key.last_used_on), key.disabled_at) == ("2026-11-23", NOW)


def test_a_key_does_only_what_its_scopes_say(api: Api) -> None:
    client = api.client(Scope.STOPS_READ)
    for response in (
        client.get(LISTED),
        client.get("/campaigns"),
        client.post("/records", {}),
        client.post("/debts/statuses", {}),
        client.post("/campaigns", {}),
        client.post("/stops", {}),
        client.post("/requests/acknowledgements", {}),
    ):
        assert problem(response, 403)["code"] == "scope-missing"


def test_a_key_that_is_too_fast_is_told_when_to_come_again(api: Api) -> None:
    client, other = api.client(Scope.REQUESTS_READ), api.client(name="other")
    with write(api.database.engine) as connection:
        for _ in range(BURST):
            assert take_request(connection, "erp", api.now) is None
    refused = client.get(LISTED)
    assert problem(refused, 429)["code"] == "too-many-requests"
    assert refused.headers["Retry-After"] == "1"
    done(other.get(LISTED))
    api.now += timedelta(seconds=1 / PER_SECOND)
    done(client.get(LISTED))
    assert problem(client.get(LISTED), 429)


def test_a_clock_that_was_put_back_locks_no_key_out(api: Api) -> None:
    client = api.client(Scope.REQUESTS_READ)
    done(client.get(LISTED))
    api.now -= timedelta(days=1)
    done(client.get(LISTED))


@each_of(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Accept": "text/html"}, 406),
        ({"Idempotency-Key": ""}, 400),
        ({"Idempotency-Key": "x" * 256}, 400),
        ({"Idempotency-Key": "kulcs-ő".encode().decode("latin-1")}, 400),
    ],
)
def test_a_request_in_another_form_is_refused(
    client: ApiClient, headers: dict[str, str], status: int
) -> None:
    body = {"debts": [{"case_id": "K-1", "status": "paid"}]}
    problem(client.post("/debts/statuses", body, **headers), status)
    done(
        client.post("/debts/statuses", body, **{"Content-Type": "application/json; charset=UTF-8"})
    )


@each_of(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe{\x00}\x00", 400),
        (b'{"debts": "\\ud800"}', 400),
        (b"[" * 5000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"debts": []}', 422),
        (b'{"debts": [{"case_id": "K\\u0000", "status": "paid"}]}', 422),
        (b'{"debts": [{"case_id": "K-1", "status": "forgiven"}]}', 422),
        (b'{"debts": [{"case_id": "K-1", "status": "paid"}], "more": 1}', 422),
    ],
)
def test_a_body_of_another_shape_is_refused(client: ApiClient, body: bytes, status: int) -> None:
    problem(client.send("POST", "/debts/statuses", body, {"Idempotency-Key": "1"}), status)


def test_a_body_that_is_too_large_is_refused_however_it_is_sent(client: ApiClient) -> None:
    body = b" " * (MOST_BODY_BYTES + 1)
    headers = {"Idempotency-Key": "1"}
    problem(client.send("POST", "/debts/statuses", body, headers), 413)
    # Sent in chunks its length is not known before, and what fits in the limit would be sound.
    chunked = b'{"debts": [{"case_id": "K-1", "status": "paid"}]}' + body
    problem(client.send("POST", "/debts/statuses", BytesIO(chunked), headers), 413)


@each_of(
    ("query", "field"),
    [
        ("?limit=0", "limit"),
        ("?limit=501", "limit"),
        ("?limit=x", "limit"),
        ("?after=%00", "after"),
        ("?after=-1", "after"),
        ("?before=3", "before"),
    ],
)
def test_a_query_that_cannot_be_is_refused(client: ApiClient, query: str, field: str) -> None:
    told = problem(client.get(f"{LISTED}{query}"), 422)
    assert [each["field"] for each in told["errors"]] == [field]
    assert problem(client.get(f"{LISTED}?limit=1&limit=2"), 422)


def test_a_host_or_query_that_no_client_sends_is_no_fault(api: Api) -> None:
    for environ in ({"HTTP_HOST": "x" * 64}, {"QUERY_STRING": "after=\x80"}):
        for path in (f"{PREFIX}{LISTED}", "/nowhere", "/healthz"):
            answer = Client(api.app).get(path, environ_overrides=environ)
            assert answer.status_code < 500, (path, environ)


def test_what_is_not_there_is_a_problem_too(api: Api, client: ApiClient) -> None:
    problem(client.get("/nothing"), 404)
    problem(client.get("/campaigns/99999999"), 404)
    problem(client.get("/campaigns/%00"), 404)
    refused = client.send("DELETE", LISTED, None, {})
    problem(refused, 405)
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    problem(Client(api.app).get("/"), 404)


def test_a_fault_of_ours_tells_nothing_of_the_program(
    api: Api, client: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    api.app.config["PROPAGATE_EXCEPTIONS"] = False
    api.app.view_functions["list_requests"] = lambda: [][0]
    told = problem(client.get(LISTED), 500)
    assert "IndexError" not in str(told)
    assert "IndexError at " in caplog.text


def test_records_that_cannot_be_reached_are_told_with_a_time_to_come_again() -> None:
    told = problem_of(DatabaseBusyError("Another program writes to var/zoldszam.db. Try again."))
    assert (told.document.status, told.headers) == (503, {"Retry-After": "5"})
    assert "var/" not in told.document.model_dump_json()
