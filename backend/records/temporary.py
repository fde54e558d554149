"""What notices, closures and extra windows share: who may make them, and that they are not over."""

from datetime import datetime

from common.error_codes import ErrorCode
from common.errors import NoticeError
from common.timezone import in_budapest

ROLES = ("sender", "admin")
"""Who may put a notice, a closure or a window into force, and take it back."""


def require_order(what: str, begins: datetime, ends: datetime, now: datetime) -> None:
    """Refuse what would be over already, or before it begins. Raises ``NoticeError``."""
    if ends <= now:
        raise NoticeError(
            f"{what} would be over already: it ends at {in_budapest(ends):%Y-%m-%d %H:%M}, and "
            f"now it is {in_budapest(now):%Y-%m-%d %H:%M}. Write a later time.",
            code=ErrorCode.ENDS_IN_THE_PAST,
        )
    if ends <= begins:
        raise NoticeError(
            f"{what} would end at {in_budapest(ends):%Y-%m-%d %H:%M}, before it begins at "
            f"{in_budapest(begins):%Y-%m-%d %H:%M}. Correct one of the two.",
            code=ErrorCode.ENDS_BEFORE_IT_BEGINS,
        )
