"""Records in parts and debts: the checks of the import, all or nothing, on record under the key."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.bodies import MOST_FLAWS
from api.models import MOST_NAMES, MOST_ROWS
from backend.db.tables.messages import acts
from backend.db.tables.records import customers, debts, sites
from backend.db.transactions import read
from backend.imports.file_formats import CUSTOMERS, FILES
from backend.imports.json_rows import row_schema
from backend.interface.codes import Scope
from tests.api.support import Api, ApiClient, done, problem
from tests.support.colleagues.staff import acts_of

CUSTOMER = {
    "customer_id": "C-2001",
    "name": "Új Ügyfél",
    "phone": "06 30 765 4321",
    "direct_debit": True,
    "payment_day": 12,
    "protected": False,
}
SITE = {
    "site_id": "20294001",
    "customer_id": "C-2001",
    "service": "electricity",
    "billing": "self_reading",
    "partial_kwh_per_month": 250,
    "partial_billing": "active",
}
METER = {
    "serial": "00123456",
    "site_id": "20294001",
    "register": "1.8.0",
    "digits": 5,
    "last_value": 10,
    "last_read_on": "2026-10-20",
    "daily_average": 10.5,
}


def value(api: Api, column: Any, key: Any, wanted: str) -> Any:
    with read(api.database.engine) as connection:
        return connection.execute(select(column).where(key == wanted)).scalar_one()


def test_a_part_is_taken_over_as_an_import_is(api: Api, client: ApiClient) -> None:
    part = {"customers": [CUSTOMER], "sites": [SITE], "meters": [METER]}
    taken = done(client.post("/records", part))
    assert taken == {
        "rows": {"customers": 1, "sites": 1, "meters": 1},
        "warnings": [],
        "warning_count": 0,
    }
    assert value(api, customers.c.phone, customers.c.customer_id, "C-2001") == "+36307654321"
    assert value(api, sites.c.customer_id, sites.c.site_id, "20294001") == "C-2001"
    # The part names neither: they are as they were.
    assert value(api, customers.c.payment_day, customers.c.customer_id, "C-1001") == 10
    told = "customers.csv: 1, sites.csv: 1, meters.csv: 1"
    assert acts_of(api.database.engine)[-1] == ("api:erp", "records import", "records", told)


@pytest.mark.both_databases
def test_parts_that_come_at_once_wait_for_each_other(api: Api, client: ApiClient) -> None:
    names = [f"C-{number}" for number in range(3000, 3300)]
    statuses: list[int] = []

    def push(order: list[str], day: int) -> None:
        for each in range(3):
            rows = [{**CUSTOMER, "customer_id": name, "payment_day": day + each} for name in order]
            statuses.append(client.post("/records", {"customers": rows}).status_code)

    threads = [
        threading.Thread(target=push, args=(names, 1)),
        threading.Thread(target=push, args=(names[::-1], 10)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 6


@pytest.mark.both_databases
def test_statuses_that_are_set_during_a_part_wait_for_it(client: ApiClient) -> None:
    cases = [f"K-{number}" for number in range(3000, 3600)]
    told: list[int] = []

    def push(status: str) -> None:
        debt = {"customer_id": "C-1001", "overdue_since": "2026-09-01", "status": status}
        rows = [{**debt, "case_id": case_id} for case_id in reversed(cases)]
        told.append(client.post("/records", {"debts": rows}).status_code)

    def put(status: str) -> None:
        rows = [{"case_id": case_id, "status": status} for case_id in cases]
        told.append(client.post("/debts/statuses", {"debts": rows}).status_code)

    push("open")
    works = [(push, "disputed"), (put, "paid"), (push, "agreed"), (put, "proceedings")]
    threads = [threading.Thread(target=work, args=(status,)) for work, status in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [200] * 5


def test_a_case_is_the_same_however_its_blanks_are_written(client: ApiClient) -> None:
    debt = {"customer_id": "C-1001", "overdue_since": "2026-09-01", "status": "open"}
    done(client.post("/records", {"debts": [{**debt, "case_id": "K\u00a07/\u200b2"}]}))
    paid = {"debts": [{"case_id": "K\u00a07/\u200b2", "status": "paid"}]}
    assert done(client.post("/debts/statuses", paid)) == {"changed": 1}


def test_everything_that_is_wrong_is_told_by_its_row_and_nothing_comes_in(
    api: Api, client: ApiClient
) -> None:
    part = {
        "customers": [
            {**CUSTOMER, "payment_day": 31, "direct_debit": "yes"},
            {**CUSTOMER, "customer_id": 2001},
            {**CUSTOMER, "customer_id": "C-2002", "colour": "green"},
        ],
        "sites": [SITE, {**SITE, "site_id": "1"}],
    }
    told = problem(client.post("/records", part), 422)
    assert (told["code"], told["error_count"]) == ("import-refused", 5)
    assert [
        (each["pointer"], each.get("row"), each.get("value"), each.get("hint"))
        for each in told["errors"]
    ] == [
        ("#/customers/0/direct_debit", 1, "yes", "Write one of them."),
        ("#/customers/0/payment_day", 1, "31", "Correct it."),
        ("#/customers/1/customer_id", 2, "2001", 'Write it in quotes, such as "00123".'),
        ("#/customers/2/colour", 3, None, "Take it out."),
        (
            "#/sites/1/site_id",
            2,
            "1",
            "Spreadsheets drop leading noughts: format the column as text.",
        ),
    ]
    with read(api.database.engine) as connection:
        found = connection.scalars(
            select(customers.c.customer_id).where(customers.c.customer_id.like("C-2%"))
        )
        assert found.all() == []


def test_what_refers_to_nothing_is_told_by_its_row(client: ApiClient) -> None:
    told = problem(client.post("/records", {"sites": [SITE, {**SITE, "site_id": "20294002"}]}), 422)
    assert [each["pointer"] for each in told["errors"]] == [
        "#/sites/0/customer_id",
        "#/sites/1/customer_id",
    ]
    told = problem(client.post("/records", {"customers": [CUSTOMER, CUSTOMER]}), 422)
    assert [each["pointer"] for each in told["errors"]] == ["#/customers/1/customer_id"]


def test_a_dry_run_changes_nothing_and_tells_what_staff_should_look_at(
    api: Api, client: ApiClient
) -> None:
    part = {"customers": [{**CUSTOMER, "phone": "06 99 999 9999"}], "dry_run": True}
    taken = done(client.post("/records", part))
    assert [each["pointer"] for each in taken["warnings"]] == ["#/customers/0/phone"]
    with read(api.database.engine) as connection:
        assert connection.scalars(select(acts.c.act)).all() == ["user add", "key add"]


def test_numbers_are_json_numbers_as_they_are_meant(api: Api, client: ApiClient) -> None:
    part = {"customers": [CUSTOMER], "sites": [{**SITE, "partial_kwh_per_month": 250.0}]}
    done(client.post("/records", part))
    assert value(api, sites.c.partial_kwh_per_month, sites.c.site_id, "20294001") == 250
    for unfit in (10**300, float("nan"), float("inf"), -1, "10", True, [1], {"a": 10**200}):
        told = problem(
            client.post("/records", {"meters": [{**METER, "daily_average": unfit}]}), 422
        )
        assert [each["field"] for each in told["errors"]] == ["daily_average"]


def test_debts_are_another_scope_than_records(api: Api) -> None:
    debt = {
        "case_id": "K-9",
        "customer_id": "C-1001",
        "status": "open",
        "overdue_since": "2026-08-01",
    }
    records, desk = api.client(Scope.RECORDS_WRITE), api.client(Scope.DEBTS_WRITE, name="desk")
    assert problem(records.post("/records", {"debts": [debt]}), 403)["code"] == "scope-missing"
    assert problem(desk.post("/records", {"customers": [CUSTOMER]}), 403)
    assert done(desk.post("/records", {"debts": [debt]}))["rows"] == {"debts": 1}


def test_a_debt_that_is_paid_is_so_at_once(api: Api, client: ApiClient) -> None:
    body = {"debts": [{"case_id": "K-1", "status": "paid"}]}
    assert done(client.post("/debts/statuses", body)) == {"changed": 1}
    assert done(client.post("/debts/statuses", body)) == {"changed": 0}
    assert value(api, debts.c.status, debts.c.case_id, "K-1") == "paid"
    assert acts_of(api.database.engine)[-2][:3] == ("api:erp", "debt status", "debts")


def test_of_a_list_with_an_unknown_case_nothing_is_set(api: Api, client: ApiClient) -> None:
    body = {"debts": [{"case_id": "K-1", "status": "paid"}, {"case_id": "K-404", "status": "paid"}]}
    told = problem(client.post("/debts/statuses", body), 422)
    assert (told["code"], told["errors"][0]["pointer"]) == ("case-unknown", "#/debts/1")
    assert value(api, debts.c.status, debts.c.case_id, "K-1") == "open"


def test_the_schema_of_a_row_has_the_columns_and_bounds_of_the_file() -> None:
    schema = row_schema(CUSTOMERS)
    assert schema["properties"]["payment_day"] == {
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": 27}, {"type": "null"}]
    }
    assert schema["required"] == ["customer_id", "name", "direct_debit", "protected"]
    for file in FILES:
        assert list(row_schema(file)["properties"]) == [column.name for column in file.columns]


def test_thousands_of_windows_of_one_site_are_compared_in_one_pass_and_take_each_others_place(
    client: ApiClient,
) -> None:
    # Each with each would be a hundred million comparisons, under the lock of the records.
    def spans(first: date, days: int) -> list[dict[str, str]]:
        begins = [first + timedelta(days=place) for place in range(MOST_ROWS)]
        return [
            {
                "site_id": "20293811",
                "opens": str(begin),
                "closes": str(begin + timedelta(days=days)),
            }
            for begin in begins
        ]

    for first in (date(2000, 1, 1), date(2000, 6, 1)):
        taken = done(client.post("/records", {"windows": spans(first, 0)}))
        assert taken["rows"] == {"windows": MOST_ROWS}
    told = problem(client.post("/records", {"windows": spans(date(2000, 1, 1), 40)}), 422)
    assert (told["code"], told["error_count"]) == ("import-refused", MOST_ROWS - 1)
    assert "on line 1" in told["errors"][0]["detail"]


def test_a_body_of_a_million_unknown_names_is_refused_without_listing_them(
    client: ApiClient,
) -> None:
    names = {str(number): 0 for number in range(MOST_FLAWS + 1)}
    told = problem(client.post("/debts/statuses", {"debts": [names]}), 422)
    assert told["code"] == "body-unsound"
    assert told["error_count"] > MOST_FLAWS
    assert "errors" not in told
    assert told["hint"]
    told = problem(client.post("/records", {"customers": [names]}), 422)
    assert (told["code"], told["errors"][0]["pointer"]) == ("body-unsound", "#/customers/0")
    row = {str(number): 0 for number in range(MOST_NAMES)}
    told = problem(client.post("/records", {"customers": [row] * 100}), 422)
    assert (told["code"], len(told["errors"])) == ("import-refused", 50)
    assert told["error_count"] > 100 * MOST_NAMES
