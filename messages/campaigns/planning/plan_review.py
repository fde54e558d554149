"""What a plan is looked over for: warnings one may go on with, and what keeps it from going on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from backend.desks import Desks
from backend.interface.codes import CampaignState
from backend.rules.contact_hours import ContactCalendar
from backend.staff.background_jobs.jobs import Job, a_worker_is_there
from backend.staff.background_jobs.stored_files import file_name
from common.errors import RecordsError, TemplateRefusedError
from common.timezone import local_date
from messages.campaigns.campaign import page_of_campaigns
from messages.campaigns.planning.judged_lists import Figures, figures_of
from messages.campaigns.planning.plans import Plan, planned_text
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.progress import ends_at, sending_time


class Warn(StrEnum):
    """What the author should know; the campaign may be made all the same."""

    SAME_TEXT = "same text lately"
    NOT_TODAY = "not done on one day"
    ANOTHER_RUNS = "another campaign runs"
    TIME_PASSED = "time has passed"


class Block(StrEnum):
    """What keeps a plan from being made a campaign."""

    NO_NAME = "no name"
    NO_SOURCE = "no recipients chosen"
    FILE_GONE = "list deleted"
    NOT_JUDGED = "list not read"
    BEING_JUDGED = "list being read"
    LIST_REFUSED = "list refused"
    NOBODY = "nobody left"
    NO_TEXT = "no text chosen"
    TEXT_REFUSED = "text refused"
    NO_WORKER = "no worker"
    NO_HOUR = "no hour permitted"
    HALF_TYPED = "step not saved"


@dataclass(frozen=True, slots=True)
class Review:
    """A plan looked over; ``begins`` and ``ends`` are by the rate limit and the contact hours.

    ``begins`` takes an approval right away for granted.
    """

    warnings: tuple[tuple[Warn, dict[str, Any]], ...]
    blocks: tuple[Block, ...]
    figures: Figures | None
    begins: datetime | None
    lasts: timedelta | None
    ends: datetime | None


def review(
    connection: Connection,
    desks: Desks,
    plan: Plan,
    judging: Job | None,
    policy: SendingPolicy,
    calendar: ContactCalendar,
    now: datetime,
) -> Review:
    figures = figures_of(judging)
    blocks = [*_blocks_of_list(connection, plan, judging, figures)]
    segments = 0
    try:
        text = planned_text(connection, desks, plan)
        text.message()
        saving = text.saving()
        segments = (saving.soft if plan.spelling == "soft" else saving.accented).segments
    except TemplateRefusedError:
        blocks.append(Block.TEXT_REFUSED)
    except RecordsError:
        blocks.append(Block.NO_TEXT)
    if not plan.name.strip():
        blocks.append(Block.NO_NAME)
    if not a_worker_is_there(connection, now):
        blocks.append(Block.NO_WORKER)
    if plan.is_half_typed:
        blocks.append(Block.HALF_TYPED)
    wanted = max(now, plan.starts_at or now)
    begins = policy.contact_hours.next_permitted(wanted, calendar)
    lasts = ends = None
    if begins is None:
        blocks.append(Block.NO_HOUR)
    elif figures is not None and segments:
        lasts = sending_time(figures.recipients, segments, policy)
        ends = ends_at(begins, lasts, policy, calendar)
    warnings = tuple(_warnings(connection, plan, figures, begins, ends, now))
    return Review(warnings, tuple(blocks), figures, begins, lasts, ends)


def _blocks_of_list(
    connection: Connection, plan: Plan, judging: Job | None, figures: Figures | None
) -> list[Block]:
    if plan.source is None:
        return [Block.NO_SOURCE]
    if plan.source == "file" and not file_name(connection, str(plan.get("file")), plan.draft.by):
        return [Block.FILE_GONE]
    if judging is None:
        return [Block.NOT_JUDGED]
    if not judging.is_over:
        return [Block.BEING_JUDGED]
    if figures is None:
        return [Block.LIST_REFUSED]
    return [] if figures.recipients else [Block.NOBODY]


def _warnings(
    connection: Connection,
    plan: Plan,
    figures: Figures | None,
    begins: datetime | None,
    ends: datetime | None,
    now: datetime,
) -> list[tuple[Warn, dict[str, Any]]]:
    found: list[tuple[Warn, dict[str, Any]]] = []
    if figures is not None and figures.lately:
        found.append((Warn.SAME_TEXT, {"n": figures.lately}))
    if begins and ends and local_date(begins) != local_date(ends):
        found.append((Warn.NOT_TODAY, {"ends": ends}))
    running = page_of_campaigns(connection, state=CampaignState.RUNNING)
    if running:
        found.append((Warn.ANOTHER_RUNS, {"name": running[0].name}))
    if plan.starts_at is not None and plan.starts_at < now:
        found.append((Warn.TIME_PASSED, {}))
    return found
