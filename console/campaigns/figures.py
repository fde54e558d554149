"""A campaign's figures for its page and the list, counted once for all who look."""

from sqlalchemy import Connection

from console.web.memo import Memo
from console.web.pages import PollBlock, poll_block
from console.web.parts import parts
from console.web.words import _, word
from console.web.written import percent
from messages.campaigns.campaign import Campaign
from messages.campaigns.progress import Progress, progress_of

GOING = ("scheduled", "running")
STEP_SECONDS = 3
OPEN_SECONDS = 30
_GOING, _SETTLED = Memo(seconds=2), Memo(seconds=60)


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


def poll_seconds(campaign: Campaign, figures: Progress) -> int | None:
    """How often its page asks again; ``None`` when nothing will change by itself."""
    if campaign.state in GOING:
        return STEP_SECONDS
    return OPEN_SECONDS if figures.states["unknown"] or figures.states["claimed"] else None


def figures_block(campaign: Campaign, figures: Progress, url: str) -> PollBlock:
    """The polled region of a campaign's page."""
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
