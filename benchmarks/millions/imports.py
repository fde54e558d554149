"""What the import of a whole utility costs: as many customers, sites and debts.

Each database is filled in a process of its own, whose peak of memory is taken: the first import
into empty records, and a tenth of the same rows with their meters afterwards. The yardstick is a
bare ``phonenumbers.parse`` of as many numbers as there are customers, just before and after.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from backend.db.transactions import open_database
from backend.imports.importer import import_directory
from benchmarks import page
from benchmarks.millions.bare_parse import bare_parse, peak_memory, peak_of_all, spelled
from settings import HERE
from tests.support.databases.database import migrated, postgres_server

ROWS = 1_000_000
SHARE = 10
"""Of the rows that come once more, one of so many."""


@dataclass(frozen=True)
class Times:
    """Seconds until the files are read, and until they are records; the peak of memory in MB."""

    reading: float
    merging: float
    peak: float
    reports: int

    @property
    def together(self) -> float:
        """Seconds from the first byte to the committed records."""
        return self.reading + self.merging


def main(rows: int = ROWS) -> None:
    """Measure on both databases and write the section."""
    lines = []
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        first, later = Path(folder, "first"), Path(folder, "later")
        write_files(first, rows)
        write_files(later, rows // SHARE)
        write_meters(later, rows // SHARE)
        lines += measure_database("SQLite", f"sqlite:///{folder}/records.db", rows, first, later)
        with server.empty_database() as url:
            lines += measure_database("PostgreSQL", url, rows, first, later)
    section = report(rows, lines)
    page.put(section)
    click.echo(section)


def measure_database(name: str, url: str, rows: int, first: Path, later: Path) -> list[str]:
    """Import into empty records, then a part of it once more; a line of the table for each."""
    with migrated(url):
        before = bare_parse(rows)
        empty = in_a_child(url, first)
        parse = (before + bare_parse(rows)) / 2
        again = in_a_child(url, later)
    return [
        _line(f"{name}, into empty records", rows, empty, parse),
        _line(f"{name}, later", rows // SHARE, again, parse / SHARE),
    ]


def _line(what: str, rows: int, times: Times, parse: float) -> str:
    return (
        f"| {what} | {rows:,} | {times.reading:.1f} | {times.merging:.1f} | {times.together:.1f} "
        f"| {parse:.1f} | {times.together / parse:.2f} | {times.peak:.0f} | {times.reports:,} |"
    )


def in_a_child(url: str, files: Path) -> Times:
    """Import in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.millions.imports", "--measure", url, str(files)]
    done = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)
    return Times(**json.loads(done.stdout))


def measure(url: str, files: Path) -> Times:
    """Import the files; this process does nothing else."""
    marks: list[tuple[str, float]] = []
    peaks: list[float] = []

    def progress(name: str, _done: int, _total: int) -> None:
        marks.append((name, time.monotonic()))
        if len(marks) % 100 == 0:
            peaks.append(peak_of_all())

    engine = open_database(url)
    began = time.monotonic()
    import_directory(engine, files, progress)
    ended = time.monotonic()
    merges = next(moment for name, moment in marks if name == "importing")
    return Times(merges - began, ended - merges, max(*peaks, peak_memory()), len(marks))


def write_files(folder: Path, rows: int) -> None:
    """Write three files as a back office does: numbers as people spell them, some without."""
    folder.mkdir()
    with (folder / "customers.csv").open("w", encoding="utf-8") as stream:
        stream.write(
            "customer_id;name;address;email;phone;language;direct_debit;payment_day;protected\n"
        )
        stream.writelines(customer(number) for number in range(rows))
    with (folder / "sites.csv").open("w", encoding="utf-8") as stream:
        stream.write(
            "site_id;customer_id;service;address;billing;partial_kwh_per_month;partial_billing\n"
        )
        stream.writelines(site(number) for number in range(rows))
    with (folder / "debts.csv").open("w", encoding="utf-8") as stream:
        stream.write("case_id;customer_id;phone;status;overdue_since\n")
        stream.writelines(debt(number, rows) for number in range(rows))


def write_meters(folder: Path, rows: int) -> None:
    """Write a meter of each site beside the other files."""
    with (folder / "meters.csv").open("w", encoding="utf-8") as stream:
        stream.write(
            "serial;site_id;register;label;digits;last_value;last_read_on;daily_average;max_amperes\n"
        )
        stream.writelines(meter(number) for number in range(rows))


def customer(number: int) -> str:
    """A line of ``customers.csv``; one in a hundred is protected, one in ten without a number."""
    phone = spelled(number) if number % 10 else ""
    protected = "yes" if number % 100 == 7 else "no"
    return (
        f"C-{number:07d};Minta Ügyfél {number};1000 Mintaváros, Példa utca {number}.;"
        f"minta{number}@example.hu;{phone};hu;{'yes' if number % 3 else 'no'};"
        f"{number % 27 + 1 if number % 3 else ''};{protected}\n"
    )


def site(number: int) -> str:
    """A line of ``sites.csv``."""
    return (
        f"{number:08d};C-{number:07d};electricity;1000 Mintaváros, Példa utca {number}.;"
        f"self_reading;{number % 600};active\n"
    )


def meter(number: int) -> str:
    """A line of ``meters.csv``."""
    return (
        f"{number + 10_000_000};{number:08d};1.8.0;általános;5;{number % 90_000};2026-10-20;"
        f"{number % 30},5;32\n"
    )


def debt(number: int, rows: int) -> str:
    """A line of ``debts.csv``; they lie in another order than their customers."""
    status = "paid" if number % 50 == 3 else "open"
    return (
        f"ESET-{number:07d};C-{number * 7_919 % rows:07d};{spelled(number)};{status};2026-08-15\n"
    )


def report(rows: int, lines: list[str]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    return f"""## The import of a utility

Three files with {rows:,} customers, sites and debts each, then a tenth of them once more with as
many meters: seconds until they are read and staged, and until they are records; only while they
are merged does anybody wait for it. Bare parsing is `phonenumbers.parse` of as many numbers as
there are customers. The peak is that of all processes but the database's; reports are those of
progress.

| | customers | read | merge | together | parsing | together : parsing | peak MB | reports |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(lines)}

{page.conditions("sqlalchemy", "psycopg", "phonenumbers")}
"""


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--measure", url, files]:
            click.echo(json.dumps(asdict(measure(url, Path(files)))))
        case [count]:
            main(int(count))
        case _:
            main()
