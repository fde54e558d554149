"""Making a campaign: the text that everybody will get, and its recipients."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from sqlalchemy import Connection, Engine, insert

from backend.db.tables.messages import campaigns, outbox
from backend.db.transactions import write
from backend.desks import Desks
from backend.interface.codes import Scope
from backend.staff.api_access.api_keys import require_role_or_scope
from backend.staff.audit import record_act
from common.csv_files.reading import Progress
from common.error_codes import ErrorCode
from common.errors import CampaignError, TemplateRefusedError
from common.phone_numbers import holds_telephone_number
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.lifecycle import SENDERS, Actor
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.selection import Selection, selected
from messages.campaigns.recipients.source import Source
from messages.campaigns.template_library import (
    StoredTemplate,
    find_template,
    look_up_template,
)
from messages.content.checks import check_message
from messages.content.desk_facts import DeskFacts
from messages.content.gsm_encoding import Saving, cost, soft_saving
from messages.content.render import render
from messages.content.report import explain

Spelling = Literal["soft", "accented"]

LATELY = timedelta(days=30)
"""The same text within this time is worth a warning."""
MOST_IN_NAME = 100
_ID_SIGNS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""No vowels and nothing that looks alike: an id is read out over the desk, and is no word."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent: the stored template, the desk's facts and the form of the letters.

    ``starts_at`` is the author's wish; who starts the approved campaign schedules it for then.
    """

    name: str
    template: StoredTemplate
    facts: DeskFacts
    spelling: Spelling = "soft"
    starts_at: datetime | None = None

    def message(self) -> str:
        """The text as everybody gets it. Raises ``TemplateRefusedError``."""
        saving = self.saving()
        text = (
            saving.soft_text if self.spelling == "soft" else render(self.template.text, self.facts)
        )
        findings = check_message(
            text, self.facts, kind=self.template.kind, allowed_numbers=self.template.lines
        )
        if findings:
            raise TemplateRefusedError(explain(text, findings), findings=tuple(findings))
        return text

    def saving(self) -> Saving:
        """What the text costs as written and in GSM-7 spelling."""
        return soft_saving(render(self.template.text, self.facts))


def draft_from(
    connection: Connection, desks: Desks, name: str, template: str, spelling: Spelling
) -> Draft:
    """A draft of a template's newest version, with the contacts of the desk that it names.

    Raises ``RecordsError`` for a template that there is not.
    """
    stored = look_up_template(connection, template)
    return Draft(name, stored, desk_facts(desks, stored.kind), spelling)


def soft_or_accented(campaign: Campaign) -> Spelling:
    """The spelling in which a campaign's text stands: as it is, or changed to fit GSM-7."""
    return "soft" if soft_saving(campaign.message).soft_text == campaign.message else "accented"


@dataclass(frozen=True, slots=True)
class Created:
    """A new draft; ``reminded_lately`` recipients got exactly this text within 30 days."""

    campaign: Campaign
    selection: Selection
    reminded_lately: int


def create(
    engine: Engine,
    draft: Draft,
    source: Source,
    policy: SendingPolicy,
    actor: Actor,
    rng: Random,
    progress: Progress = lambda _name, _done, _total: None,
    begin: Callable[[Connection], str] | None = None,
    end: Callable[[Connection, str, Selection], None] = lambda _connection, _id, _selection: None,
) -> Created:
    """Store a draft with all its recipients and exclusions in one transaction, or nothing.

    ``begin`` is called first in that transaction and gives the id, where that was drawn before;
    ``end`` is told of the id when the campaign's row is written.
    Raises ``UserError``, ``CampaignError`` for a name that cannot be one,
    ``TemplateRefusedError``, ``RecipientsRefusedError``.
    """
    with write(engine) as connection:
        require_role_or_scope(connection, actor.by, SENDERS, Scope.CAMPAIGNS_WRITE)
    check_name(draft.name)
    message = draft.message()
    kind = draft.template.kind.value
    with selected(engine, source, policy, actor.now, progress, kind=kind) as selection:
        lately = selection.reminded_with(message, actor.now - LATELY)

        def write_campaign(connection: Connection) -> str:
            drawn = new_campaign_id(rng) if begin is None else begin(connection)
            # A shipped text is stored with the first campaign that uses it.
            find_template(connection, draft.template.name, draft.template.version, now=actor.now)
            row = row_of(drawn, draft, message, actor) | {
                "source": selection.name,
                "source_rows": selection.rows,
                "recipients": selection.recipients,
                "state": "draft",
                "starts_at": draft.starts_at,
            }
            connection.execute(insert(campaigns), row)
            record_act(connection, actor.by, "campaign create", drawn, draft.name, actor.now)
            end(connection, drawn, selection)
            return drawn

        stored = selection.store(write_campaign)
    with engine.connect() as connection:
        return Created(find_campaign(connection, stored), selection, lately)


