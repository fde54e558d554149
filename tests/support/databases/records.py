"""What tests of the records share: a webhook's context, and a look at the ledger."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from backend.context import CallContext, IdentificationLimits
from backend.db.transactions import read
from backend.desks import Desks, HungarianCalendar, load_desks
from backend.records.identification import caller_key
from backend.records.requests.ledger import Request, list_requests
from common.timezone import BUDAPEST

PROJECT = Path(__file__).parents[3]
SECRET = b"a secret that only tests know"
DESKS: Desks = load_desks(PROJECT / "desks.yaml")
CALENDAR = HungarianCalendar()


def budapest(text: str) -> datetime:
    """The moment at which clocks in Budapest show that, as the service has it: in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BUDAPEST).astimezone(UTC)


def context(
    now: str = "2026-11-21T10:00",
    *,
    call_sid: str = "CA1",
    caller: str | None = "+36301234567",
    rng: Random | None = None,
    limits: IdentificationLimits | None = None,
) -> CallContext:
    """One webhook at a time in Budapest; each draws receipts of its own unless told otherwise."""
    return CallContext(
        call_sid=call_sid,
        caller_key=None if caller is None else caller_key(SECRET, caller),
        channel="ivr",
        now=budapest(now),
        rng=rng or Random(),  # noqa: S311 - nothing in a test is secret
        secret=SECRET,
        desks=DESKS,
        calendar=CALENDAR,
        limits=limits or IdentificationLimits(),
        caller=caller,
    )


def ledger(engine: Engine) -> list[Request]:
    """All requests in the order of their creation."""
    with read(engine) as connection:
        return list(list_requests(connection))
