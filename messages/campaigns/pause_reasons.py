"""Why a campaign is paused: a code with its values, stored so that every front end can say it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class PauseCode(StrEnum):
    """Who or what holds a campaign back."""

    BY_USER = "by-user"
    TOO_MANY_FAILURES = "too-many-failures"
    TEXT_UNFIT = "text-unfit"
    CARRIER_REFUSES = "carrier-refuses"
    RESTORED = "restored"
    """The records are those of a backup."""
    OTHER = "other"
    """A sentence that an older release has stored."""


_SENTENCES: Mapping[PauseCode, str] = {
    PauseCode.BY_USER: "paused by {by}",
    PauseCode.TOO_MANY_FAILURES: (
        "{failed} of the last {messages} messages failed. Look at their codes before you resume"
    ),
    PauseCode.TEXT_UNFIT: (
        "the text may not go out: {what} (rule {rule}). Cancel the campaign and make another one"
    ),
    PauseCode.CARRIER_REFUSES: "{what}",
    PauseCode.RESTORED: (
        "the records were restored from a backup. Resume it when they have been looked at: what "
        "was sent since the backup is found at the carrier and not sent again"
    ),
    PauseCode.OTHER: "{what}",
}


@dataclass(frozen=True, slots=True)
class PauseReason:
    """A code with the values that its sentence names; as text it is the English sentence."""

    code: PauseCode
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(**self.values)

    def stored(self) -> str:
        """What the campaign's row keeps."""
        return json.dumps({"code": self.code.value, **self.values}, ensure_ascii=False)

    @classmethod
    def from_stored(cls, text: str) -> Self:
        """The reason of a row; what is no reason of this release is kept as it is written."""
        try:
            values = json.loads(text)
            return cls(PauseCode(values.pop("code")), values)
        except (ValueError, AttributeError, KeyError):
            return cls(PauseCode.OTHER, {"what": text})
