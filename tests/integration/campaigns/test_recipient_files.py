"""Where recipients come from: a CSV file as people save it, or the debt register."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from backend.db.transactions import open_database
from common.errors import RecipientsRefusedError, RecordsError
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import DebtRegister, RecipientsFile, Source
from tests.support.databases.database import Database
from tests.support.databases.recipients import (
    NOW,
    POLICY,
    add_customers,
    add_debts,
    chosen,
    debt,
    mobile,
    stored_rows,
    write_file,
)


@pytest.fixture
def register(database: Database) -> Database:
    """Three open debts of three customers with mobiles."""
    add_customers(database, ["C-1", "C-2", "C-3"])
    add_debts(
        database,
        [
            debt("K-2", "C-2", mobile(2), overdue_since=date(2026, 3, 31)),
            debt("K-1", "C-1", mobile(1), overdue_since=date(2026, 4, 1)),
            debt("K-3", "C-3", mobile(3), overdue_since=date(2026, 9, 1)),
        ],
    )
    return database


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, for what is refused before a database is asked."""
    path = shutil.copy(sqlite_template, tmp_path / "records.db")
    engine = open_database(f"sqlite:///{path}")
    yield Database(f"sqlite:///{path}", engine)
    engine.dispose()


def refused(database: Database, source: Source) -> list[str]:
    with (
        pytest.raises(RecipientsRefusedError) as caught,
        selected(database.engine, source, POLICY, NOW),
    ):
        pass
    assert stored_rows(database) == 0
    return str(caught.value).splitlines()


def spoilt(folder: Path, content: bytes) -> RecipientsFile:
    path = folder / "recipients.csv"
    path.write_bytes(content)
    return RecipientsFile(path)


def test_a_file_is_taken_as_people_save_it(register: Database, tmp_path: Path) -> None:
    spellings = {
        "cases alone": b"case_id\nK-1\nK-2\n",
        "as a spreadsheet saves it": b"\xef\xbb\xbfcase_id\r\nK-1\r\nK-2\r\n",
        "blank lines": b"case_id;phone\nK-1;\n\nK-2;\n;\n",
        "columns the other way round": b'"phone","case_id"\n"","K-1"\n,"K-2"',
    }
    for spelling, content in spellings.items():
        selection, rows = chosen(register, spoilt(tmp_path, content))
        assert selection.name == "recipients.csv"
        assert (selection.rows, selection.recipients, dict(selection.excluded)) == (2, 2, {})
        assert list(rows.values()) == [mobile(1), mobile(2)], spelling


def test_the_number_of_the_file_wins_over_the_debts(register: Database, tmp_path: Path) -> None:
    file = write_file(tmp_path, "K-1;06 30 / 000-0009", "K-2;")
    assert chosen(register, file)[1] == {2: mobile(9), 3: mobile(2)}


def test_a_row_is_named_by_the_line_on_which_it_begins(register: Database, tmp_path: Path) -> None:
    file = write_file(tmp_path, '"K-\n1";', "K-2;", "", "K-3;")
    assert chosen(register, file)[1] == {2: "unknown_case", 4: mobile(2), 6: mobile(3)}


def test_the_register_is_taken_in_the_order_of_its_cases(register: Database) -> None:
    selection, rows = chosen(register, DebtRegister())
    assert selection.name == "debt register"
    assert rows == {1: mobile(1), 2: mobile(2), 3: mobile(3)}


def test_the_register_can_be_narrowed_to_what_is_overdue_long_enough(register: Database) -> None:
    assert chosen(register, DebtRegister(date(2026, 4, 1)))[1] == {1: mobile(2)}
    assert chosen(register, DebtRegister(date(2026, 4, 2)))[1] == {1: mobile(1), 2: mobile(2)}


