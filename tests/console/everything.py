"""One of everything that a page can show: markup in each free field, a customer's number."""

import json
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import Connection, insert, update

from backend.db.tables.messages import campaigns, exclusions, inbound_messages, templates, users
from backend.db.tables.notices import desk_closures, extra_windows, notices
from backend.db.tables.records import calls, customers, debts, requests, sites, turns
from backend.db.tables.staff import drafts, jobs
from backend.interface.codes import JobKind, StopOrigin, StopReason, TaskKind
from backend.records.suppression.stops import stop_number
from backend.records.work_list.tasks import open_task
from backend.staff.audit import record_act
from backend.staff.background_jobs.stored_files import packed, store_file
from messages.campaigns.template_library import find_template
from tests.support.databases.message_rows import add_campaign, add_row

MARKUP = "<b>kövér</b>"
PHONE = "+36209174683"
CAMPAIGN_STATES = {
    "C1": "draft",
    "C2": "approved",
    "C3": "scheduled",
    "C4": "running",
    "C5": "paused",
    "C6": "done",
    "C7": "cancelled",
}


def fill(connection: Connection, now: datetime) -> None:
    """Put it into an empty database that has its users."""
    connection.execute(update(users).values(phone=PHONE))
    find_template(connection, "debt_contact_1", now=now)
    _add_customer(connection)
    _add_campaigns(connection, now)
    _add_message(connection, now)
    _add_call(connection, now)
    _add_plan(connection, now)
    notice = {
        "kind": "outage",
        "area": "2000",
        "place_hu": MARKUP,
        "place_en": MARKUP,
        "begins": now - timedelta(hours=1),
        "created_by": "sender",
    }
    connection.execute(insert(notices), notice)
    closure = {"desk": "general", "begins": now, "ends": now + timedelta(hours=2)}
    connection.execute(insert(desk_closures), {**closure, "created_by": "sender"})
    window = {"area": "*", "opens": now.date(), "closes": now.date() + timedelta(days=7)}
    connection.execute(insert(extra_windows), {**window, "created_by": "sender"})
    text = {
        "name": "minta",
        "version": 1,
        "kind": "service",
        "text": f"{MARKUP} {{company}}",
        "lines": [],
        "created_at": now,
        "created_by": "sender",
    }
    connection.execute(insert(templates), text)
    record_act(connection, "sender", "campaign return", "C1", MARKUP, now)


def _add_plan(connection: Connection, now: datetime) -> None:
    """A planned campaign whose list has faults, and a long list that waits for who asked."""
    fault = {"fault": "value", "line": 2, "column": MARKUP, "value": MARKUP}
    listed = packed([json.dumps([fault]).encode()])
    faults = store_file(connection, "faults", listed, "sender", now, Random(5))  # noqa: S311
    job = {
        "job_id": "2" * 16,
        "kind": JobKind.JUDGE,
        "by": "sender",
        "state": "failed",
        "data": {},
        "result": {"code": "recipients-refused", "parameters": {"count": 1, "faults": faults}},
        "created_at": now,
    }
    plan = {
        "draft_id": "1" * 16,
        "kind": "campaign",
        "by": "sender",
        "step": "who",
        "data": {
            "name": MARKUP,
            "source": "register",
            "template": "debt_contact_1",
            "job": job["job_id"],
            "reason": MARKUP,
            "returned_by": "approver",
        },
        "created_at": now,
        "updated_at": now,
    }
    file = store_file(connection, MARKUP, listed, "sender", now, Random(6))  # noqa: S311
    export = {
        **job,
        "job_id": "3" * 16,
        "kind": JobKind.EXPORT,
        "state": "done",
        "data": {"export": "requests", "of": MARKUP, "chosen": {}, "language": "hu"},
        "result": {"file": file},
    }
    connection.execute(insert(jobs), [job, export])
    connection.execute(insert(drafts), plan)


def _add_customer(connection: Connection) -> None:
    customer = {
        "customer_id": "U1",
        "name": MARKUP,
        "address": MARKUP,
        "phone": PHONE,
        "language": "hu",
        "direct_debit": False,
        "protected": False,
    }
    site = {
        "site_id": "20293811",
        "customer_id": "U1",
        "service": "electricity",
        "address": MARKUP,
        "billing": "partial",
        "partial_billing": "active",
    }
    debt = {
        "case_id": MARKUP,
        "customer_id": "U1",
        "phone": PHONE,
        "status": "open",
        "overdue_since": date(2026, 6, 1),
    }
    for table, row in ((customers, customer), (sites, site), (debts, debt)):
        connection.execute(insert(table), row)


def _add_campaigns(connection: Connection, now: datetime) -> None:
    for campaign_id, state in CAMPAIGN_STATES.items():
        add_campaign(connection, campaign_id, state)
        row_state = "failed" if state in {"done", "cancelled"} else "queued"
        row = {"phone": PHONE, "case_id": MARKUP, "state": row_state}
        add_row(connection, campaign_id, **row)
        left_out = {"campaign_id": campaign_id, "line": 3, "case_id": MARKUP, "reason": "landline"}
        connection.execute(insert(exclusions), left_out)
    connection.execute(
        update(campaigns).values(
            name=MARKUP, message=MARKUP, source=MARKUP, created_by="sender", starts_at=now
        )
    )
    # One of them replies in the task.
    connection.execute(update(campaigns).where(campaigns.c.campaign_id == "C6").values(reply_to=1))


def _add_message(connection: Connection, now: datetime) -> None:
    """Task 1 is open and has a message, task 2 is held, task 3 is finished."""
    said = {
        "message_sid": "SM1",
        "received_at": now - timedelta(hours=3),
        "phone": PHONE,
        "body": f"{MARKUP} 06 20 917-4683, {PHONE}",
        "meaning": "wrong_addressee",
        "acknowledged": True,
    }
    connection.execute(insert(inbound_messages), said)
    stop_number(connection, PHONE, StopReason.WRONG_ADDRESSEE, StopOrigin.SMS, now)
    kind, opened = TaskKind.VERIFY_WRONG_ADDRESSEE, now - timedelta(hours=3)
    open_task(connection, kind, PHONE, opened, outbox_number=1, message_sid="SM1")


def _add_call(connection: Connection, now: datetime) -> None:
    call = {
        "call_sid": f"CA{'0' * 32}",
        "reference": "20000001",
        "caller_key": "x",
        "dialled": "+3613000000",
        "tree_hash": "x",
        "began_at": now - timedelta(minutes=9),
        "ended_at": now - timedelta(minutes=5),
        "outcome": "completed",
    }
    connection.execute(insert(calls), call)
    turn = {"call_sid": call["call_sid"], "turn": 1, "at": call["began_at"], "place": "menu 5"}
    connection.execute(insert(turns), turn)
    request = {
        "receipt": "10000001",
        "kind": "callback",
        "customer_id": "U1",
        "site_id": "20293811",
        "data": {"phone": PHONE, "reason": MARKUP},
        "channel": "voice",
        "call_sid": call["call_sid"],
        "created_at": now - timedelta(minutes=6),
        "flags": [],
    }
    connection.execute(insert(requests), request)
