"""Where a turn left its call."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """``path`` is the menu path, "" before and at the first menu; nothing in it was typed.

    ``prompt`` is what was asked; at a transfer its desk and reason, at an end how it came.
    As text, in ``turns.place``: path ("-" when empty), step, and the prompt where there is one.
    """

    path: str
    step: str
    prompt: str = ""

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what ``str`` wrote. A text without a step raises ``ValueError``."""
        path, step, *prompt = text.split(" ", 2)
        return cls("" if path == "-" else path, step, *prompt)

    def __str__(self) -> str:
        return " ".join(filter(None, (self.path or "-", self.step, self.prompt)))
