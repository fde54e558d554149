"""The page of the last soak runs, one section a subject, and how a subject's figures get there."""

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


def put(subject: str, what: str, rows: list[Row], seed: int, took: timedelta) -> bool:
    """Write a subject's section; whether nothing promised was broken."""
    names = list(rows[0].figures)
    breaches = [f"- {row.database}: {breach}" for row in rows for breach in row.breaches]
    lines = [
        f"## {subject}",
        "",
        what.strip(),
        "",
        f"| database | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
        *(f"| {row.database} | {' | '.join(str(row.figures[n]) for n in names)} |" for row in rows),
        "",
        *(["**Broken promises:**", "", *breaches] if breaches else ["No promise was broken."]),
        "",
        f"Seed {seed}, {took.total_seconds() / 60:.0f} minutes. {page.conditions('sqlalchemy')}",
    ]
    page.put("\n".join(lines), PAGE, _HEAD)
    return not breaches
