"""Planned campaigns: what the draft of one holds, and whether its list was judged as it stands.

A plan is kept as a draft of its author (``backend/staff/drafts.py``) until a worker makes a
campaign of it. Its list is judged by a job, for the figures only; making the campaign judges anew.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Literal, get_args

from sqlalchemy import Connection

from backend.desks import Desks
from backend.interface.codes import JobKind, MessageKind
from backend.staff.background_jobs.jobs import Job, add_job, find_job
from backend.staff.background_jobs.stored_files import discard_file, file_name
from backend.staff.drafts import StoredDraft, begin_draft, drafts_of, save_draft, take_draft
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import CampaignError, RecordsError, TemplateRefusedError
from common.phone_numbers import holds_telephone_number
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.lifecycle import SENDERS, Actor
from messages.campaigns.planning.drafting import Draft, Spelling, check_name, new_campaign_id
from messages.campaigns.planning.judged_lists import discard_judged
from messages.campaigns.template_library import look_up_template

SourceKind = Literal["file", "register", "former"]
SOURCE_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
DAYS_OVERDUE = 30
"""Proposed for a list from the debt register."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned campaign as its draft has it; what is not chosen yet is ``None``."""

    draft: StoredDraft

    @property
    def name(self) -> str:
        return str(self.draft.data.get("name", ""))

    @property
    def source(self) -> SourceKind | None:
        chosen = self.draft.data.get("source")
        return chosen if chosen in SOURCE_KINDS else None

    @property
    def days_overdue(self) -> int:
        """Of a list from the debt register: since how many days at least a debt is overdue."""
        return int(self.draft.data.get("days", DAYS_OVERDUE))

    @property
    def template(self) -> str | None:
        return self.draft.data.get("template")

    @property
    def spelling(self) -> Spelling:
        """As it is written, or economical."""
        return "accented" if self.draft.data.get("spelling") == "accented" else "soft"

    @property
    def starts_at(self) -> datetime | None:
        """The wish of its author; ``None``: as soon as it is approved and started."""
        written = self.draft.data.get("starts_at")
        return datetime.fromisoformat(written) if written else None

    def typed(self, step: str) -> Mapping[str, str]:
        """What its author has typed in a step and not gone on with, field by field."""
        found: Mapping[str, str] = self.draft.data.get("typed", {}).get(step, {})
        return found

    @property
    def is_half_typed(self) -> bool:
        """Whether there is such a step."""
        return any(self.draft.data.get("typed", {}).values())

    def get(self, name: str) -> Any:
        """Anything else that the draft holds: ``reason``, ``returned_by``, ``file``, ``job`` …"""
        return self.draft.data.get(name)

    def source_data(self) -> dict[str, Any]:
        """What a worker has to know to find the recipients."""
        match self.source:
            case "file":
                return {"source": "file", "file": self.get("file"), "by": self.draft.by}
            case "register":
                return {"source": "register", "days": self.days_overdue}
            case "former":
                return {"source": "former", "former": self.get("former")}
            case _:
                return {}


def begin_plan(
    connection: Connection, actor: Actor, rng: Random, data: Mapping[str, Any] | None = None
) -> str:
    """Begin to plan a campaign; the draft's id. Raises ``UserError``."""
    require_role(connection, actor.by, *SENDERS)
    step = "who" if data is None or "template" not in data else "check"
    return begin_draft(connection, "campaign", actor.by, step, data or {}, actor.now, rng)


def plans_of(connection: Connection, by: str) -> list[Plan]:
    """What that user has planned and not sent on, the latest first."""
    return [Plan(draft) for draft in drafts_of(connection, by, "campaign")]


def change_plan(
    connection: Connection, plan: Plan, step: str, changed: Mapping[str, Any], actor: Actor
) -> Plan:
    """Save what a step has asked; a campaign that was to be made of it as it was is not made.

    Raises ``DraftError`` when it was saved elsewhere meanwhile, ``CampaignError`` for a name that
    cannot be one.
    """
    require_role(connection, actor.by, *SENDERS)
    if "name" in changed:
        check_name(str(changed["name"]))
    former_file = plan.get("file")
    if former_file and changed.get("file", former_file) != former_file:
        discard_file(connection, former_file)
    withdrawn = {"making": None, "campaign": None} if plan.get("making") else {}
    typed = {**plan.draft.data.get("typed", {}), step: {}}
    changed = {**changed, **withdrawn, "typed": typed}
    return Plan(save_draft(connection, plan.draft, step, changed, actor.now))