def test_an_empty_register_is_told(register: Database) -> None:
    assert refused(register, DebtRegister(date(2020, 1, 1))) == [
        (
            "The debt register has no debts overdue before 2020-01-01. Import debts.csv, or "
            "choose a later day."
        )
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "recipients.csv:1: has no header. Write case_id;phone into it."),
        (b"K-1;06301234567\n", "recipients.csv:1: has no header. Write case_id;phone into it."),
        (
            b"case_id;telefon\nK-1;06301234567\n",
            'recipients.csv:1: column "telefon" is not known. Take it out.',
        ),
        (
            b"case-id;phone\nK-1;06301234567\n",
            'recipients.csv:1: column "case-id" is not known. Did you mean "case_id"?',
        ),
        (b"phone\n06301234567\n", 'recipients.csv:1: column "case_id" is missing. Add it.'),
        (
            b"case_id;phone\nK-2;\nK-1;06301234567;12\n",
            (
                "recipients.csv:3: has 3 values where the header has 2 columns. "
                "Check the delimiters and quotes."
            ),
        ),
        (
            b'case_id;phone\nK-2;\nK-1;"06301234567\nK-3;\n',
            (
                "recipients.csv:3: cannot be read: unexpected end of data. "
                "Check the quotes around the values."
            ),
        ),
        (
            b"case_id;phone\n\nK-1;06301234567 any\xe1m\nK-2;\n",
            "recipients.csv:3: is not UTF-8 but Windows-1250 (ANSI). Save the file as CSV UTF-8.",
        ),
        (
            b"case_id;phone\nK-1;06301234567\nK-2;\xc3",
            "recipients.csv:3: is not UTF-8. Save the file as CSV UTF-8.",
        ),
        (
            b"case_id;phone\nK-1;\nK-\x002;\n",
            (
                'recipients.csv:3: case_id: "K-\\x002" has a character in it that cannot be shown. '
                "Take it out."
            ),
        ),
        (
            b"case_id;phone\n",
            "recipients.csv: has no rows below its header. Write one line for each case.",
        ),
    ],
)
def test_a_file_that_is_not_sound_is_refused_with_its_line_and_hint(
    desk: Database, tmp_path: Path, content: bytes, complaint: str
) -> None:
    lines = refused(desk, spoilt(tmp_path, content))
    assert lines[-1] == "Nothing was stored."
    assert complaint in lines[:-1]
    assert not any("06301234567" in line for line in lines)


def test_many_flaws_are_counted_and_the_first_shown(register: Database, tmp_path: Path) -> None:
    lines = refused(register, write_file(tmp_path, *["K-1"] * 200))
    assert lines[0].startswith("recipients.csv:2: has 1 values")
    assert lines[-2:] == ["… and 150 more.", "Nothing was stored."]
    assert len(lines) == 52


def test_a_file_that_is_not_there_or_no_file_is_told(desk: Database, tmp_path: Path) -> None:
    [problem] = refused(desk, RecipientsFile(tmp_path / "lists" / "gone.csv"))
    assert problem.startswith(f'The file "{tmp_path}/lists/gone.csv" cannot be read: No such file')
    [problem] = refused(desk, RecipientsFile(tmp_path))
    assert "cannot be read: Is a directory. Name another one." in problem


@pytest.mark.parametrize("content", [b"x" * 3_000_000, b"case_id\n" + b"K-1," * 800_000])
def test_a_file_without_line_ends_is_refused_and_not_read_as_one_line(
    desk: Database, tmp_path: Path, content: bytes
) -> None:
    assert len(refused(desk, spoilt(tmp_path, content))) >= 2


def test_progress_is_told_in_bytes_and_then_in_steps(register: Database, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    file = write_file(tmp_path, "K-1;", "K-2;")
    size = file.path.stat().st_size
    with selected(register.engine, file, POLICY, NOW, lambda *step: told.append(step)):
        pass
    names = [name for name, _done, _total in told]
    assert list(dict.fromkeys(names)) == ["recipients.csv", "judging"]
    assert ("recipients.csv", size, size) in told
    steps = [step[1:] for step in told if step[0] == "judging"]
    assert steps == [(done, len(steps) - 1) for done in range(len(steps))]


def test_what_is_refused_is_meant_for_a_person() -> None:
    assert issubclass(RecipientsRefusedError, RecordsError)
