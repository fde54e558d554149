"""What Hypothesis works out at the start of a run, for seconds on a fresh clone: said or left out.

Both are its own, which it would keep in a file.
"""

import pytest
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from hypothesis.internal.intervalsets import IntervalSet

work_out_intervals = charmap.intervals_from_codec

UTF_8 = (IntervalSet(((0x0, 0xD7FF), (0xE000, 0x10FFFF))), IntervalSet(()))
"""All characters but the surrogates; each is decoded as what was encoded."""


def say_characters(patch: pytest.MonkeyPatch) -> None:
    """Spare Hypothesis encoding each of a million characters to find those of UTF-8."""

    def intervals_from_codec(codec_name: str) -> tuple[IntervalSet, IntervalSet]:
        return UTF_8 if codec_name == "utf-8" else work_out_intervals(codec_name)

    patch.setattr(charmap, "intervals_from_codec", intervals_from_codec)


def read_no_constants(patch: pytest.MonkeyPatch) -> None:
    """Do not let it parse all modules for values that stand there: the whole run tries those."""
    none = providers.Constants()
    patch.setattr(providers, "_get_local_constants", lambda: none)
