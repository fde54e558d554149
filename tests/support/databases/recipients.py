"""What tests of recipients share: records put in directly, files, and what became of each row."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, func, insert, select

from backend.db.tables.messages import campaigns, exclusions, outbox
from backend.db.tables.records import customers, debts
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind
from backend.rules.contact_hours import ContactHours
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.selection import Selection, selected
from messages.campaigns.recipients.source import RecipientsFile, Source
from tests.support.databases.database import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POLICY = SendingPolicy(contact_hours=ContactHours.parse("always"))
VOIP_ALLOWED = replace(POLICY, voip_allowed=True)
MESSAGE = "Kérjük, hívja munkatársunkat."

_numbers = count(1)


def mobile(number: int) -> str:
    """A Hungarian mobile for each number."""
    return f"+3630{number:07d}"


class HasEngine(Protocol):
    """A database, or whatever is served from one."""

    engine: Engine


def add_customers(database: HasEngine, ids: Iterable[str], *, protected: bool = False) -> None:
    """Put customers into the records."""
    rows = [
        {
            "customer_id": each,
            "name": f"Minta Ügyfél {each}",
            "address": "",
            "language": "hu",
            "direct_debit": False,
            "protected": protected,
        }
        for each in ids
    ]
    with write(database.engine) as connection:
        connection.execute(insert(customers), rows)


def debt(
    case_id: str,
    customer_id: str,
    phone: str | None,
    status: str = "open",
    overdue_since: date = date(2025, 8, 15),
) -> dict[str, Any]:
    """A debt's row."""
    return {
        "case_id": case_id,
        "customer_id": customer_id,
        "phone": phone,
        "status": status,
        "overdue_since": overdue_since,
    }


def add_debts(database: HasEngine, rows: list[dict[str, Any]]) -> None:
    """Put debts into the records."""
    with write(database.engine) as connection:
        connection.execute(insert(debts), rows)


def campaign_row(kind: str = "debt", **columns: Any) -> dict[str, Any]:
    """A campaign's row with an id of its own."""
    row: dict[str, Any] = {
        "campaign_id": f"test-{next(_numbers)}",
        "name": "reminder",
        "kind": kind,
        "template": "debt_contact_1",
        "template_version": 1,
        "message": MESSAGE,
        "segments": 1,
        "state": "draft",
        "source": "test",
        "source_rows": 0,
        "recipients": 0,
        "created_at": NOW,
        "created_by": "test",
    }
    return row | columns


def write_campaign(connection: Connection) -> str:
    """What a caller of ``Selection.store`` writes."""
    row = campaign_row()
    connection.execute(insert(campaigns), row)
    return str(row["campaign_id"])


def add_reminder(
    database: Database,
    phone: str,
    customer_id: str | None,
    attempted_at: datetime | None,
    state: str = "delivered",
    **campaign: Any,
) -> None:
    """A message of an earlier campaign."""
    row = campaign_row(**campaign)
    with write(database.engine) as connection:
        connection.execute(insert(campaigns), row)
        connection.execute(
            insert(outbox).values(
                campaign_id=row["campaign_id"],
                line=1,
                customer_id=customer_id,
                phone=phone,
                state=state,
                attempted_at=attempted_at,
            )
        )


def write_file(folder: Path, *lines: str, header: str = "case_id;phone") -> RecipientsFile:
    """A file of recipients."""
    path = folder / "recipients.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return RecipientsFile(path)


def chosen(
    database: Database,
    source: Source,
    policy: SendingPolicy = POLICY,
    kind: str = MessageKind.DEBT,
) -> tuple[Selection, dict[int, str]]:
    """Select and store; the counts, and for each row its reason or the number that it goes to."""
    with selected(database.engine, source, policy, NOW, kind=kind) as selection:
        campaign_id = selection.store(write_campaign)
    rows = outcome(database, campaign_id)
    assert len(rows) == selection.rows
    assert selection.rows == selection.recipients + sum(selection.excluded.values())
    return selection, rows


def outcome(database: Database, campaign_id: str) -> dict[int, str]:
    """For each row of a stored campaign its reason, or the number that it goes to."""
    to = select(outbox.c.line, outbox.c.phone).where(outbox.c.campaign_id == campaign_id)
    out = select(exclusions.c.line, exclusions.c.reason)
    out = out.where(exclusions.c.campaign_id == campaign_id)
    with read(database.engine) as connection:
        rows = [*connection.execute(to), *connection.execute(out)]
    assert len(rows) == len(dict(rows)), "a row is there twice"
    return dict(sorted(rows))


def stored_rows(database: Database) -> int:
    """How many rows any campaign has left in the store."""
    with read(database.engine) as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (campaigns, outbox, exclusions)
        )
