"""What the pages of staff leave behind and nobody needs for long; acts are not of it."""

from datetime import timedelta

from sqlalchemy import func

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


_SESSION_ENDED = func.coalesce(sessions.c.ended_at, sessions.c.seen_at)

CONSOLE_ROWS = {
    "sessions": (Rows.since(sessions.c.session_key, _SESSION_ENDED), KEEP_SESSIONS),
    "drafts": (Rows.since(drafts.c.draft_id, drafts.c.updated_at), KEEP_DRAFTS),
    "jobs": (Rows.since(jobs.c.job_id, jobs.c.finished_at), KEEP_JOBS),
    "forms": (Rows.since(form_keys.c.form_key, form_keys.c.at), KEEP_FORMS),
    "login_failures": (Rows.since(login_failures.c.number, login_failures.c.at), FORGOTTEN_AFTER),
    "challenges": (
        Rows.since(passkey_challenges.c.challenge, passkey_challenges.c.made_at),
        KEEP_FORMS,
    ),
}
"""By their names in ``job.Forgotten``: the rows, and how long they are kept."""
