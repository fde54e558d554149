"""Call outcomes, derived from where the path ends."""

from backend.calls.call_log import BEFORE_CONFIRM

AFTER_INFORMATION = frozenset({"navigation.info", "navigation.rest", "navigation.told"})
"""What is asked behind a part of an item: who hangs up there has heard what it says."""


def outcome_of(place: str) -> str:
    """Say how a call ended from the last place in its path, for statistics by meaning."""
    _, step, *rest = place.split(" ")
    match step:
        case "end":
            return "talked" if rest == ["talked"] else "completed"
        case "dial":
            return "abandoned_in_transfer"
        case "confirm":
            return BEFORE_CONFIRM
        case "ask" if rest == ["form.after"]:
            return "completed"
        case "ask" if rest and rest[0] in AFTER_INFORMATION:
            return "informed"
        case _:
            return "abandoned"
