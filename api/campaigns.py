"""Campaigns: another system drafts and watches them; a person approves and starts them."""

from datetime import date, datetime

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.models import MOST_ROWS, Body, Line, PageQuery, Phone
from api.operations import Nothing, Operation
from api.parts import Call
from backend.interface.codes import CampaignState, MessageKind, Scope
from messages.campaigns.campaign import Campaign, find_campaign_to_many, page_after
from messages.campaigns.counting import count
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import Spelling, create, draft_from
from messages.campaigns.recipients.selection import Selection
from messages.campaigns.recipients.source import DebtRegister, RecipientRows


class Recipient(Body):
    """A case, and the number to write to where it is not the case's own."""

    case_id: Line
    phone: Phone | None = None


class Cases(Body):
    """These cases."""

    cases: list[Recipient] = Field(min_length=1, max_length=MOST_ROWS)


class OverdueSince(Body):
    """Of the register: all debts, or what was overdue before that day began."""

    overdue_before: date | None = None


class Register(Body):
    """All of the debt register."""

    debt_register: OverdueSince


class NewCampaign(Body):
    """A campaign to be drafted; its text is the newest version of the template."""

    name: Line = Field(description="What staff call it; no telephone number.")
    template: Line
    spelling: Spelling = "soft"
    recipients: Cases | Register


class Drafted(BaseModel):
    """A draft that waits for a person's approval; who is left out is counted by reason."""

    id: str
    state: CampaignState
    rows: int
    recipients: int
    excluded: dict[str, int]


class CampaignShown(BaseModel):
    """A campaign as it stands now."""

    id: str
    name: str
    kind: MessageKind
    state: CampaignState
    template: str
    template_version: int
    message: str
    segments: int
    rows: int
    recipients: int
    created_at: datetime
    approved_at: datetime | None
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    paused_for: str | None


class CampaignCounted(CampaignShown):
    """A campaign with what has become of its rows: ``states`` adds up to ``recipients``."""

    states: dict[str, int]
    excluded: dict[str, int]
    suppressed: dict[str, int]
    failed: dict[str, int]


class CampaignsPage(BaseModel):
    """A page of campaigns, the newest first; ``next`` is there when there are more."""

    items: list[CampaignShown]
    next: str | None


def draft(call: Call, asked: NewCampaign) -> Drafted:
    with call.reading() as connection:
        wanted = draft_from(
            connection, call.parts.desks, asked.name, asked.template, asked.spelling
        )

    def keep(connection: Connection, campaign_id: str, selection: Selection) -> None:
        call.keep(connection, _drafted(campaign_id, selection))

    created = create(
        call.parts.engine,
        wanted,
        _source(call, asked),
        call.parts.policy,
        Actor(call.by, call.now),
        call.parts.rng,
        end=keep,
    )
    return _drafted(created.campaign.campaign_id, created.selection)


def list_all(call: Call, asked: PageQuery) -> CampaignsPage:
    with call.reading() as connection:
        found = page_after(connection, asked.after, asked.limit + 1)
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    return CampaignsPage(
        items=[CampaignShown.model_validate(_facts(each)) for each in shown],
        next=shown[-1].campaign_id if more else None,
    )


def watch(call: Call, _asked: Nothing) -> CampaignCounted:
    with call.reading() as connection:
        campaign = find_campaign_to_many(connection, call.path["campaign_id"])
        counts = count(connection, campaign.campaign_id)
    told = {
        "states": dict(counts.states),
        "excluded": dict(counts.excluded),
        "suppressed": dict(counts.suppressed),
        "failed": dict(counts.failed),
    }
    return CampaignCounted.model_validate({**_facts(campaign), **told})


def _source(call: Call, asked: NewCampaign) -> RecipientRows | DebtRegister:
    if isinstance(asked.recipients, Register):
        return DebtRegister(asked.recipients.debt_register.overdue_before)
    rows = tuple((each.case_id, each.phone) for each in asked.recipients.cases)
    return RecipientRows(call.by, rows)


def _drafted(campaign_id: str, selection: Selection) -> Drafted:
    return Drafted(
        id=campaign_id,
        state=CampaignState.DRAFT,
        rows=selection.rows,
        recipients=selection.recipients,
        excluded={str(reason): number for reason, number in selection.excluded.items()},
    )


def _facts(campaign: Campaign) -> dict[str, object]:
    """What may be told of a campaign: no names of staff, and no file of theirs."""
    reason = campaign.pause_reason
    alike = (
        *("name", "kind", "state", "template", "template_version", "message", "segments"),
        *("recipients", "created_at", "approved_at", "starts_at", "started_at", "ended_at"),
    )
    return {
        "id": campaign.campaign_id,
        **{name: getattr(campaign, name) for name in alike},
        "rows": campaign.source_rows,
        "paused_for": None if reason is None else str(reason.code),
    }


OPERATIONS = (
    Operation(
        "POST",
        "/campaigns",
        "draft_campaign",
        draft,
        NewCampaign,
        Drafted,
        (Scope.CAMPAIGNS_WRITE,),
        "Draft a campaign; a person approves it.",
        changes=True,
        status=201,
    ),
    Operation(
        "GET",
        "/campaigns",
        "list_campaigns",
        list_all,
        PageQuery,
        CampaignsPage,
        (Scope.CAMPAIGNS_READ,),
        "List the campaigns, the newest first.",
    ),
    Operation(
        "GET",
        "/campaigns/{campaign_id}",
        "watch_campaign",
        watch,
        Nothing,
        CampaignCounted,
        (Scope.CAMPAIGNS_READ,),
        "Tell how far a campaign is.",
    ),
)
