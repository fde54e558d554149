"""A text that the utility has published, ready to be sent to whoever asks for it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PublishedText:
    """Alike for everybody; ``text`` is final, as it goes out.

    ``name`` is of small letters, figures and underscores. ``figures`` is what the text may spell
    out: telephone numbers in E.164, anything else exactly as it is printed in the text.
    """

    name: str
    text: str
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextFlaw:
    """Why a text may not be sent ("unfit"), or what makes it dear ("long").

    ``message`` goes on from the text's name and has no full stop; ``hint`` is a sentence.
    """

    kind: Literal["unfit", "long"]
    message: str
    hint: str
