"""The day of the month on which a direct debit is made (rules DD-01 to DD-04)."""

FIRST_DAY = 1
LAST_DAY = 27


def is_allowed(day: int) -> bool:
    """Whether a customer may choose this day: the 1st to the 27th, both included (DD-02)."""
    return FIRST_DAY <= day <= LAST_DAY