def keep_typed(
    connection: Connection, plan: Plan, step: str, typed: Mapping[str, str], actor: Actor
) -> Plan:
    """Keep what is being typed in a step; the plan is as it was until its author goes on.

    Raises ``DraftError`` when it was saved elsewhere meanwhile, ``CampaignError`` for a name that
    holds a telephone number, which no draft keeps.
    """
    require_role(connection, actor.by, *SENDERS)
    if holds_telephone_number(typed.get("name", "")):
        raise CampaignError(
            "A draft keeps no telephone number.", code=ErrorCode.CAMPAIGN_NAME_HOLDS_NUMBER
        )
    if plan.typed(step) == typed:
        return plan
    kept = {"typed": {**plan.draft.data.get("typed", {}), step: dict(typed)}}
    return Plan(save_draft(connection, plan.draft, plan.draft.step, kept, actor.now))


def discard_plan(connection: Connection, plan: Plan, actor: Actor) -> None:
    """Throw a plan away, with the list that was loaded for it; no campaign is made of it.

    Raises ``DraftError`` when it is a campaign already.
    """
    require_role(connection, actor.by, *SENDERS)
    if plan.get("file"):
        discard_file(connection, plan.get("file"))
    discard_judged(connection, judging_of(connection, plan))
    take_draft(connection, plan.draft.draft_id)


def planned_text(connection: Connection, desks: Desks, plan: Plan) -> Draft:
    """The text of a plan with the facts of its desk. Raises ``RecordsError`` without a template."""
    if plan.template is None:
        raise CampaignError("Choose a text.", code=ErrorCode.TEXT_NOT_CHOSEN)
    stored = look_up_template(connection, plan.template)
    facts = desk_facts(desks, stored.kind)
    return Draft(plan.name, stored, facts, plan.spelling, plan.starts_at)


def let_judge(
    connection: Connection,
    desks: Desks,
    plan: Plan,
    actor: Actor,
    rng: Random,
    *,
    anew: bool = False,
) -> Plan:
    """Have the list judged, unless it was for the same source and text; the plan with its job.

    What has failed is done again. ``anew``: whatever was judged before. Raises ``CampaignError``
    when there is no source, or the file that was loaded is gone.
    """
    require_role(connection, actor.by, *SENDERS)
    if plan.source is None:
        raise CampaignError("Choose the recipients.", code=ErrorCode.RECIPIENTS_NOT_CHOSEN)
    if plan.source == "file" and not file_name(connection, str(plan.get("file")), actor.by):
        raise file_is_gone()
    data = {**plan.source_data(), **_text_data(connection, desks, plan)}
    key = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    former = judging_of(connection, plan)
    is_judged = plan.get("judged") == key and former is not None and former.state != "failed"
    if is_judged and not anew:
        return plan
    discard_judged(connection, former)
    job = add_job(connection, JobKind.JUDGE, actor.by, data, actor.now, rng)
    judged = {"job": job, "judged": key}
    return Plan(save_draft(connection, plan.draft, plan.draft.step, judged, actor.now))


def file_is_gone() -> CampaignError:
    """What to raise where the list of a plan is not kept any more."""
    return CampaignError(
        "The list was deleted a day after it was loaded. Load it again.", code=ErrorCode.FILE_GONE
    )


def judging_of(connection: Connection, plan: Plan) -> Job | None:
    """The last job that judged the plan's list, or is at it."""
    return find_job(connection, plan.get("job"), plan.draft.by)


def making_of(connection: Connection, plan: Plan) -> Job | None:
    """The last job that was to make a campaign of the plan as it stands."""
    return find_job(connection, plan.get("making"), plan.draft.by)


def submit_plan(
    connection: Connection, desks: Desks, plan: Plan, actor: Actor, rng: Random
) -> Plan:
    """Have a worker make the campaign, once; its id is drawn now and stands in the job's data.

    Raises ``TemplateRefusedError``, ``CampaignError``, and ``DraftError`` when it was changed since
    it was looked over.
    """
    require_role(connection, actor.by, *SENDERS)
    making = making_of(connection, plan)
    if making is not None and not making.is_over:
        return plan
    check_name(plan.name)
    text = planned_text(connection, desks, plan)
    text.message()
    data = {
        **plan.source_data(),
        "draft": plan.draft.draft_id,
        "campaign": new_campaign_id(rng),
        "name": plan.name,
        "template": text.template.name,
        "version": text.template.version,
        "spelling": plan.spelling,
        "starts_at": plan.get("starts_at"),
    }
    job = add_job(connection, JobKind.CREATE, actor.by, data, actor.now, rng)
    made = {"making": job, "campaign": data["campaign"]}
    return Plan(save_draft(connection, plan.draft, "check", made, actor.now))


def _text_data(connection: Connection, desks: Desks, plan: Plan) -> dict[str, Any]:
    """Kind and message; without a text that may be sent the limits of reminders are judged."""
    try:
        text = planned_text(connection, desks, plan)
        return {"kind": text.template.kind.value, "message": text.message()}
    except (RecordsError, TemplateRefusedError):
        return {"kind": MessageKind.DEBT.value, "message": None}
