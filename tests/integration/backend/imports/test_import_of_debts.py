"""Debts that a newer file has no more: counted, and closed only when the file is complete."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backend.db.tables.records import debts
from backend.imports.importer import ImportRefusedError, import_directory
from cli import commands
from common.errors import RecordsError
from tests.support.databases.database import Database
from tests.support.databases.import_files import contents, only, value

DEBTS_HEADER = "case_id;customer_id;phone;status;overdue_since"


def status_of(database: Database, case_id: str) -> Any:
    return value(database, debts.c.status, debts.c.case_id, case_id)


@pytest.mark.both_databases
def test_open_cases_that_a_newer_file_lacks_are_counted_and_closed_only_when_it_is_complete(
    utility: Database, tmp_path: Path
) -> None:
    first = only(
        tmp_path,
        "debts.csv",
        DEBTS_HEADER,
        "K-1;C-1001;;open;2026-01-01",
        "K-2;C-1001;;open;2026-01-01",
        "K-3;C-1001;;disputed;2026-01-01",
        "K-4;C-1001;;open;2026-01-01",
    )
    assert import_directory(utility.engine, first).missing_cases == 0
    newer = only(tmp_path, "debts.csv", DEBTS_HEADER, "K-1;C-1001;;open;2026-01-01")
    assert import_directory(utility.engine, newer).missing_cases == 2
    assert status_of(utility, "K-2") == "open"
    before = contents(utility)
    preview = import_directory(utility.engine, newer, complete=True, dry_run=True)
    assert (preview.missing_cases, contents(utility)) == (2, before)
    assert import_directory(utility.engine, newer, complete=True).missing_cases == 2
    states = [status_of(utility, f"K-{number}") for number in (1, 2, 3, 4)]
    assert states == ["open", "closed", "disputed", "closed"]
    assert import_directory(utility.engine, newer, complete=True).missing_cases == 0
    again = only(tmp_path, "debts.csv", DEBTS_HEADER, "K-2;C-1001;;open;2026-01-01")
    import_directory(utility.engine, again)
    assert status_of(utility, "K-2") == "open"


def test_a_complete_list_that_is_refused_closes_nothing(utility: Database, tmp_path: Path) -> None:
    folder = only(tmp_path, "debts.csv", DEBTS_HEADER, "K-9;C-9999;;open;2026-01-01")
    for dry_run in (True, False):
        before = contents(utility)
        with pytest.raises(ImportRefusedError, match=r"neither in customers\.csv"):
            import_directory(utility.engine, folder, complete=True, dry_run=dry_run)
        assert contents(utility) == before


def test_complete_needs_the_file_of_debts(utility: Database, tmp_path: Path) -> None:
    folder = only(tmp_path, "windows.csv", "site_id;opens;closes")
    with pytest.raises(RecordsError, match=r"has no debts\.csv"):
        import_directory(utility.engine, folder, complete=True)


def test_the_command_tells_how_many_cases_are_missing_before_it_closes_them(
    utility: Database, tmp_path: Path
) -> None:
    folder = only(tmp_path, "debts.csv", DEBTS_HEADER)
    number = sum(1 for row in contents(utility)[-1] if row[3] == "open")

    def run(*options: str) -> list[str]:
        arguments = ["import", str(folder), *options, "--database", utility.url]
        return CliRunner().invoke(commands, arguments).output.splitlines()

    cases = f"{number} open case{'s are' if number > 1 else ' is'} not in debts.csv and "
    assert run("--complete", "--dry-run")[0] == "Nothing was changed. An import now:"
    assert run()[-1].startswith(f"{cases}stay")
    assert run("--complete")[-1] == f"{cases}{'are' if number > 1 else 'is'} closed."
    assert run("--complete")[-1] == "meters.csv: not there, left out"
