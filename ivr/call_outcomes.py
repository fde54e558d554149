"""Call outcomes, derived from where the path ends."""

from backend.interface.codes import CallOutcome
from backend.interface.place import Place

AFTER_INFORMATION = frozenset({"navigation.info", "navigation.rest", "navigation.told"})
"""What is asked behind a part of an item: who hangs up there has heard what it says."""


def outcome_of(place: str) -> CallOutcome:
    """Say how a call ended from the last place in its path, for statistics by meaning."""
    _, step, prompt = Place.parse(place)
    match step:
        case "end":
            return CallOutcome.TALKED if prompt == "talked" else CallOutcome.COMPLETED
        case "dial":
            return CallOutcome.ABANDONED_IN_TRANSFER
        case "confirm":
            return CallOutcome.ABANDONED_BEFORE_CONFIRM
        case "ask" if prompt == "form.after":
            return CallOutcome.COMPLETED
        case "ask" if prompt in AFTER_INFORMATION:
            return CallOutcome.INFORMED
        case _:
            return CallOutcome.ABANDONED
