"""The place of a turn, as data and as it is stored."""

import pytest

from backend.interface.place import Place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("5.1 confirm meter_reading.read_back", Place("5.1", "confirm", "meter_reading.read_back")),
        ("- opening", Place("", "opening")),
        ("2 end talked", Place("2", "end", "talked")),
    ],
)
def test_a_stored_place_is_read_as_it_was_written(text: str, place: Place) -> None:
    assert Place.parse(text) == place
    assert str(place) == text


def test_a_text_without_a_step_is_no_place() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Place.parse("5.1")
