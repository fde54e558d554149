"""The whole past, in the order in which others wait for it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from cli.history.calls import make_calls
from cli.history.messages import make_messages
from cli.history.planned_calls import PlannedCall
from cli.history.service import past_service
from settings import Settings


def make_past(
    settings: Settings,
    folder: Path,
    now: datetime,
    planned: Iterable[PlannedCall],
    messages_are_made: Callable[[], None] = lambda: None,
) -> int:
    """Make the messages and then the planned calls; how many calls there were.

    Lists of recipients are written to ``folder``.
    """
    with past_service(settings, now) as service:
        make_messages(service, folder, now)
        messages_are_made()
        return make_calls(service, planned)
