"""A campaign that its approver gives back: it is cancelled, and its author has a draft again."""

from random import Random

from sqlalchemy import Connection

from backend.staff.api_access.api_keys import is_key
from backend.staff.audit import record_act
from backend.staff.drafts import begin_draft
from backend.staff.users import is_same_user, require_role
from common.error_codes import ErrorCode
from common.errors import CampaignError
from common.phone_numbers import holds_telephone_number
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.lifecycle import APPROVERS, Actor, cancel
from messages.campaigns.planning.drafting import soft_or_accented

MOST_IN_REASON = 500


def give_back(
    connection: Connection, campaign_id: str, reason: str, actor: Actor, rng: Random
) -> Campaign:
    """Cancel a campaign that waits for approval; its author gets a draft with all of it.

    Another system, whose key has made it, gets none: it makes another campaign.

    ``reason`` stands on top of that draft and in the audit log. Raises ``CampaignError`` for a
    reason that is empty, too long or holds a telephone number, and for one's own campaign.
    """
    require_role(connection, actor.by, *APPROVERS)
    campaign = find_campaign(connection, campaign_id, hold=True)
    if is_same_user(campaign.created_by, actor.by):
        raise CampaignError(
            f"{actor.by} has written campaign {campaign_id}: it can be discarded, not given back.",
            code=ErrorCode.CAMPAIGN_OWN,
            id=campaign_id,
            by=actor.by,
        )
    if campaign.state != "draft":
        raise CampaignError(
            f"Campaign {campaign_id} is {campaign.state}: one cannot give it back now.",
            code=ErrorCode.CAMPAIGN_STATE,
            id=campaign_id,
            state=campaign.state,
            act="give back",
            by=actor.by,
        )
    _check_reason(reason)
    cancel(connection, campaign_id, actor)
    record_act(connection, actor.by, "campaign return", campaign_id, reason.strip(), actor.now)
    if not is_key(campaign.created_by):
        data = {**draft_data(campaign), "reason": reason.strip(), "returned_by": actor.by}
        begin_draft(connection, "campaign", campaign.created_by, "check", data, actor.now, rng)
    return find_campaign(connection, campaign_id)


def draft_data(campaign: Campaign, *, with_recipients: bool = True) -> dict[str, object]:
    """What a draft that repeats this campaign holds."""
    data: dict[str, object] = {
        "name": campaign.name,
        "template": campaign.template,
        "spelling": soft_or_accented(campaign),
    }
    if with_recipients:
        data |= {"source": "former", "former": campaign.campaign_id}
    if campaign.starts_at is not None:
        data["starts_at"] = campaign.starts_at.isoformat()
    return data


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise CampaignError("Write why it goes back.", code=ErrorCode.REASON_EMPTY)
    if len(reason) > MOST_IN_REASON:
        raise CampaignError(
            f"The reason has {len(reason)} characters. Write at most {MOST_IN_REASON}.",
            code=ErrorCode.REASON_LONG,
            most=MOST_IN_REASON,
        )
    if holds_telephone_number(reason):
        raise CampaignError(
            "The reason holds what reads as a telephone number. Write it without.",
            code=ErrorCode.REASON_HOLDS_NUMBER,
        )
