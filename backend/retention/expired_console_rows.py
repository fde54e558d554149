"""What the pages of staff leave behind and nobody needs for long; acts are not of it."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func

from backend.db.tables.staff import (
    drafts,
    form_keys,
    jobs,
    login_failures,
    passkey_challenges,
    sessions,
)
from backend.retention.expired_rows import Rows
from backend.staff.authentication.throttle import FORGOTTEN_AFTER

KEEP_SESSIONS = timedelta(days=90)
"""After their end, or last use: so long the network address of an act can be looked up."""

KEEP_DRAFTS = timedelta(days=180)
"""After they were last touched."""

KEEP_JOBS = timedelta(days=30)
"""After they were finished."""

KEEP_FORMS = timedelta(days=1)
"""Twice as long as a session that could send them again."""


def _ended_sessions(before: datetime) -> ColumnElement[bool]:
    ended: ColumnElement[bool] = func.coalesce(sessions.c.ended_at, sessions.c.seen_at) < before
    return ended


CONSOLE_ROWS = {
    "sessions": (Rows(sessions.c.session_key, _ended_sessions), KEEP_SESSIONS),
    "drafts": (Rows(drafts.c.draft_id, lambda before: drafts.c.updated_at < before), KEEP_DRAFTS),
    "jobs": (Rows(jobs.c.job_id, lambda before: jobs.c.finished_at < before), KEEP_JOBS),
    "forms": (Rows(form_keys.c.form_key, lambda before: form_keys.c.at < before), KEEP_FORMS),
    "login_failures": (
        Rows(login_failures.c.number, lambda before: login_failures.c.at < before),
        FORGOTTEN_AFTER,
    ),
    "challenges": (
        Rows(
            passkey_challenges.c.challenge,
            lambda before: passkey_challenges.c.made_at < before,
        ),
        KEEP_FORMS,
    ),
}
"""By their names in ``job.Forgotten``: the rows, and how long they are kept."""
