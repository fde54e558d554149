"""CSV as people and spreadsheets save it: what is passed over, and what is told."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.csv_files.columns import Column
from common.csv_files.problems import Problems
from common.csv_files.reading import read_batches
from common.csv_files.values import Whole, decimal, iso_date, text, thousands_or_fraction
from common.phone_numbers import to_e164

COLUMNS = (
    Column("case_id", text),
    Column("phone", to_e164, required=False),
    Column("average", decimal, required=False, doubt=thousands_or_fraction),
    Column("last_value", Whole(0, 999_999_999), required=False, optional=True),
    Column("since", iso_date, required=False, optional=True),
)
HEADER = "case_id;phone;average"


class Outcome:
    """What came of a file: its rows, problems and warnings."""

    def __init__(self, folder: Path, content: str | bytes) -> None:
        path = folder / "debts.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        problems, warnings = Problems(), Problems()
        batches = read_batches(path, COLUMNS, problems, lambda *_: None, warnings)
        self.rows = [
            (line, dict(zip(batch.values, values, strict=True)))
            for batch in batches
            for line, *values in zip(batch.lines, *batch.values.values(), strict=True)
        ]
        self.problems, self.warnings = problems.listed(), warnings.listed()

    @property
    def cases(self) -> list[tuple[int, str]]:
        return [(line, row["case_id"]) for line, row in self.rows]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("CASE_ID;Phone;Average\nK-1;;\n", 2),
        ("sep=;\ncase_id;phone;average\nK-1;;\n", 3),
        ('"SEP=,"\r\n\r\ncase_id,phone,average\r\nK-1,,\r\n', 4),
        ("\n \n;;;\ncase_id;phone;average\nK-1;;\n", 5),
        (f"\ufeff{HEADER}\n ; ; \nK-1;;\n\u00a0;\u200b;\n ; ; ; ;\n", 3),
        ("case\u200b_id;\ufeffphone;aver\u00adage\nK\u200b-1;;\n", 2),
    ],
)
def test_headers_and_blank_lines_are_read_as_people_save_them(
    tmp_path: Path, content: str, line: int
) -> None:
    found = Outcome(tmp_path, content)
    assert (found.problems, found.cases) == ([], [(line, "K-1")])


def test_what_nobody_sees_in_a_value_is_taken_out(tmp_path: Path) -> None:
    row = "u\u0301\u200bgy\u00a01;\u202a06\u202f30\u00a0123\u202f4567\u202c;9\u200b,5\n"
    [(_, values)] = Outcome(tmp_path, f"{HEADER}\n{row}").rows
    assert values["case_id"] == "úgy 1"
    assert (values["phone"], values["average"]) == ("+36301234567", 9.5)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "case_id\tphone\taverage\nK-1\t\t\n",
            "debts.csv:1: has tabs between its values. Save the file as CSV with ; or , there.",
        ),
        (
            "sep=|\ncase_id|phone|average\nK-1||\n",
            'debts.csv:2: has "|" between its values. Save the file as CSV with ; or , there.',
        ),
        (
            f"{HEADER}\nK-1;;\n".encode("utf-16"),
            (
                "debts.csv: is UTF-16 (what spreadsheets call Unicode text), not UTF-8. "
                "Save the file as CSV UTF-8."
            ),
        ),
        (
            f"{HEADER}\nK-1;;\n".encode("utf-16-le"),
            (
                "debts.csv: is UTF-16 (what spreadsheets call Unicode text), not UTF-8. "
                "Save the file as CSV UTF-8."
            ),
        ),
        (b"PK\x03\x04rest", "debts.csv: is a spreadsheet, not CSV. Save the file as CSV UTF-8."),
        (
            f"{HEADER}\nÜgy-ő;;\n".encode("cp1250"),
            "debts.csv:2: is not UTF-8 but Windows-1250 (ANSI). Save the file as CSV UTF-8.",
        ),
        (
            f"{HEADER}\nK-\x1b[2J\u2066;;\n",
            (
                'debts.csv:2: case_id: "K-\\x1b[2J" has a character in it that cannot be shown. '
                "Take it out."
            ),
        ),
        (
            "case\x07_id;phone;average\n",
            'debts.csv:1: column "case\\x07_id" is not known. Did you mean "case_id"?',
        ),
    ],
)
def test_a_file_that_is_not_such_a_file_is_told_what_it_is(
    tmp_path: Path, content: str | bytes, problem: str
) -> None:
    assert Outcome(tmp_path, content).problems[0] == problem


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("1.050", "is not a whole number in digits alone. If it means 1050, write 1050."),
        ("38 400", "is not a whole number in digits alone. If it means 38400, write 38400."),
        ("38\u202f400", "is not a whole number in digits alone. If it means 38400, write 38400."),
        ("12,5", "is not a whole number from 0 to 999999999. Write it in digits."),
        ("1.05", "is not a whole number from 0 to 999999999. Write it in digits."),
        ("9" * 5000, "is not a whole number from 0 to 999999999. Write it in digits."),
    ],
)
def test_whole_numbers_in_peoples_spelling_are_told_and_never_misread(
    tmp_path: Path, value: str, complaint: str
) -> None:
    [problem] = Outcome(tmp_path, f"case_id;phone;average;last_value\nK-1;;;{value}\n").problems
    assert problem.startswith("debts.csv:2: last_value: ")
    assert problem.endswith(complaint)


def test_an_average_that_may_be_thousands_is_read_as_a_fraction_with_a_warning(
    tmp_path: Path,
) -> None:
    found = Outcome(tmp_path, f"{HEADER}\nK-1;;1.050\nK-2;;0.125\nK-3;;12,5\nK-4;;9.5000\n")
    assert [row["average"] for _, row in found.rows] == [1.05, 0.125, 12.5, 9.5]
    assert found.warnings == [
        'debts.csv:2: average: "1.050" is read as 1.05. If it means 1050, write 1050.'
    ]


def test_an_average_with_blanks_between_thousands_is_refused(tmp_path: Path) -> None:
    assert Outcome(tmp_path, f"{HEADER}\nK-1;;38 400\n").problems == [
        (
            'debts.csv:2: average: "38 400" has marks between its thousands. '
            "Write it like 38400 or 9,5."
        )
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2200-01-01"])
def test_a_year_that_nobody_means_is_refused(tmp_path: Path, day: str) -> None:
    assert Outcome(tmp_path, f"case_id;phone;average;since\nK-1;;;{day}\n").problems == [
        f'debts.csv:2: since: "{day}" is not between 1900 and 2199. Correct the year.'
    ]


_CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "K-1", "Ügyfél  ő", "u\u0301", "a\u200bb", "'=1", "'", "9,5", "1.050"]
    ),
    st.sampled_from(
        ["2026-11-21", "12", "x\ty", "a\nb", "\u00a0", "06 1 234 5678", "+447911123456"]
    ),
    st.text("0139 +;',.\u00a0\u037eé\"", max_size=12),
)


@given(rows=st.lists(st.tuples(*[_CELLS] * 5), max_size=6))
def test_many_rows_at_once_are_read_as_row_by_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(column.name for column in COLUMNS)
    writer.writerows(rows)
    folder = tmp_path_factory.getbasetemp()
    found = Outcome(folder, stream.getvalue())
    # Where one row is too short for its header, all of them are read one by one.
    by_row = Outcome(folder, f"{stream.getvalue()}short;row\n")
    assert found.rows == by_row.rows
    assert (found.problems, found.warnings) == (by_row.problems[:-1], by_row.warnings)
