"""Leaving for the day: who logs out holds no task any more."""

from sqlalchemy import select

from backend.db.tables.messages import tasks
from backend.db.transactions import write
from backend.records.work_list.task_outcomes import FINISHERS, give_task_back
from backend.staff.authentication.login import Desk, log_out
from backend.staff.authentication.sessions import Session, sessions_of


def log_out_and_give_back(desk: Desk, session: Session) -> None:
    """End this session; with a user's last one their tasks are everybody's again."""
    log_out(desk, session)
    now = desk.clock()
    if session.role not in FINISHERS:
        return
    with write(desk.engine) as connection:
        if sessions_of(connection, session.name, now):
            return
        held = (tasks.c.taken_by == session.name, tasks.c.done_at.is_(None))
        for number in connection.scalars(select(tasks.c.number).where(*held)).all():
            give_task_back(connection, number, session.name, now)
