"""Taking over the back office's files: all or nothing, safe to repeat, on both databases."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.db.tables.records import customers, debts, meters, readings, requests, sites, windows
from backend.db.transactions import read, write
from backend.imports.importer import ImportReport, import_directory
from backend.interface.answers import Window
from backend.interface.commands import (
    ChangePaymentDay,
    Command,
    RecordReadings,
    RegisterReading,
    RestartPartialBilling,
    SuspendPartialBilling,
)
from backend.service import submit
from common.errors import RecordsError
from tests.support.databases.database import UTILITY, Database
from tests.support.databases.import_files import contents, count, only, replace, value
from tests.support.databases.records import context, ledger


def submit_to(database: Database, *commands: Command) -> None:
    for command in commands:
        with write(database.engine) as connection:
            submit(connection, command, context())


def hand_over(database: Database) -> None:
    with write(database.engine) as connection:
        connection.execute(requests.update().values(exported_at=datetime(2026, 11, 22, tzinfo=UTC)))


def test_the_files_become_records(database: Database) -> None:
    report = import_directory(database.engine, UTILITY)
    assert report.rows["customers.csv"] == 9
    assert report.absent == ()
    assert value(database, customers.c.phone, customers.c.customer_id, "C-1002") == "+36201234568"
    assert value(database, customers.c.direct_debit, customers.c.customer_id, "C-1003") is False
    assert value(database, customers.c.payment_day, customers.c.customer_id, "C-1003") is None
    assert value(database, meters.c.daily_average, meters.c.serial, "0048213402") == 4.5
    assert value(database, meters.c.max_amperes, meters.c.serial, "TH-1") is None
    assert value(database, debts.c.overdue_since, debts.c.case_id, "K-1") == date(2026, 8, 15)


@pytest.mark.both_databases
def test_the_same_files_twice_change_nothing(utility: Database) -> None:
    before = contents(utility)
    import_directory(utility.engine, UTILITY)
    assert contents(utility) == before


@pytest.mark.both_databases
def test_a_changed_row_changes_its_record_and_no_other(utility: Database, files: Path) -> None:
    before = contents(utility)
    replace(files / "customers.csv", "Minta Ügyfél 3", "Minta Ügyfél 33")
    import_directory(utility.engine, files)
    changed = [
        (old, new)
        for olds, news in zip(before, contents(utility), strict=True)
        for old, new in zip(olds, news, strict=True)
        if old != new
    ]
    [(old, new)] = changed
    assert (old[1], new[1]) == ("Minta Ügyfél 3", "Minta Ügyfél 33")


def test_commas_a_byte_order_mark_windows_lines_and_any_order_of_columns_are_read(
    utility: Database, tmp_path: Path
) -> None:
    folder = only(tmp_path, "windows.csv", "")
    text = 'closes,site_id,opens\r\n\r\n"2027-01-24",20293811,"2027-01-18"\r\n,,\r\n'
    (folder / "windows.csv").write_text(text, encoding="utf-8-sig", newline="")
    assert import_directory(utility.engine, folder).rows == {"windows.csv": 1}
    assert value(utility, windows.c.closes, windows.c.opens, date(2027, 1, 18)) == date(2027, 1, 24)


def test_files_that_are_not_there_are_left_out_and_told(utility: Database, tmp_path: Path) -> None:
    folder = only(
        tmp_path,
        "debts.csv",
        "case_id;customer_id;phone;status;overdue_since",
        "K-2;C-1001;;paid;2026-01-01",
    )
    report = import_directory(utility.engine, folder)
    assert report.rows == {"debts.csv": 1}
    assert report.absent == ("customers.csv", "sites.csv", "windows.csv", "meters.csv")


def test_a_folder_with_none_of_the_files_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"has none of customers\.csv, sites\.csv"):
        import_directory(database.engine, tmp_path)


@pytest.mark.both_databases
def test_what_a_caller_changed_is_kept_until_it_was_handed_over(utility: Database) -> None:
    today = date(2026, 11, 21)
    submit_to(
        utility,
        ChangePaymentDay("20293811", "C-1001", 12),
        ChangePaymentDay("20293811", "C-1001", 14),
        SuspendPartialBilling("20293811", "C-1001", today),
        RestartPartialBilling("20291111", "C-1004", today),
        SuspendPartialBilling("20293899", "C-1002", today),
        RestartPartialBilling("20293899", "C-1002", today),
    )
    changed = contents(utility)
    import_directory(utility.engine, UTILITY)
    assert contents(utility) == changed
    hand_over(utility)
    import_directory(utility.engine, UTILITY)
    assert value(utility, customers.c.payment_day, customers.c.customer_id, "C-1001") == 10
    assert value(utility, sites.c.partial_billing, sites.c.site_id, "20293811") == "active"
    assert value(utility, sites.c.partial_billing, sites.c.site_id, "20291111") == "suspended"


def test_the_import_says_that_a_mandate_ended_and_the_day_is_not_set_again(
    utility: Database, files: Path
) -> None:
    submit_to(utility, ChangePaymentDay("20293811", "C-1001", 12))
    replace(files / "customers.csv", "yes;10;no", "no;;no")
    import_directory(utility.engine, files)
    assert value(utility, customers.c.payment_day, customers.c.customer_id, "C-1001") is None


def test_an_exchanged_meter_goes_and_its_readings_stay(utility: Database, files: Path) -> None:
    given = (RegisterReading("1.8.0", 41_530),)
    window = Window(date(2026, 11, 18), date(2026, 11, 24))
    submit_to(
        utility,
        RecordReadings("20293811", "C-1001", "48213377", given, date(2026, 11, 21), window),
    )
    replace(
        files / "meters.csv",
        "48213377;20293811;1.8.0;általános;5;41250",
        "5550001;20293811;1.8.0;általános;5;0",
    )
    import_directory(utility.engine, files)
    with read(utility.engine) as connection:
        serials = select(meters.c.serial).where(meters.c.site_id == "20293811")
        assert connection.execute(serials).scalars().all() == ["5550001"]
        assert connection.execute(select(func.count()).select_from(readings)).scalar_one() == 1
    assert len(ledger(utility.engine)) == 1


def test_meters_of_sites_that_the_file_does_not_name_stay(
    utility: Database, tmp_path: Path
) -> None:
    header = (UTILITY / "meters.csv").read_text("utf-8").splitlines()[0]
    folder = only(tmp_path, "meters.csv", header, "5550001;20293811;1.8.0;;5;0;2026-11-01;;")
    before = len(contents(utility)[3])
    import_directory(utility.engine, folder)
    assert len(contents(utility)[3]) == before


@pytest.mark.both_databases
def test_a_moved_window_takes_the_place_of_the_one_that_it_overlaps(
    utility: Database, tmp_path: Path
) -> None:
    folder = only(tmp_path, "windows.csv", "site_id;opens;closes", "20293811;2026-11-20;2026-11-26")
    import_directory(utility.engine, folder)
    with read(utility.engine) as connection:
        opens = select(windows.c.opens).where(windows.c.site_id == "20293811")
        days = sorted(connection.execute(opens).scalars())
    assert days == [date(2026, 10, 18), date(2026, 11, 20), date(2026, 12, 18)]


def test_progress_goes_from_nothing_to_the_whole_file(database: Database) -> None:
    told: list[tuple[str, int, int]] = []
    import_directory(
        database.engine, UTILITY, lambda name, done, total: told.append((name, done, total))
    )
    for name in ("customers.csv", "sites.csv", "windows.csv", "meters.csv", "debts.csv"):
        size = (UTILITY / name).stat().st_size
        steps = [done for file, done, total in told if file == name and total == size]
        assert steps == sorted(steps)
        assert steps[-1] == size


@pytest.mark.both_databases
def test_many_rows_come_in_by_batches(database: Database, tmp_path: Path) -> None:
    number = 12_345
    folder = only(
        tmp_path,
        "customers.csv",
        "customer_id;name;address;email;phone;language;direct_debit;payment_day;protected",
        *(f"{row};Minta Ügyfél {row};;;06 30 {row:07};hu;no;;no" for row in range(number)),
    )
    report = import_directory(database.engine, folder)
    assert report == ImportReport(
        {"customers.csv": number},
        ("sites.csv", "windows.csv", "meters.csv", "debts.csv"),
        (),
        0,
        0,
    )
    assert count(database) == number


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from backend.db.transactions import open_database
from backend.imports.importer import import_directory

engine = open_database(sys.argv[1])

@event.listens_for(engine, "after_cursor_execute")
def kill(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO meters"):
        os.kill(os.getpid(), signal.SIGKILL)

import_directory(engine, Path(sys.argv[2]))
"""


def test_an_import_that_is_killed_half_way_leaves_nothing(database: Database) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, database.url, UTILITY], check=False)
    assert killed.returncode == -9
    assert count(database) == 0
    import_directory(database.engine, UTILITY)
    assert count(database) > 0
