"""CSV that others read: quoted, without formulas, and the same again when it is read here."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from common.csv_files.columns import Column
from common.csv_files.problems import Problems
from common.csv_files.reading import read_batches
from common.csv_files.writing import neutralised, restored, write_csv
from tests.support.runs.tables import each_of


def written(*rows: tuple[object, ...]) -> str:
    stream = io.StringIO()
    write_csv(stream, ("a", "b"), rows)  # type: ignore[arg-type]
    return stream.getvalue()


def test_a_value_with_a_delimiter_or_a_quote_is_quoted() -> None:
    assert written(("A;B", 'say "x"')) == 'a;b\n"A;B";"say ""x"""\n'


@each_of(
    "formula", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]
)
def test_a_formula_is_text_to_a_spreadsheet(formula: str) -> None:
    assert neutralised(formula) == f"'{formula}"


@each_of(
    "plain", ["-5", "-12,5", "+36301234567", "+36 30 123 4567", "K-1", "", "'s", "{}", "2026-11-21"]
)
def test_numbers_with_a_sign_and_plain_texts_stay_as_they_are(plain: str) -> None:
    assert neutralised(plain) == plain


@given(st.text(st.sampled_from("'=+-@ 1A\t"), max_size=6))
def test_what_was_neutralised_is_restored_exactly(text: str) -> None:
    assert restored(neutralised(text)) == text


def test_numbers_dates_objects_and_nothing_have_one_spelling() -> None:
    moment = datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert written((-5, None), (date(2026, 11, 21), moment), ({"é": 1}, [])) == (
        'a;b\n-5;\n2026-11-21;2026-11-21T09:00:00+00:00\n"{""é"": 1}";[]\n'
    )


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=2))
def test_a_row_has_as_many_values_as_were_written(values: list[str]) -> None:
    stream = io.StringIO()
    write_csv(stream, ("a",), [values])
    _, row = csv.reader(io.StringIO(stream.getvalue()), delimiter=";")
    assert [restored(value) for value in row] == values


def test_ids_that_look_like_formulas_come_back_when_the_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        write_csv(stream, ("case_id",), [("=1+1",), ("A;B",), ("-5",)])
    problems = Problems()
    batches = read_batches(file, [Column("case_id", str)], problems, lambda *_: None)
    assert [case for batch in batches for case in batch.values["case_id"]] == ["=1+1", "A;B", "-5"]
    assert problems.count == 0
