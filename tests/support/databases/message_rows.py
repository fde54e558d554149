"""A few campaigns and rows of the outbox, put into the store directly."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from backend.db.tables.messages import campaigns, outbox, users

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PHONE = "+36301234567"
REFERENCE = "tKw3v1mS0q9zX-_aB7cD2e"


def add_campaign(connection: Connection, campaign_id: str = "C1", state: str = "running") -> str:
    row = {
        "campaign_id": campaign_id,
        "name": "November",
        "kind": "debt",
        "template": "debt_contact_1",
        "template_version": 1,
        "message": "Tisztelt Ügyfelünk!",
        "segments": 1,
        "state": state,
        "source": "recipients.csv",
        "source_rows": 1,
        "recipients": 1,
        "created_at": NOW,
        "created_by": "minta.kuldo",
    }
    connection.execute(campaigns.insert().values(row))
    return campaign_id


def add_row(
    connection: Connection,
    campaign_id: str = "C1",
    phone: str = PHONE,
    **columns: object,
) -> int:
    row = {"campaign_id": campaign_id, "line": 2, "case_id": "K-1", "phone": phone} | columns
    number: int = connection.execute(
        outbox.insert().values(row).returning(outbox.c.number)
    ).scalar_one()
    return number


def add_user(connection: Connection, name: str = "minta.kuldo", role: str = "sender") -> str:
    row: Mapping[str, Any] = {
        "name": name,
        "role": role,
        "password_hash": "none",
        "password_is_one_time": False,
        "created_at": NOW,
    }
    connection.execute(users.insert().values(row))
    return name


def row_of(connection: Connection, number: int) -> Row[Any]:
    return connection.execute(select(outbox).where(outbox.c.number == number)).one()
