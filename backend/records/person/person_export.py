"""What the records hold about one person, for the answer to whoever asks for it (GDPR art. 15)."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from backend.db.tables.personal_columns import ABOUT_PEOPLE
from backend.interface.codes import Role
from backend.records.person.person_rows import Person, find_person, mentions, rows_about
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.timezone import in_budapest


def disclose(
    connection: Connection,
    customer_id: str | None,
    phone: str | None,
    secret: bytes,
    by: str,
    now: datetime,
) -> dict[str, Any]:
    """Everything about a customer, or about a number (E.164), with Hungarian headings.

    Only an administrator may; who did is recorded. Times are Budapest's. Raises ``UserError`` and
    ``PersonError``.
    """
    require_role(connection, by, Role.ADMIN)
    person = find_person(connection, customer_id, phone, secret)
    sections = [_section(connection, person, name) for name in ABOUT_PEOPLE]
    named = Counter(table.name for table, _ in mentions(connection, person))
    detail = str(sum(len(section["rows"]) for section in sections))
    record_act(
        connection, by, "person export", "customer" if customer_id else "number", detail, now
    )
    return {
        "készült": in_budapest(now).isoformat(timespec="seconds"),
        "sections": sections,
        "mentioned_in": dict(named),
    }


def _section(connection: Connection, person: Person, name: str) -> dict[str, Any]:
    told = ABOUT_PEOPLE[name]
    condition, table = next(
        (condition, table) for table, condition in rows_about(person).items() if table.name == name
    )
    wanted = select(*(table.c[column] for column in told.columns)).where(condition)
    rows = connection.execute(wanted.order_by(*table.primary_key)).mappings()
    return {
        "table": name,
        "heading": told.heading,
        "columns": dict(told.columns),
        "rows": [{column: _shown(value) for column, value in row.items()} for row in rows],
    }


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return in_budapest(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
