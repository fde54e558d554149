"""The monthly quantity by which partial bills are made (rules PC-01 to PC-08)."""

from collections.abc import Iterable
from datetime import date

from backend.interface.answers import Register

LAST_DAY_OF_EARLY_HALF = 15
"""The 15th itself is still early: "15-ig (vagy 15-én)" (PC-02)."""

LEAST_KWH = 1
"""Zero is no quantity: a customer who wants no partial bills suspends them (PB-04)."""

MOST_KWH = 99_999
"""Five digits: far above any household, and what a caller can still check when it is read back."""

LOW_SHARE = 0.6
"""Below this share of the average the yearly bill more than doubles a month's payment.

The rule (PC-08) says only "a low value"; 60 % leaves seasonal savings unremarked.
"""

DAYS_A_YEAR = 365
MONTHS_A_YEAR = 12


def is_allowed(kwh_per_month: int) -> bool:
    """Whether a keypad may set this quantity: 1 to 99,999 kWh a month."""
    return LEAST_KWH <= kwh_per_month <= MOST_KWH


def effective_from(reported_on: date) -> date:
    """The first day on which a change works that was reported on this day in Budapest.

    Until the 15th it is the 1st of the next month (PC-02), afterwards the 1st of the second
    following month (PC-03). Weekends and holidays do not matter: the rule has no such clause.
    """
    months_ahead = 1 if reported_on.day <= LAST_DAY_OF_EARLY_HALF else 2
    months = reported_on.year * MONTHS_A_YEAR + (reported_on.month - 1) + months_ahead
    return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)


def is_low(
    kwh_per_month: int, registers: Iterable[Register], present_kwh_per_month: int | None
) -> bool:
    """Whether the caller must hear the warning of a low value before confirming it (PC-08).

    ``registers`` are those of the meter that the quantity is for. Their average counts; where
    none is known the present quantity does, and where that is missing too nothing is low.
    """
    daily = sum(register.daily_average for register in registers)
    if daily > 0:
        return kwh_per_month < LOW_SHARE * daily * DAYS_A_YEAR / MONTHS_A_YEAR
    if present_kwh_per_month is not None:
        return kwh_per_month < LOW_SHARE * present_kwh_per_month
    return False
