"""A text that the utility has published, ready to be sent to whoever asks for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedText:
    """Alike for everybody; ``text`` is final, as it goes out.

    ``name`` is of small letters, figures and underscores. ``figures`` is what the text may spell
    out: telephone numbers in E.164, anything else exactly as it is printed in the text.
    """

    name: str
    text: str
    figures: tuple[str, ...] = ()
