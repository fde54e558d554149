"""The demonstration utility: a dozen made-up customers, one for everything that can happen.

Dates count from ``today``, so the reading windows are open whenever the demonstration runs. On
21 November 2026 sites 20293811, 20293899 and 20290000 are those of the test scenarios.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from backend.db.sqlite.sqlite_engine import make_private_folder
from backend.imports.file_formats import CUSTOMERS, DEBTS, METERS, SITES, WINDOWS, ImportFile
from common.csv_files.writing import Cell, write_csv

_Rows = tuple[tuple[str, ...], ...]

_HEAT_CUSTOMER = "U90010"
"""District heating knows its customers by a code with the letter U (rule ES-06)."""

_INVOICES = "TH-2026/100010 TH-2026/104377"

_CUSTOMERS: _Rows = tuple(
    (
        _HEAT_CUSTOMER if number == 10 else f"900{number:02}",
        f"Minta Ügyfél {number}",
        f"1000 Mintaváros, Példa utca {number}.",
        *rest,
        _INVOICES if number == 10 else "",
    )
    for number, rest in enumerate(
        (
            # e-mail; phone; language; direct debit; payment day; protected
            ("ugyfel1@example.hu", "06 30 000 0001", "hu", "yes", "10", "no"),
            ("ugyfel2@example.hu", "06 20 000 0002", "hu", "yes", "5", "no"),
            ("", "06 70 000 0003", "hu", "no", "", "no"),
            ("", "06 30 000 0004", "hu", "yes", "27", "no"),
            ("", "06 31 000 0005", "hu", "yes", "", "no"),
            ("", "06 50 000 0006", "hu", "no", "", "no"),
            ("", "06 20 000 0007", "hu", "yes", "1", "no"),
            ("", "06 30 000 0008", "hu", "no", "", "yes"),
            ("customer9@example.com", "+44 7911 123456", "en", "yes", "15", "no"),
            ("", "06 70 000 0010", "hu", "no", "", "no"),
            ("", "06 1 234 5678", "hu", "no", "", "no"),
            ("", "", "hu", "yes", "20", "no"),
        ),
        start=1,
    )
)

_SITES: _Rows = (
    ("20293811", "90001", "electricity", "self_reading", "270", "active"),
    ("20293899", "90002", "electricity", "self_reading", "450", "active"),
    ("20290000", "90003", "electricity", "partial", "180", "active"),
    ("20290018", "90004", "electricity", "self_reading", "240", "suspended"),
    ("20290026", "90005", "electricity", "self_reading", "75", "active"),
    ("20290034", "90006", "electricity", "self_reading", "200", "active"),
    ("20290042", "90007", "electricity", "self_reading", "600", "active"),
    ("20290059", "90008", "electricity", "self_reading", "150", "active"),
    ("20290067", "90009", "electricity", "self_reading", "210", "active"),
    ("20290075", _HEAT_CUSTOMER, "heat", "self_reading", "", "active"),
    ("20290083", "90011", "electricity", "self_reading", "", "active"),
    ("20290091", "90012", "electricity", "partial", "300", "active"),
)

_CLOSED = "20290034"
"""The site whose window has just closed; its next one is a month ahead."""

_METERS: _Rows = (
    # serial; site; register; label; digits; last value; daily average; amperes
    ("48213377", "20293811", "1.8.0", "általános mérő", "5", "41250", "9", "32"),
    ("48210011", "20293899", "1.8.1", "nappali és éjszakai mérő", "6", "120480", "10.5", "32"),
    ("48210011", "20293899", "1.8.2", "nappali és éjszakai mérő", "6", "86310", "4.5", "32"),
    ("48210029", "20293899", "1.8.0", "vezérelt mérő", "5", "33017", "6", "16"),
    ("48210037", "20290000", "1.8.0", "általános mérő", "5", "7120", "6", "32"),
    ("48210045", "20290018", "1.8.0", "általános mérő", "5", "15800", "8", "32"),
    # Near its end: 00030 is a believable roll-over, 80 kWh.
    ("48210052", "20290026", "1.8.0", "általános mérő", "5", "99950", "2.5", "32"),
    ("48210060", "20290034", "1.8.0", "általános mérő", "5", "20940", "6.6", "32"),
    ("48210078", "20290042", "1.8.1", "nappali és éjszakai mérő", "6", "40200", "14", "48"),
    ("48210078", "20290042", "1.8.2", "nappali és éjszakai mérő", "6", "22950", "6", "48"),
    ("48210086", "20290059", "1.8.0", "általános mérő", "5", "61005", "5", "32"),
    ("48210094", "20290067", "1.8.0", "általános mérő", "5", "2210", "7", "32"),
    ("70010015", "20290075", "hot_water", "melegvízmérő", "5", "318", "0.1", ""),
    # A holiday home: no average is known, nor the fuse.
    ("48210102", "20290083", "1.8.0", "általános mérő", "5", "912", "", ""),
    # A serial with letters and leading noughts, of which a keypad can give the digits.
    ("EM-0048210110", "20290091", "1.8.0", "általános mérő", "5", "55120", "10", "32"),
)

_DEBTS: _Rows = (
    # case; customer; phone; status; days overdue
    ("ESET-0001", "90003", "06 70 000 0003", "open", "20"),
    ("ESET-0002", "90004", "06 30 000 0004", "open", "45"),
    ("ESET-0003", "90005", "06 31 000 0005", "paid", "30"),
    ("ESET-0004", "90006", "06 50 000 0006", "disputed", "60"),
    ("ESET-0005", "90007", "06 20 000 0007", "agreed", "75"),
    ("ESET-0006", "90002", "06 20 000 0002", "proceedings", "400"),
    ("ESET-0007", "90001", "06 30 000 0001", "assigned", "500"),
    # Protected, foreign, landline, without a number, toll-free, voice over IP.
    ("ESET-0008", "90008", "06 30 000 0008", "open", "35"),
    ("ESET-0009", "90009", "+44 7911 123456", "open", "25"),
    ("ESET-0010", "90011", "06 1 234 5678", "open", "40"),
    ("ESET-0011", "90012", "", "open", "15"),
    ("ESET-0012", _HEAT_CUSTOMER, "06 80 000 000", "open", "50"),
    ("ESET-0013", _HEAT_CUSTOMER, "06 21 000 0010", "open", "50"),
    # The same number as the first one's.
    ("ESET-0014", "90003", "+36 70 000 0003", "open", "90"),
)


def write_demo(directory: Path, today: date) -> None:
    """Write the five CSV files, for the ordinary import, as they would be on that day."""
    make_private_folder(directory)
    read_on = (today - timedelta(days=32)).isoformat()
    sites = tuple(
        (site, customer, service, f"1000 Mintaváros, Példa utca {number}.", *rest)
        for number, (site, customer, service, *rest) in enumerate(_SITES, start=1)
    )
    meters = tuple((*row[:6], read_on, *row[6:]) for row in _METERS)
    debts = tuple((*row, (today - timedelta(days=int(days))).isoformat()) for *row, days in _DEBTS)
    write_rows(directory, CUSTOMERS, _CUSTOMERS)
    write_rows(directory, SITES, sites)
    write_rows(directory, WINDOWS, _windows(today))
    write_rows(directory, METERS, meters)
    write_rows(directory, DEBTS, debts)


def _windows(today: date) -> _Rows:
    rows = []
    for site, _customer, _service, billing, *_ in _SITES:
        if billing != "self_reading":
            continue
        opens = today - timedelta(days=8 if site == _CLOSED else 3)
        for month in range(2):
            start = opens + timedelta(days=30 * month)
            rows.append((site, start.isoformat(), (start + timedelta(days=6)).isoformat()))
    return tuple(rows)


def write_rows(folder: Path, file: ImportFile, rows: Iterable[Sequence[Cell]]) -> None:
    """Write a file as the import reads it."""
    with (folder / file.name).open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, [column.name for column in file.columns], rows)
