"""What the metrics and the spans call the outcome of a message."""

from messages.campaigns.campaign import Campaign
from messages.delivery.gateway import (
    Accepted,
    Misconfigured,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from messages.delivery.pre_send_check import Denied, Unfit
from telemetry.catalogue import SEGMENTS, SENDS

_OUTCOMES: dict[type, str] = {
    Accepted: "accepted",
    Refused: "refused",
    RetryLater: "later",
    Misconfigured: "misconfigured",
    Unknown: "unknown",
    Denied: "suppressed",
    Unfit: "unfit",
    type(None): "lost",
}


def name_of(outcome: Outcome | Denied | Unfit | None) -> str:
    """Its name; of none, because the row was no longer ours, too."""
    return _OUTCOMES[type(outcome)]


def count_outcome(outcome: Outcome | Denied | Unfit | None, campaign: Campaign) -> None:
    """Count it, and the segments of what the carrier has taken."""
    SENDS.count(name_of(outcome))
    if isinstance(outcome, Accepted):
        SEGMENTS.count(by=campaign.segments)
