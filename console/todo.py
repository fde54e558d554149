"""What waits for a user, what is being sent, what needs a look, and how the line does.

What is the same for everybody is counted once in some seconds by each process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from flask import url_for
from sqlalchemy import Connection

from backend.calls.call_statistics import AgentTimes, statistics
from backend.interface.codes import CampaignState
from backend.records.notices.service_notices import open_notices
from backend.records.work_list.task_list import count_held_tasks, count_open_tasks
from backend.records.work_list.task_notes import tasks_with_notes
from backend.staff.users import is_same_user
from common.timezone import BUDAPEST, in_budapest
from console.campaigns.figures import figures_of
from console.campaigns.plan_views import address_of_plan
from console.campaigns.text_drafts import begun_texts
from console.exports import own_exports
from console.web.access import may, signed
from console.web.memo import Memo
from console.web.parts import parts
from console.web.refusals import job_refusal
from console.web.words import N_, _
from console.web.written import number
from messages.campaigns.campaign import Campaign, page_of_campaigns
from messages.campaigns.planning.judged_lists import figures_of as counted
from messages.campaigns.planning.judged_lists import has_faults
from messages.campaigns.planning.plans import Plan, judging_of, making_of, plans_of
from messages.campaigns.progress import Progress

_LINE, _LISTS, _TASKS = Memo(seconds=15), Memo(seconds=5), Memo(seconds=5)


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of today, and the notices that callers hear now."""

    calls: int
    agent: AgentTimes | None
    notices: int


@dataclass(frozen=True, slots=True)
class _Lists:
    drafts: Sequence[Campaign]
    running: Sequence[Campaign]
    paused: Sequence[Campaign]


@dataclass(frozen=True, slots=True)
class ToDo:
    """What this user may deal with; ``drafts`` are words and addresses of what they have begun,
    ``exports`` of the long lists that they have asked for.

    ``held`` are the tasks that they have taken, ``tasks`` all that are open.
    """

    to_approve: Sequence[Campaign]
    tasks: int
    oldest: datetime | None
    held: int
    drafts: Sequence[tuple[str, str]]
    exports: Sequence[tuple[str, str]]
    running: Sequence[Campaign]
    progress: Mapping[str, Progress]
    paused: Sequence[Campaign]
    line: Line

    @property
    def is_nothing(self) -> bool:
        mine = self.to_approve or self.tasks or self.drafts or self.exports
        return not (mine or self.running or self.paused)

    @property
    def lines(self) -> list[str]:
        """What there is a line of, to tell whether a line has come or gone.

        Drafts are left out: they come and go by the user's own hand.
        """
        named = (*self.to_approve, *self.running, *self.paused)
        return [
            *(f"{each.campaign_id} {each.state}" for each in named),
            *(["tasks"] if self.tasks else []),
            *(["held"] if self.held else []),
        ]


def gather(connection: Connection, *, fresh: bool = False) -> ToDo:
    """Look it up; ``fresh`` lists for a page, some seconds old ones without drafts for a poll."""
    now, engine = parts().clock(), parts().engine
    lists = _LISTS.get(engine, now, lambda: _lists(connection), fresh=fresh)
    answers = may("task.answer")
    tasks, oldest = open_tasks(connection, fresh=fresh)
    return ToDo(
        to_approve=_approvable(lists.drafts),
        tasks=tasks if answers else 0,
        oldest=oldest,
        held=count_held_tasks(connection, signed().name, now) if answers else 0,
        drafts=_drafts(connection) if fresh else (),
        exports=own_exports(connection) if fresh and may("export") else (),
        running=lists.running,
        progress={each.campaign_id: figures_of(connection, each) for each in lists.running},
        paused=lists.paused if may("campaign.run") else [],
        line=_LINE.get(engine, now, lambda: _line(connection, now)),
    )


def open_tasks(connection: Connection, *, fresh: bool) -> tuple[int, datetime | None]:
    """How many tasks are open, and since when the oldest."""
    now, engine = parts().clock(), parts().engine
    return _TASKS.get(engine, now, lambda: count_open_tasks(connection), fresh=fresh)


def _lists(connection: Connection) -> _Lists:
    return _Lists(
        drafts=page_of_campaigns(connection, state=CampaignState.DRAFT),
        running=page_of_campaigns(connection, state=CampaignState.RUNNING),
        # A reply that rests would otherwise be seen by nobody.
        paused=page_of_campaigns(connection, state=CampaignState.PAUSED, single=True),
    )


def _line(connection: Connection, now: datetime) -> Line:
    midnight = datetime.combine(in_budapest(now).date(), time(), BUDAPEST)
    today = statistics(connection, midnight, now)
    return Line(today.calls, today.agent, len(open_notices(connection, now)))


def _approvable(drafts: Sequence[Campaign]) -> list[Campaign]:
    """Drafts that this user may approve: neither campaign nor text is their own."""
    if not may("campaign.approve"):
        return []
    me = signed().name
    return [each for each in drafts if not any(is_same_user(author, me) for author in each.authors)]


def _drafts(connection: Connection) -> list[tuple[str, str]]:
    found = []
    if may("campaign.make"):
        words = N_("Draft of a campaign: %(name)s – go on")
        for plan in plans_of(connection, signed().name):
            name = plan.name or _("without a name")
            told = " · ".join(filter(None, (_(words, name=name), _list_of(connection, plan))))
            found.append((told, address_of_plan(plan)))
    if may("template.write"):
        words = N_("Draft of a template: %(name)s – go on")
        found += [(_(words, name=name), url) for name, url in begun_texts()]
    if may("task.answer"):
        words = N_("Task %(number)s: a note that you have begun – go on")
        for task in tasks_with_notes(connection, signed().name, parts().clock()):
            found.append((_(words, number=task), url_for("inbox.task", number=task)))
    return found


def _list_of(connection: Connection, plan: Plan) -> str:
    """Where a planned campaign stands with the worker, and what to do when that failed."""
    making, job = making_of(connection, plan), judging_of(connection, plan)
    if making is not None and making.state == "failed":
        return f"{_('The campaign was not made.')} {job_refusal(making)}"
    if job is None:
        return ""
    figures = counted(job)
    if figures is not None:
        return _("the list is read: %(n)s recipients", n=number(figures.recipients))
    if not job.is_over:
        return _("the list is being read")
    return _("the list has faults") if has_faults(job) else job_refusal(job)
