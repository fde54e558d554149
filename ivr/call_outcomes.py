"""Call outcomes, derived from where the path ends."""

from backend.calls.call_ends import BEFORE_CONFIRM
from backend.interface.place import Place

AFTER_INFORMATION = frozenset({"navigation.info", "navigation.rest", "navigation.told"})
"""What is asked behind a part of an item: who hangs up there has heard what it says."""


def outcome_of(place: str) -> str:
    """Say how a call ended from the last place in its path, for statistics by meaning."""
    _, step, prompt = Place.parse(place)
    match step:
        case "end":
            return "talked" if prompt == "talked" else "completed"
        case "dial":
            return "abandoned_in_transfer"
        case "confirm":
            return BEFORE_CONFIRM
        case "ask" if prompt == "form.after":
            return "completed"
        case "ask" if prompt in AFTER_INFORMATION:
            return "informed"
        case _:
            return "abandoned"
