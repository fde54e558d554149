"""A large file is read in a process of its own, with the same result as in this one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.imports.file_formats import DEBTS
from backend.reading_process import read_beside
from common.csv_files.problems import Problems
from common.csv_files.reading import Batch, read_batches

ROWS = 3_000


def debts_file(folder: Path) -> Path:
    """Rows of three batches: with a fault in the first and in the last."""
    path = folder / "debts.csv"
    phones = {5: "nincs", 2_950: "06 20/30/70 938-3838"}
    rows = (
        f"K-{number};C-{number};{phones.get(number, '06 30 123 4567')};open;2026-08-15\n"
        for number in range(ROWS)
    )
    header = "case_id;customer_id;phone;status;overdue_since\n"
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


class Outcome:
    """All that comes of a file."""

    def __init__(self) -> None:
        self.problems, self.warnings = Problems(), Problems()
        self.reports: list[tuple[str, int, int]] = []

    def progress(self, *report: Any) -> None:
        """Note a report of the progress."""
        self.reports.append(report)

    def beside(self, path: Path) -> Iterator[Batch]:
        """Read the debts in a process of its own."""
        name = DEBTS.columns_name
        return read_beside(path, name, self.problems, self.progress, self.warnings)

    def of(self, batches: Iterator[Batch]) -> tuple[Any, ...]:
        """What can be compared."""
        rows = [(list(batch.lines), batch.values) for batch in batches if batch.lines]
        return rows, self.problems, self.warnings, self.reports


def test_a_file_is_read_beside_as_it_is_read_here(tmp_path: Path) -> None:
    path = debts_file(tmp_path)
    here, beside = Outcome(), Outcome()
    expected = here.of(
        read_batches(path, DEBTS.columns, here.problems, here.progress, here.warnings)
    )
    found = beside.of(beside.beside(path))
    assert found == expected
    assert beside.problems.count == 2
    assert len(beside.reports) > 2


@pytest.mark.whole_run
def test_a_file_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    outcome = Outcome()
    batches = read_beside(
        tmp_path / "debts.csv",
        DEBTS.columns_name,
        outcome.problems,
        outcome.progress,
        outcome.warnings,
    )
    with pytest.raises(FileNotFoundError):
        next(batches)


def test_whoever_stops_in_the_middle_leaves_no_process(tmp_path: Path) -> None:
    outcome = Outcome()
    batches = read_beside(
        debts_file(tmp_path),
        DEBTS.columns_name,
        outcome.problems,
        outcome.progress,
        outcome.warnings,
    )
    next(batches)
    # Waits for its end, which a process that goes on writing would not reach.
    batches.close()  # type: ignore[attr-defined]
