"""The carrier's count of parts: recorded texts, and the service's own count beside it."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from messages.content.gsm_encoding import GSM_BASIC, GSM_EXTENSION, cost
from simulator.messages.segments import size_of
from tests.support.runs.tables import each_of

DATA = Path(__file__).parents[2] / "data"
RECORDED = [each for each in json.loads((DATA / "segments.json").read_text()) if not each["smart"]]


@each_of("recorded", RECORDED)
def test_recorded_texts_are_counted_alike(recorded: dict[str, Any]) -> None:
    assert size_of(recorded["text"]) == (recorded["encoding"], recorded["segments"])


@given(st.text(st.sampled_from(GSM_BASIC + GSM_EXTENSION + "őű😀"), max_size=500))
def test_carrier_and_service_count_alike_though_neither_knows_the_other(text: str) -> None:
    counted = cost(text)
    assert size_of(text) == (counted.encoding, counted.segments)
