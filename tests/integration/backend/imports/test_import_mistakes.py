"""What is wrong in the back office's files, told with its line, its value and the hint."""

from datetime import date
from pathlib import Path

import pytest

from backend.imports.importer import ImportRefusedError, import_directory
from tests.support.databases.database import Database
from tests.support.databases.import_files import only, refused, replace


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