def check_name(name: str) -> None:
    """Refuse a campaign's name that is empty, not one line, or holds a telephone number.

    Names are shown in lists and kept longer than numbers are. Raises ``CampaignError``.
    """
    if not name.strip():
        raise CampaignError(
            "The campaign's name is empty. Write what staff call it.",
            code=ErrorCode.CAMPAIGN_NAME_EMPTY,
        )
    if not name.isprintable():
        raise CampaignError(
            "The campaign's name is not one line of signs that can be shown. Write it on one line.",
            code=ErrorCode.CAMPAIGN_NAME_UNPRINTABLE,
        )
    if len(name) > MOST_IN_NAME:
        raise CampaignError(
            f"The campaign's name has {len(name)} characters. Write at most {MOST_IN_NAME}.",
            code=ErrorCode.CAMPAIGN_NAME_LONG,
            most=MOST_IN_NAME,
        )
    if holds_telephone_number(name):
        raise CampaignError(
            "The campaign's name holds what reads as a telephone number. Name it without: names "
            "are kept for good.",
            code=ErrorCode.CAMPAIGN_NAME_HOLDS_NUMBER,
        )


def create_running_campaign(
    connection: Connection,
    about: Mapping[str, object],
    numbers: Sequence[str],
    actor: Actor,
    rng: Random,
    *,
    customer_id: str | None = None,
    starts_at: datetime | None = None,
) -> str:
    """Make a small campaign that runs from its first moment on, or from ``starts_at``; its id.

    ``about`` is its name, text and source, ``customer_id`` whose record the text must hold nothing
    of (CO-12). Whoever calls this answers for that it needs no approval.
    """
    campaign_id = str(about.get("campaign_id") or new_campaign_id(rng))
    row = {
        **about,
        "campaign_id": campaign_id,
        "state": "running" if starts_at is None else "scheduled",
        "source_rows": len(numbers),
        "recipients": len(numbers),
        "created_at": actor.now,
        "created_by": actor.by,
        "starts_at": starts_at,
        "started_at": actor.now if starts_at is None else None,
    }
    connection.execute(insert(campaigns), row)
    to = [
        {"campaign_id": campaign_id, "line": line, "phone": phone, "customer_id": customer_id}
        for line, phone in enumerate(numbers, 1)
    ]
    connection.execute(insert(outbox), to)
    return campaign_id


def row_of(campaign_id: str, draft: Draft, message: str, actor: Actor) -> dict[str, object]:
    """What the row of a draft's campaign holds, but for its source and state."""
    return about_text(draft.template, message) | {
        "campaign_id": campaign_id,
        "name": draft.name,
        "created_at": actor.now,
        "created_by": actor.by,
    }


def about_text(stored: StoredTemplate, message: str) -> dict[str, object]:
    """What the row of a campaign holds of its text, after which it is called."""
    return {
        "name": stored.name,
        "kind": stored.kind.value,
        "template": stored.name,
        "template_version": stored.version,
        "message": message,
        "segments": cost(message).segments,
    }


def new_campaign_id(rng: Random) -> str:
    """An id that is drawn, not counted: it tells nobody how many campaigns there are."""
    return "".join(rng.choice(_ID_SIGNS) for _ in range(8))
