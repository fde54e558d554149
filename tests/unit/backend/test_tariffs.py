"""``tariffs.yaml``: the shipped one keeps to the published answers, and a slip is named."""

from datetime import date
from pathlib import Path

import pytest

from backend.tariffs import load_tariffs
from common.errors import ConfigurationError
from settings import Settings
from tests.unit.backend.test_connection_fee import TARIFF

SHIPPED = Settings().tariffs.read_text("utf-8")
A_FIGURE = 'free_amperes: {value: 32, rule: TE-22, source: "published answers, connection fees"}'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tariffs.yaml"


def test_the_shipped_figures_are_those_of_the_published_answers() -> None:
    assert load_tariffs(Settings().tariffs).connection_on(date(2026, 11, 21)) == TARIFF


def test_the_newest_entry_whose_day_has_come_holds(file: Path) -> None:
    entry = SHIPPED[SHIPPED.index("  - valid_from") :]
    later = entry.replace("2021-01-01", "2027-01-01").replace("value: 3900", "value: 5000")
    file.write_text("connection_fee:\n" + entry + later, "utf-8")
    tariffs = load_tariffs(file)
    rates = {
        day: None if tariff is None else tariff.forints_per_ampere
        for day in (date(2020, 12, 31), date(2021, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
        for tariff in (tariffs.connection_on(day),)
    }
    assert list(rates.values()) == [None, 3_900, 3_900, 5_000]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (A_FIGURE, "", "connection_fee[1].free_amperes: is missing. Add it."),
        ("value: 3900", "value: 3900 Ft", '"3900 Ft" is not a whole number. Write figures only'),
        ("value: 3900", "value: -1", '"-1" is not a whole number'),
        ("value: 3900", "value: 99999999", '"99999999" is more than 10,000,000. Correct it.'),
        ("value: above_free", "value: some", '"some" is none of above_free, all. Write one'),
        ("value: no", "value: maybe", '"maybe" is none of no, yes. Write one of them.'),
        ("valid_from: 2021-01-01", "valid_from: 2021", '"2021" is not a date. Write it like 2026'),
        ("rule: TE-22, ", "", "free_amperes.rule: is missing. Add it."),
        ("vat_percent:", "vat:", "connection_fee[1].vat: is not known here."),
    ],
)
def test_a_slip_is_named_with_its_place_and_hint(
    file: Path, old: str, new: str, complaint: str
) -> None:
    assert old in SHIPPED
    file.write_text(SHIPPED.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_tariffs(file)
    assert complaint in str(caught.value)
    assert str(file) in str(caught.value)


def test_two_entries_of_one_day_are_refused(file: Path) -> None:
    entry = SHIPPED[SHIPPED.index("  - valid_from") :]
    file.write_text("connection_fee:\n" + entry + entry, "utf-8")
    with pytest.raises(ConfigurationError, match=r'"2021-01-01" is there twice\.'):
        load_tariffs(file)
