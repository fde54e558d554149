"""Taking over the back office's files: all or nothing, safe to repeat, on both databases."""

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from backend.db.tables import customers, debts, meters, readings, requests, sites, windows
from backend.db.transactions import read, write
from backend.imports.importer import ImportRefusedError, ImportReport, import_directory
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
from cli import commands
from common.errors import RecordsError
from tests.support.database import UTILITY, Database
from tests.support.records import context, ledger

RECORDS = (customers, sites, windows, meters, debts)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the small utility's files, to be spoilt."""
    folder = tmp_path / "files"
    shutil.copytree(UTILITY, folder)
    return folder


def contents(database: Database) -> list[list[tuple[Any, ...]]]:
    with read(database.engine) as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in RECORDS
        ]


def count(database: Database) -> int:
    return sum(map(len, contents(database)))


def replace(path: Path, old: str, new: str, encoding: str = "utf-8") -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding=encoding)


def only(folder: Path, name: str, *lines: str) -> Path:
    """A folder with that file alone."""
    target = folder / "only"
    target.mkdir(exist_ok=True)
    (target / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def refused(database: Database, folder: Path) -> list[str]:
    before = contents(database)
    with pytest.raises(ImportRefusedError) as caught:
        import_directory(database.engine, folder)
    assert contents(database) == before
    assert str(caught.value).endswith("\nNothing was imported.")
    return [str(each) for each in caught.value.problems]


def value(database: Database, column: Any, key: Any, wanted: str | date) -> Any:
    with read(database.engine) as connection:
        return connection.execute(select(column).where(key == wanted)).scalar_one()


def submit_to(database: Database, *commands: Command) -> None:
    for command in commands:
        with write(database.engine) as connection:
            submit(connection, command, context())


def hand_over(database: Database) -> None:
    with write(database.engine) as connection:
        connection.execute(requests.update().values(exported_at=datetime(2026, 11, 22, tzinfo=UTC)))


@pytest.mark.both_databases
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


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "customers.csv",
            "yes;10;no",
            "yes;31;no",
            'customers.csv:2: payment_day: "31" is not a day from 1 to 27. Correct it.',
        ),
        (
            "customers.csv",
            "yes;10;no",
            "igen;10;no",
            'customers.csv:2: direct_debit: "igen" is neither yes nor no. Write one of them.',
        ),
        (
            "customers.csv",
            "Minta Ügyfél 2",
            "",
            'customers.csv:3: name: "" is empty. Write a value.',
        ),
        (
            "customers.csv",
            "06 30 123 4567",
            "06 30 123 4567 anya",
            (
                'customers.csv:2: phone: "06 30 123 4567 anya" has letters in it. '
                "Write the number alone."
            ),
        ),
        (
            "customers.csv",
            ";en;",
            ";de;",
            'customers.csv:6: language: "de" is not one of hu, en. Write one of them.',
        ),
        (
            "customers.csv",
            "payment_day",
            "payment_date",
            'customers.csv:1: column "payment_date" is not known. Did you mean "payment_day"?',
        ),
        (
            "customers.csv",
            "C-1002;",
            "C-1001;",
            'customers.csv:3: customer_id: "C-1001" is there already on line 2. Keep one of them.',
        ),
        (
            "sites.csv",
            "20293899;",
            "0293899;",
            (
                'sites.csv:3: site_id: "0293899" is not a site id of 8 digits. Spreadsheets drop '
                "leading noughts: format the column as text."
            ),
        ),
        (
            "sites.csv",
            "20293899;C-1002",
            "20293899;C-9999",
            (
                'sites.csv:3: customer_id: "C-9999" is neither in customers.csv nor in the '
                "records. Add it there, or correct it here."
            ),
        ),
        (
            "sites.csv",
            ";270;",
            ";270.5;",
            (
                'sites.csv:2: partial_kwh_per_month: "270.5" is not a whole number from 0 to '
                "99999. Write it in digits."
            ),
        ),
        (
            "windows.csv",
            "2026-10-18;2026-10-24",
            "2026-10-18;2026-13-24",
            'windows.csv:2: closes: "2026-13-24" is not a date. Write it like 2026-11-21.',
        ),
        (
            "windows.csv",
            "2026-10-18;2026-10-24",
            "2026-10-18;2026-10-17",
            (
                'windows.csv:2: closes: "2026-10-17" is before the window opens. '
                "Correct one of the two dates."
            ),
        ),
        (
            "windows.csv",
            "2026-10-18;2026-10-24",
            "2026-10-18;2026-11-18",
            (
                'windows.csv:3: opens: "2026-11-18" lies in the window of the same site on line 2. '
                "Correct one of the two."
            ),
        ),
        (
            "meters.csv",
            ";5;41250;",
            ";4;41250;",
            'meters.csv:2: last_value: "41250" does not fit into 4 digits. Correct it.',
        ),
        (
            "meters.csv",
            ";9;32",
            ";-9;32",
            (
                'meters.csv:2: daily_average: "-9" is not a number that is not negative. '
                "Write it like 9.5 or 9,5."
            ),
        ),
        (
            "meters.csv",
            ";9;32",
            ";9;32;1",
            (
                "meters.csv:2: has 10 values where the header has 9 columns. "
                "Check the delimiters and quotes."
            ),
        ),
        (
            "meters.csv",
            "1.8.0",
            "2.8.0",
            (
                'meters.csv:2: register: "2.8.0" is not one of 1.8.0, 1.8.1, 1.8.2, hot_water. '
                "Write one of them."
            ),
        ),
        (
            "debts.csv",
            "open",
            "Open",
            (
                'debts.csv:2: status: "Open" is not one of open, paid, disputed, agreed, '
                "proceedings, assigned. Write one of them."
            ),
        ),
    ],
)
def test_a_row_with_a_mistake_names_its_line_its_value_and_the_hint(
    utility: Database, files: Path, file: str, old: str, new: str, problem: str
) -> None:
    replace(files / file, old, new)
    assert problem in refused(utility, files)


