"""The page of the last soak runs, one section a subject, and how a subject's figures get there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from benchmarks import page
from settings import HERE

PAGE = HERE / "docs" / "reliability.md"
_HEAD = """# Reliability

Written by `make soak`: faults against the real programs, longer than the test suite's. The programs
are in `benchmarks/soak/`, and the seed in a section repeats its run's choices.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of the rounds on one database, and the breaches of what is promised.

    ``figures`` are in the order of the table; a breach is a sentence without personal data.
    """

    database: str
    figures: dict[str, int]
    breaches: list[str]


def put(
    subject: str, what: str, rows: Sequence[Row], seed: int, took: timedelta, end: str = ""
) -> bool:
    """Write a subject's section; whether nothing promised was broken.

    ``end`` is a sentence of a run that has not come to its end.
    """
    breaches = [f"- {row.database}: {breach}" for row in rows for breach in row.breaches]
    lines = [
        f"## {subject}",
        "",
        what.strip(),
        "",
        *_table(rows),
        "",
        *(["**Broken promises:**", "", *breaches] if breaches else ["No promise was broken."]),
        *([end] if end else []),
        "",
        f"Seed {seed}, {took.total_seconds() / 60:.0f} minutes. {page.conditions('sqlalchemy')}",
    ]
    page.put("\n".join(lines), PAGE, _HEAD)
    return not breaches


def _table(rows: Sequence[Row]) -> list[str]:
    """A column a database: there are more figures than databases."""
    names = list(rows[0].figures)
    return [
        f"| | {' | '.join(row.database for row in rows)} |",
        f"|---|{'---|' * len(rows)}",
        *(f"| {n} | {' | '.join(f'{row.figures[n]:,}' for row in rows)} |" for n in names),
    ]
