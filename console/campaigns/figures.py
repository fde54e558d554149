"""A campaign's figures for its page and the list, counted once for all who look."""

from collections.abc import Sequence

from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from common.errors import NoSuchCampaignError
from console.web.memo import Memo
from console.web.pages import PollBlock, poll_block
from console.web.parts import parts, reading
from console.web.words import _, word
from console.web.written import percent
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.counting import count_delivered
from messages.campaigns.progress import Progress, progress_of

GOING = ("scheduled", "running")
STEP_SECONDS = 3
OPEN_SECONDS = 30
_GOING, _SETTLED, _SEEN = Memo(seconds=2), Memo(seconds=60), Memo(seconds=2)
_LISTED = Memo(seconds=5)


def figures_of(connection: Connection, campaign: Campaign, *, fresh: bool = False) -> Progress:
    """The figures, which may be two seconds old, of a campaign at rest a minute.

    Counting groups the whole outbox of a campaign: not once for each of thirty who look.
    """
    now = parts().clock()
    memo = _GOING if campaign.state in GOING else _SETTLED
    return memo.get(
        (parts().engine, campaign.campaign_id, campaign.state),
        now,
        lambda: progress_of(connection, campaign, parts().policy, parts().calendar, now),
        fresh=fresh,
    )


def found_campaign(connection: Connection, campaign_id: str) -> Campaign:
    """The campaign of that id. Raises ``NotFound``."""
    try:
        return find_campaign(connection, campaign_id)
    except NoSuchCampaignError as error:
        raise NotFound from error


def seen(campaign_id: str) -> tuple[Campaign, Progress]:
    """A campaign and its figures as polls tell them: looked up once in two seconds for all.

    Raises ``NotFound``.
    """

    def look_up() -> tuple[Campaign, Progress]:
        with reading() as connection:
            campaign = found_campaign(connection, campaign_id)
            return campaign, figures_of(connection, campaign)

    return _SEEN.get((parts().engine, campaign_id), parts().clock(), look_up)


def delivered_of(connection: Connection, campaigns: Sequence[Campaign]) -> dict[str, int]:
    """How many messages of each have arrived, for a list; may be some seconds old."""
    ids = tuple(each.campaign_id for each in campaigns)
    key, now = (parts().engine, ids), parts().clock()
    return _LISTED.get(key, now, lambda: count_delivered(connection, ids))


def counted_now(connection: Connection, campaign: Campaign) -> Progress:
    """The figures counted anew for a page; polls go on from here."""
    figures = figures_of(connection, campaign, fresh=True)
    now = parts().clock()
    key = (parts().engine, campaign.campaign_id)
    _SEEN.get(key, now, lambda: (campaign, figures), fresh=True)
    return figures


def poll_seconds(campaign: Campaign, figures: Progress) -> int | None:
    """How often its page asks again; ``None`` when nothing will change by itself."""
    if campaign.state in GOING:
        return STEP_SECONDS
    return OPEN_SECONDS if figures.states["unknown"] or figures.states["claimed"] else None


def figures_block(campaign: Campaign, figures: Progress, url: str) -> PollBlock:
    state = word("campaign state", campaign.state)
    share = percent(figures.begun, figures.recipients)
    return poll_block(
        "figures",
        url,
        poll_seconds(campaign, figures),
        "campaigns/_figures.html",
        campaign=campaign,
        figures=figures,
        states=_shown(figures),
        share=share,
        now=parts().clock(),
        heading=f"{share} – {campaign.name}" if campaign.state in GOING else campaign.name,
        said=_("%(name)s: %(state)s", name=campaign.name, state=state)
        + (f", {_quarter(figures)}%" if campaign.state in GOING else ""),
    )


_ORDER = (
    "delivered", "sent", "accepted", "unknown", "failed", "suppressed", "claimed", "cancelled",
    "queued",
)  # fmt: skip
_ALWAYS = ("delivered", "sent", "accepted", "unknown", "failed", "suppressed", "queued")


def _shown(figures: Progress) -> list[tuple[str, int]]:
    """The states that add up to the recipients; the rare ones only where somebody is in them."""
    return [(s, figures.states[s]) for s in _ORDER if s in _ALWAYS or figures.states[s]]


def _quarter(figures: Progress) -> int:
    return 25 * (4 * figures.begun // figures.recipients) if figures.recipients else 0