def test_a_header_that_lacks_a_column_says_which(utility: Database, tmp_path: Path) -> None:
    folder = only(tmp_path, "windows.csv", "site_id;opens;opens", "20293811;2026-11-18;x")
    assert refused(utility, folder) == [
        'windows.csv:1: column "opens" is there twice. Keep one.',
        'windows.csv:1: column "opens" is there twice. Keep one.',
        'windows.csv:1: column "closes" is missing. Add it.',
    ]


def test_an_empty_file_is_told(utility: Database, tmp_path: Path) -> None:
    folder = only(tmp_path, "windows.csv")
    (folder / "windows.csv").write_bytes(b"")
    assert refused(utility, folder) == [
        "windows.csv:1: has no header. Write site_id;opens;closes into it."
    ]


def test_another_encoding_is_told(utility: Database, files: Path) -> None:
    replace(files / "customers.csv", "C-1001", "C-1001", encoding="cp1250")
    problem = "customers.csv:2: is not UTF-8 but Windows-1250 (ANSI). Save the file as CSV UTF-8."
    assert refused(utility, files)[0] == problem


def test_a_quote_that_never_ends_is_told(utility: Database, tmp_path: Path) -> None:
    folder = only(tmp_path, "windows.csv", "site_id;opens;closes", '20293811;"2026-11-18;x')
    [problem] = refused(utility, folder)
    assert problem.startswith("windows.csv:2: cannot be read: unexpected end of data.")


def test_a_row_that_spans_lines_is_named_by_its_first(utility: Database, tmp_path: Path) -> None:
    folder = only(
        tmp_path,
        "customers.csv",
        "customer_id;name;address;email;phone;language;direct_debit;payment_day;protected",
        'C-1;Minta Ügyfél 1;"1000 Mintaváros',
        'Példa utca 1.";;;hu;yes;5;no',
        'C-2;Minta Ügyfél 2;"1000 Mintaváros',
        'Példa utca 2.";;;hu;yes;55;no',
    )
    assert refused(utility, folder) == [
        'customers.csv:4: payment_day: "55" is not a day from 1 to 27. Correct it.'
    ]


