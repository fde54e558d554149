"""Which CSV files come in, and what each of their columns may hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table

from backend.db.tables import customers, debts, meters, sites, windows
from backend.interface.codes import DebtStatus
from backend.rules import partial_consumption, payment_day
from common.csv_files import Column, quoted
from common.csv_values import (
    choice,
    decimal,
    invoice_numbers,
    iso_date,
    phone,
    site_id,
    text,
    thousands_or_fraction,
    whole,
    yes_no,
)
from common.phone_numbers import is_valid

MOST_DIGITS = 9
"""Electricity meters show five to eight; nine is what a 32-bit column still holds."""

MOST_AMPERES = 2_000
"""Far above what is read by telephone; more is a slip."""

Row = dict[str, Any]
Complaint = tuple[str, str]
"""The column to blame and what is wrong."""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file: its name, its table and columns, and what its rows refer to.

    ``complete_for`` names the column for whose values the file is the whole truth: rows of the
    same value that it does not have any more are taken out of the records. ``warn`` is told the
    day of the import, if there is one, and names what comes in but cannot be used as it stands.
    """

    name: str
    table: Table
    columns: tuple[Column, ...]
    refers_to: Table | None = None
    complete_for: str | None = None
    check: Callable[[Row], Complaint | None] = lambda _row: None
    warn: Callable[[Row, date | None], Iterable[Complaint]] = lambda _row, _today: ()

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one row from another."""
        return tuple(column.name for column in self.table.primary_key)

    @property
    def reference(self) -> str | None:
        """The column that names a row of ``refers_to``."""
        return None if self.refers_to is None else next(iter(self.refers_to.primary_key)).name


def _fits_its_digits(row: Row) -> Complaint | None:
    if row["last_value"] < 10 ** row["digits"]:
        return None
    return (
        "last_value",
        f"{quoted(row['last_value'])} does not fit into {row['digits']} digits. Correct it.",
    )


def _opens_before_it_closes(row: Row) -> Complaint | None:
    if row["opens"] <= row["closes"]:
        return None
    return (
        "closes",
        f"{quoted(row['closes'])} is before the window opens. Correct one of the two dates.",
    )


def _number_in_use(row: Row, _today: date | None) -> Iterator[Complaint]:
    if row["phone"] is not None and not is_valid(row["phone"]):
        yield (
            "phone",
            f"{quoted(row['phone'])} is in no numbering plan. It is kept but not used; correct it.",
        )


def _read_already(row: Row, today: date | None) -> Iterator[Complaint]:
    if today is not None and row["last_read_on"] > today:
        yield (
            "last_read_on",
            (
                f"{quoted(row['last_read_on'])} is in the future: nobody has read the meter then. "
                "It is kept; correct it."
            ),
        )


def _can_be_reminded(row: Row, today: date | None) -> Iterator[Complaint]:
    """Of an open debt: what keeps its customer from being reminded (CO-10)."""
    yield from _number_in_use(row, today)
    if today is not None and row["status"] == "open" and row["overdue_since"] > today:
        yield (
            "overdue_since",
            (
                f"{quoted(row['overdue_since'])} is in the future: this debt is not overdue, and "
                "nobody is reminded of it before that day. Correct it if it is a slip."
            ),
        )


CUSTOMERS = ImportFile(
    "customers.csv",
    customers,
    (
        Column("customer_id", text),
        Column("name", text),
        Column("address", text, required=False, when_empty=""),
        Column("email", text, required=False),
        Column("phone", phone, required=False),
        Column("language", choice("hu", "en"), required=False, when_empty="hu"),
        Column("direct_debit", yes_no),
        Column(
            "payment_day",
            whole(payment_day.FIRST_DAY, payment_day.LAST_DAY, "a day"),
            required=False,
        ),
        Column("protected", yes_no),
        Column("invoice_numbers", invoice_numbers, required=False, optional=True),
    ),
    warn=_number_in_use,
)

SITES = ImportFile(
    "sites.csv",
    sites,
    (
        Column("site_id", site_id),
        Column("customer_id", text),
        Column("service", choice("electricity", "heat")),
        Column("address", text, required=False, when_empty=""),
        Column("billing", choice("partial", "self_reading")),
        Column("partial_kwh_per_month", whole(0, partial_consumption.MOST_KWH), required=False),
        Column("partial_billing", choice("active", "suspended")),
    ),
    refers_to=customers,
)

WINDOWS = ImportFile(
    "windows.csv",
    windows,
    (
        Column("site_id", site_id),
        Column("opens", iso_date),
        Column("closes", iso_date),
    ),
    refers_to=sites,
    check=_opens_before_it_closes,
)

METERS = ImportFile(
    "meters.csv",
    meters,
    (
        Column("serial", text),
        Column("site_id", site_id),
        Column("register", choice("1.8.0", "1.8.1", "1.8.2", "hot_water")),
        Column("label", text, required=False, when_empty=""),
        Column("digits", whole(1, MOST_DIGITS)),
        Column("last_value", whole(0, 10**MOST_DIGITS - 1)),
        Column("last_read_on", iso_date),
        Column(
            "daily_average",
            decimal,
            required=False,
            when_empty=0.0,
            doubt=thousands_or_fraction,
        ),
        Column("max_amperes", whole(1, MOST_AMPERES), required=False),
    ),
    refers_to=sites,
    complete_for="site_id",
    check=_fits_its_digits,
    warn=_read_already,
)

DEBTS = ImportFile(
    "debts.csv",
    debts,
    (
        Column("case_id", text),
        Column("customer_id", text),
        Column("phone", phone, required=False),
        Column("status", choice(*(each for each in DebtStatus if each is not DebtStatus.CLOSED))),
        Column("overdue_since", iso_date),
    ),
    refers_to=customers,
    warn=_can_be_reminded,
)

FILES = (CUSTOMERS, SITES, WINDOWS, METERS, DEBTS)
"""In this order each file comes after those that it refers to."""
