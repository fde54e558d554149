"""Which CSV files come in, and what each of their columns may hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, get_args

from sqlalchemy import Table

from backend.db.tables.records import customers, debts, meters, sites, windows
from backend.interface.codes import Billing, DebtStatus, PartialBilling, Service
from backend.rules import partial_consumption, payment_day
from common.csv_files.columns import Column
from common.csv_files.problems import quoted
from common.csv_files.values import (
    Choice,
    Whole,
    decimal,
    invoice_numbers,
    iso_date,
    site_id,
    site_ids,
    text,
    texts,
    thousands_or_fraction,
    yes_no,
)
from common.phone_numbers import all_to_e164, not_valid, to_e164

MOST_DIGITS = 9
"""Electricity meters show five to eight; nine is what a 32-bit column still holds."""

_TOO_LARGE = [10**digits for digits in range(MOST_DIGITS + 1)]

MOST_AMPERES = 2_000
"""Far above what is read by telephone; more is a slip."""

Values = Mapping[str, list[Any]]
"""The values of some rows, by the columns' names."""
Complaint = tuple[int, str, str]
"""The row's place among them, the column to blame and what is wrong."""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file: its name, its table and columns, and what its rows refer to.

    ``complete_for`` names the column for whose values the file is the whole truth: rows of the
    same value that it does not have any more are taken out of the records. ``check`` names rows
    that are not sound. ``warn`` is told the day of the import, if there is one, and names what
    comes in but cannot be used as it stands. Both name the rows in their order.
    """

    name: str
    table: Table
    columns: tuple[Column, ...]
    refers_to: Table | None = None
    complete_for: str | None = None
    check: Callable[[Values], Iterable[Complaint]] = lambda _rows: ()
    warn: Callable[[Values, date | None], Iterable[Complaint]] = lambda _rows, _today: ()

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one row from another."""
        return tuple(column.name for column in self.table.primary_key)

    @property
    def columns_name(self) -> str:
        """Where another process finds the columns."""
        return f"{__name__}:{self.table.name.upper()}.columns"

    @property
    def reference(self) -> str | None:
        """The column that names a row of ``refers_to``."""
        return None if self.refers_to is None else next(iter(self.refers_to.primary_key)).name


def _fits_its_digits(rows: Values) -> Iterator[Complaint]:
    for place, (value, digits) in enumerate(zip(rows["last_value"], rows["digits"], strict=True)):
        if value >= _TOO_LARGE[digits]:
            what = f"{quoted(value)} does not fit into {digits} digits. Correct it."
            yield place, "last_value", what


def _opens_before_it_closes(rows: Values) -> Iterator[Complaint]:
    for place, (opens, closes) in enumerate(zip(rows["opens"], rows["closes"], strict=True)):
        if opens > closes:
            what = "is before the window opens. Correct one of the two dates."
            yield place, "closes", f"{quoted(closes)} {what}"


def _number_in_use(rows: Values, _today: date | None) -> Iterator[Complaint]:
    numbers = rows["phone"]
    for place in not_valid(numbers):
        what = "is in no numbering plan. It is kept but not used; correct it."
        yield place, "phone", f"{quoted(numbers[place])} {what}"


def _read_already(rows: Values, today: date | None) -> Iterator[Complaint]:
    days = rows["last_read_on"]
    if today is None or max(days, default=today) <= today:
        return
    for place, day in enumerate(days):
        if day > today:
            what = "is in the future: nobody has read the meter then. It is kept; correct it."
            yield place, "last_read_on", f"{quoted(day)} {what}"


def _can_be_reminded(rows: Values, today: date | None) -> Iterator[Complaint]:
    """Of an open debt: what keeps its customer from being reminded (CO-10)."""
    found = [*_number_in_use(rows, today), *_overdue_later(rows, today)]
    # The number of a row comes before its date.
    yield from sorted(found, key=itemgetter(0))


def _overdue_later(rows: Values, today: date | None) -> Iterator[Complaint]:
    days = rows["overdue_since"]
    if today is None or max(days, default=today) <= today:
        return
    for place, (day, status) in enumerate(zip(days, rows["status"], strict=True)):
        if status == DebtStatus.OPEN and day > today:
            what = (
                "is in the future: this debt is not overdue, and nobody is reminded of it before "
                "that day. Correct it if it is a slip."
            )
            yield place, "overdue_since", f"{quoted(day)} {what}"


CUSTOMERS = ImportFile(
    "customers.csv",
    customers,
    (
        Column("customer_id", text, parse_all=texts),
        Column("name", text, parse_all=texts),
        Column("address", text, required=False, when_empty="", parse_all=texts),
        Column("email", text, required=False, parse_all=texts),
        Column("phone", to_e164, required=False, parse_all=all_to_e164),
        Column("language", Choice(("hu", "en")), required=False, when_empty="hu"),
        Column("direct_debit", yes_no),
        Column(
            "payment_day",
            Whole(payment_day.FIRST_DAY, payment_day.LAST_DAY, "a day"),
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
        Column("site_id", site_id, parse_all=site_ids),
        Column("customer_id", text, parse_all=texts),
        Column("service", Choice(get_args(Service))),
        Column("address", text, required=False, when_empty="", parse_all=texts),
        Column("billing", Choice(get_args(Billing))),
        Column("partial_kwh_per_month", Whole(0, partial_consumption.MOST_KWH), required=False),
        Column("partial_billing", Choice(get_args(PartialBilling))),
    ),
    refers_to=customers,
)

WINDOWS = ImportFile(
    "windows.csv",
    windows,
    (
        Column("site_id", site_id, parse_all=site_ids),
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
        Column("serial", text, parse_all=texts),
        Column("site_id", site_id, parse_all=site_ids),
        Column("register", Choice(("1.8.0", "1.8.1", "1.8.2", "hot_water"))),
        Column("label", text, required=False, when_empty=""),
        Column("digits", Whole(1, MOST_DIGITS)),
        Column("last_value", Whole(0, 10**MOST_DIGITS - 1)),
        Column("last_read_on", iso_date),
        Column(
            "daily_average",
            decimal,
            required=False,
            when_empty=0.0,
            doubt=thousands_or_fraction,
        ),
        Column("max_amperes", Whole(1, MOST_AMPERES), required=False),
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
        Column("case_id", text, parse_all=texts),
        Column("customer_id", text, parse_all=texts),
        Column("phone", to_e164, required=False, parse_all=all_to_e164),
        Column(
            "status", Choice(tuple(each for each in DebtStatus if each is not DebtStatus.CLOSED))
        ),
        Column("overdue_since", iso_date),
    ),
    refers_to=customers,
    warn=_can_be_reminded,
)

FILES = (CUSTOMERS, SITES, WINDOWS, METERS, DEBTS)
"""In this order each file comes after those that it refers to."""