def test_all_mistakes_of_all_files_are_told_at_once(utility: Database, files: Path) -> None:
    replace(files / "customers.csv", "yes;10;no", "yes;31;maybe")
    replace(files / "meters.csv", "1.8.0", "2.8.0")
    assert [problem.rsplit(":", 1)[0] for problem in refused(utility, files)] == [
        "customers.csv:2: payment_day",
        "customers.csv:2: protected",
        "meters.csv:2: register",
    ]


def test_of_many_mistakes_the_first_fifty_are_told_and_the_rest_counted(
    utility: Database, tmp_path: Path
) -> None:
    rows = [f"2029381{number};2026-11-18;x" for number in range(10)] * 7
    folder = only(tmp_path, "windows.csv", "site_id;opens;closes", *rows)
    with pytest.raises(ImportRefusedError) as caught:
        import_directory(utility.engine, folder)
    assert caught.value.count == 70
    assert len(caught.value.problems) == 50
    assert "… and 20 more." in str(caught.value)


def test_a_long_value_is_shortened_where_it_is_told(utility: Database, tmp_path: Path) -> None:
    folder = only(
        tmp_path, "windows.csv", "site_id;opens;closes", f"20293811;{'9' * 5000};2026-11-18"
    )
    [problem] = refused(utility, folder)
    assert len(problem) < 150


def test_a_number_outside_the_numbering_plan_is_kept_with_a_warning(
    utility: Database, files: Path
) -> None:
    replace(files / "customers.csv", "06 30 123 4567", "06 30 123 456")
    report = import_directory(utility.engine, files)
    assert tuple(map(str, report.warnings)) == (
        (
            'customers.csv:2: phone: "+3630123456" is in no numbering plan. '
            "It is kept but not used; correct it."
        ),
    )
    assert report.warning_count == 1


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


@pytest.mark.both_databases
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


def test_dates_after_the_day_of_the_import_come_in_with_a_warning(
    database: Database, files: Path
) -> None:
    """CO-10: nobody is reminded of a debt that is not overdue."""
    with (files / "debts.csv").open("a", encoding="utf-8") as stream:
        stream.write("K-LATER;C-1003;;open;2027-10-01\nK-PAID;C-1003;;paid;2027-10-01\n")
        stream.write("K-TODAY;C-1003;;open;2026-11-28\n")
    replace(files / "meters.csv", "2026-10-20", "2099-10-20")
    report = import_directory(database.engine, files, today=date(2026, 11, 28))
    assert report.warning_count == 2
    of_the_meter, of_the_debt = tuple(map(str, report.warnings))
    assert of_the_meter == (
        'meters.csv:2: last_read_on: "2099-10-20" is in the future: nobody has read the meter '
        "then. It is kept; correct it."
    )
    assert 'overdue_since: "2027-10-01" is in the future: this debt is not overdue' in of_the_debt
    assert import_directory(database.engine, files).warning_count == 0


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


def test_serials_of_one_customer_that_a_keypad_cannot_tell_apart_are_warned_of(
    utility: Database, tmp_path: Path
) -> None:
    header = (
        "serial;site_id;register;label;digits;last_value;last_read_on;daily_average;max_amperes"
    )
    rows = [
        "A-48213377;20293811;1.8.0;;5;1;2026-10-20;9;32",
        "B-48213377;20293811;1.8.0;;5;1;2026-10-20;9;32",
        "B-48213377;20293811;1.8.1;;5;1;2026-10-20;9;32",
        "C-48213377;20293899;1.8.0;;5;1;2026-10-20;9;32",
    ]
    report = import_directory(utility.engine, only(tmp_path, "meters.csv", header, *rows))
    assert tuple(map(str, report.warnings)) == tuple(
        f'meters.csv:{line}: serial: "B-48213377" is typed like "A-48213377" on line 2, a meter '
        "of the same customer. Callers cannot tell them apart by telephone."
        for line in (3, 4)
    )
