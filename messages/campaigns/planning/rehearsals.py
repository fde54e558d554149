"""Rehearsals: a text on the telephones of colleagues, before anybody else gets it."""

from collections.abc import Iterable, Mapping
from random import Random

from sqlalchemy import Connection

from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import CampaignError
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.lifecycle import SENDERS, STARTERS, Actor
from messages.campaigns.planning.drafting import (
    Draft,
    check_name,
    create_running_campaign,
    new_campaign_id,
    row_of,
)
from messages.campaigns.template_library import find_template

MOST_REHEARSED = 5


def rehearse(
    connection: Connection, campaign_id: str, phones: Iterable[str], actor: Actor, rng: Random
) -> Campaign:
    """Send a campaign's text to phones of staff, on the same path and at any hour.

    It is a small campaign of its own that runs at once; it counts in no limit and needs no
    approval, because it reaches nobody but colleagues. Raises ``CampaignError``.
    """
    require_role(connection, actor.by, *STARTERS)
    original = find_campaign(connection, campaign_id)
    if original.is_asked_for:
        raise CampaignError(
            f"Campaign {campaign_id} is a single text that a caller asked for; there is nothing to "
            "rehearse. Rehearse a draft.",
            code=ErrorCode.REHEARSAL_OF_SINGLE_TEXT,
            id=campaign_id,
        )
    rehearsal_id = _rehearse(
        connection,
        {
            "name": f"rehearsal: {original.name}",
            "kind": original.kind.value,
            "template": original.template,
            "template_version": original.template_version,
            "message": original.message,
            "segments": original.segments,
            "rehearsal_of": campaign_id,
        },
        phones,
        actor,
        rng,
    )
    record_act(connection, actor.by, "campaign rehearse", campaign_id, rehearsal_id, actor.now)
    return find_campaign(connection, rehearsal_id)


def rehearse_draft(
    connection: Connection, draft: Draft, phones: Iterable[str], actor: Actor, rng: Random
) -> Campaign:
    """Send the text of what is not a campaign yet to phones of staff; it rehearses itself.

    Raises ``UserError``, ``CampaignError``, ``TemplateRefusedError``.
    """
    require_role(connection, actor.by, *SENDERS)
    check_name(draft.name)
    message = draft.message()
    stored = draft.template
    find_template(connection, stored.name, stored.version, now=actor.now)
    rehearsal_id = new_campaign_id(rng)
    about = row_of(rehearsal_id, draft, message, actor)
    about |= {"name": f"rehearsal: {draft.name}", "rehearsal_of": rehearsal_id}
    _rehearse(connection, about, phones, actor, rng)
    record_act(connection, actor.by, "campaign rehearse", rehearsal_id, None, actor.now)
    return find_campaign(connection, rehearsal_id)


def _rehearse(
    connection: Connection,
    about: Mapping[str, object],
    phones: Iterable[str],
    actor: Actor,
    rng: Random,
) -> str:
    numbers = list(dict.fromkeys(phones))
    if not 0 < len(numbers) <= MOST_REHEARSED:
        raise CampaignError(
            f"A rehearsal goes to 1 to {MOST_REHEARSED} telephones, not to {len(numbers)}. Name "
            "fewer colleagues.",
            code=ErrorCode.REHEARSAL_SIZE,
            most=MOST_REHEARSED,
        )
    return create_running_campaign(connection, {"source": "staff", **about}, numbers, actor, rng)
