"""Downloads of lists: each is in the audit log, and nobody makes too many of them."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from backend.staff.audit import count_acts, record_act

MOST_AN_HOUR = 20
ACT = "export make"


def note_export(connection: Connection, by: str, what: str, now: datetime) -> bool:
    """Record that the user downloads a list; ``False`` where that would be one too many.

    ``what`` names the list, and holds nothing personal.
    """
    if count_acts(connection, by, ACT, now - timedelta(hours=1)) >= MOST_AN_HOUR:
        return False
    record_act(connection, by, ACT, what, None, now)
    return True
