"""``zoldszam db upgrade``, ``import`` and ``requests``, as a person types them."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.db.transactions import write
from backend.interface.commands import ChangePaymentDay, SuspendPartialBilling
from backend.service import submit
from cli import commands
from tests.support.databases.database import UTILITY, Database, PostgresServer
from tests.support.databases.records import context


def run(url: str, *arguments: str) -> Result:
    result = CliRunner().invoke(commands, arguments, env={"DATABASE_URL": url})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def two_requests(utility: Database) -> list[str]:
    """The receipts of what was done on the 20th and the 21st, half an hour after midnight."""
    receipts = []
    for now, command in (
        ("2026-11-20T23:30", ChangePaymentDay("20293811", "C-1001", 12)),
        ("2026-11-21T00:30", SuspendPartialBilling("20293811", "C-1001", date(2026, 11, 21))),
    ):
        with write(utility.engine) as connection:
            receipts += submit(connection, command, context(now)).receipts
    return receipts


def receipts_of(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [json.loads(line)["receipt"] for line in result.stdout.splitlines()]


def test_a_new_database_is_migrated_filled_and_asked(empty_database_url: str) -> None:
    before = run(empty_database_url, "requests", "--json")
    assert before.exit_code == 1
    assert before.stderr.endswith("has not the newest schema. Run: zoldszam db upgrade\n")
    assert run(empty_database_url, "import", str(UTILITY)).exit_code == 1
    assert run(empty_database_url, "db", "upgrade").exit_code == 0
    assert run(empty_database_url, "db", "upgrade").exit_code == 0
    assert run(empty_database_url, "import", str(UTILITY)).exit_code == 0
    after = run(empty_database_url, "requests", "--json")
    assert (after.exit_code, after.output) == (0, "")


def test_a_postgresql_database_without_an_encoding_is_told_with_what_to_do(
    postgres: PostgresServer,
) -> None:
    options = "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    with postgres.empty_database(options) as url:
        refused = run(url, "db", "upgrade")
    assert refused.exit_code == 1
    assert "ENCODING 'UTF8'" in refused.stderr


def test_an_import_tells_its_rows_and_what_was_left_out(database: Database, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text((UTILITY / "customers.csv").read_text("utf-8"), "utf-8")
    result = run(database.url, "import", str(tmp_path))
    assert result.stdout.splitlines() == [
        "customers.csv: 9 rows",
        "sites.csv: not there, left out",
        "windows.csv: not there, left out",
        "meters.csv: not there, left out",
        "debts.csv: not there, left out",
    ]


def test_a_refused_import_lists_why_and_ends_with_1(database: Database, tmp_path: Path) -> None:
    text = (UTILITY / "customers.csv").read_text("utf-8").replace("yes;10;no", "yes;28;no")
    (tmp_path / "customers.csv").write_text(text, "utf-8")
    result = run(database.url, "import", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        'customers.csv:2: payment_day: "28" is not a day from 1 to 27. Correct it.',
        "Nothing was imported.",
    ]
    assert result.stdout == ""


def test_requests_come_as_one_json_object_a_line_in_their_order(
    utility: Database, two_requests: list[str]
) -> None:
    result = run(utility.url, "requests", "--json")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert list(first) == [
        "receipt",
        "kind",
        "customer_id",
        "site_id",
        "data",
        "effective_from",
        "channel",
        "call_sid",
        "created_at",
        "flags",
    ]
    assert [first["receipt"], second["receipt"]] == two_requests
    assert first["data"] == {"day": 12}
    assert first["created_at"] == "2026-11-20T22:30:00+00:00"
    assert second["effective_from"] == "2026-11-21"


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        # A day or time without a zone is Budapest's.
        ("2026-11-21", 1),
        ("2026-11-20", 2),
        ("2026-11-20T23:30", 2),
        ("2026-11-20T23:31", 1),
        ("2026-11-20T23:30:00+00:00", 1),
        ("2026-11-20T23:31:00Z", 0),
    ],
)
def test_since_is_a_moment_from_which_on_requests_are_listed(
    utility: Database, two_requests: list[str], since: str, expected: int
) -> None:
    found = receipts_of(run(utility.url, "requests", "--json", "--since", since))
    assert found == two_requests[len(two_requests) - expected :]


def test_a_since_that_is_no_time_says_how_to_write_it(utility: Database) -> None:
    result = run(utility.url, "requests", "--since", "tegnap")
    assert result.exit_code == 2
    assert '"tegnap" is not a date or time. Write it like 2026-11-21' in result.stderr


def test_without_json_the_requests_are_a_table_with_budapest_times(
    utility: Database, two_requests: list[str]
) -> None:
    result = run(utility.url, "requests")
    first, second = two_requests
    assert result.stdout.splitlines() == [
        "receipt   created           kind                        site      effective   data",
        f"{first}  2026-11-20 23:30  payment_day                 20293811              day 12",
        f"{second}  2026-11-21 00:30  partial_billing_suspension  20293811  2026-11-21",
    ]


@pytest.mark.parametrize("arguments", [("requests",), ("db", "upgrade"), ("import", str(UTILITY))])
def test_a_database_that_does_not_answer_is_told_in_a_sentence(arguments: tuple[str, ...]) -> None:
    result = run("postgresql://user:geheim@127.0.0.1:1/records", *arguments)
    assert result.exit_code == 1
    assert "cannot be reached: connection failed" in result.stderr
    assert result.stderr.endswith("check DATABASE_URL.\n")
    assert len(result.stderr.splitlines()) == 1
    assert "geheim" not in result.output
