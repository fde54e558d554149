"""What a text costs: the calculator of Twilio, the GSM alphabet and the utility's templates."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.content.gsm_encoding import (
    GSM_BASIC,
    GSM_EXTENSION,
    Cost,
    Encoding,
    cost,
    parts,
    soft_saving,
    soften,
)
from tests.support.runs.tables import each_of

DATA = Path(__file__).parents[2] / "data"
CALCULATED = [
    vector
    for vector in json.loads((DATA / "segments.json").read_text("utf-8"))
    if not vector["smart"]
]
ALPHABET = json.loads((DATA / "gsm0338.json").read_text("utf-8"))

HUNGARIAN = "aábcdeéfghiíjklmnoóöőpqrstuúüűvwxyz"
LACKED = "áíóúőűÁÍÓÚŐŰ"

# Each template accented, soft and in ASCII: name | variant | text | encoding | length | segments
TEMPLATES = [
    row.split(" | ")
    for row in """\
debt_contact_1 | accented | Tisztelt Ügyfelünk! Számlaügyben egyeztetést kérünk: +36 1 238 2919, hatralekkezeles@elmu.hu. Ha rendezte, nincs teendője. Nem Önt érinti? Jelezze! ELMŰ-ÉMÁSZ | UCS-2 | 158 | 3
debt_contact_1 | soft | Tisztelt Ügyfelünk! Szamlaügyben egyeztetést kérünk: +36 1 238 2919, hatralekkezeles@elmu.hu. Ha rendezte, nincs teendöje. Nem Önt érinti? Jelezze! ELMU-EMASZ | GSM-7 | 158 | 1
debt_contact_1 | ascii | Tisztelt Ugyfelunk! Szamlaugyben egyeztetest kerunk: +36 1 238 2919, hatralekkezeles@elmu.hu. Ha rendezte, nincs teendoje. Nem Ont erinti? Jelezze! ELMU-EMASZ | GSM-7 | 158 | 1
debt_contact_2 | accented | Tisztelt Ügyfelünk! Ismét kérjük, hívja munkatársunkat: +36 1 238 3577, vagy írjon: hatralekkezeles@elmu.hu. Ha már egyeztetett, nincs teendője. ELMŰ-ÉMÁSZ | UCS-2 | 155 | 3
debt_contact_2 | soft | Tisztelt Ügyfelünk! Ismét kérjük, hivja munkatarsunkat: +36 1 238 3577, vagy irjon: hatralekkezeles@elmu.hu. Ha mar egyeztetett, nincs teendöje. ELMU-EMASZ | GSM-7 | 155 | 1
debt_contact_2 | ascii | Tisztelt Ugyfelunk! Ismet kerjuk, hivja munkatarsunkat: +36 1 238 3577, vagy irjon: hatralekkezeles@elmu.hu. Ha mar egyeztetett, nincs teendoje. ELMU-EMASZ | GSM-7 | 155 | 1
wrong_addressee_ack | accented | Köszönjük a jelzést. Erre a számra nem küldünk több üzenetet, munkatársunk ellenőrzi és törli a téves adatot. Elnézést kérünk. ELMŰ-ÉMÁSZ | UCS-2 | 137 | 3
wrong_addressee_ack | soft | Köszönjük a jelzést. Erre a szamra nem küldünk több üzenetet, munkatarsunk ellenörzi és törli a téves adatot. Elnézést kérünk. ELMU-EMASZ | GSM-7 | 137 | 1
wrong_addressee_ack | ascii | Koszonjuk a jelzest. Erre a szamra nem kuldunk tobb uzenetet, munkatarsunk ellenorzi es torli a teves adatot. Elnezest kerunk. ELMU-EMASZ | GSM-7 | 137 | 1
opt_out_ack | accented | Rögzítettük: SMS-ben nem keressük. Levélben továbbra is értesíthetjük. Kérdés esetén: +36 1 238 3838. ELMŰ-ÉMÁSZ | UCS-2 | 112 | 2
opt_out_ack | soft | Rögzitettük: SMS-ben nem keressük. Levélben tovabbra is értesithetjük. Kérdés esetén: +36 1 238 3838. ELMU-EMASZ | GSM-7 | 112 | 1
opt_out_ack | ascii | Rogzitettuk: SMS-ben nem keressuk. Levelben tovabbra is ertesithetjuk. Kerdes eseten: +36 1 238 3838. ELMU-EMASZ | GSM-7 | 112 | 1
reading_window_open | accented | Megnyílt a mérőállás-bejelentés időszaka. Hívja: 06 80 202 938 (vezetékes) vagy 06 20 938 3838, 5-ös, majd 1-es gomb. Számláját készítse elő. ELMŰ-ÉMÁSZ | UCS-2 | 152 | 3
reading_window_open | soft | Megnyilt a méröallas-bejelentés idöszaka. Hivja: 06 80 202 938 (vezetékes) vagy 06 20 938 3838, 5-ös, majd 1-es gomb. Szamlajat készitse elö. ELMU-EMASZ | GSM-7 | 152 | 1
reading_window_open | ascii | Megnyilt a meroallas-bejelentes idoszaka. Hivja: 06 80 202 938 (vezetekes) vagy 06 20 938 3838, 5-os, majd 1-es gomb. Szamlajat keszitse elo. ELMU-EMASZ | GSM-7 | 152 | 1
change_recorded | accented | Telefonos bejelentését rögzítettük. Visszaigazoló szám: 4827-1936. Ha nem Ön kérte, hívjon minket: +36 1 238 3838. ELMŰ-ÉMÁSZ | UCS-2 | 125 | 2
change_recorded | soft | Telefonos bejelentését rögzitettük. Visszaigazolo szam: 4827-1936. Ha nem Ön kérte, hivjon minket: +36 1 238 3838. ELMU-EMASZ | GSM-7 | 125 | 1
change_recorded | ascii | Telefonos bejelenteset rogzitettuk. Visszaigazolo szam: 4827-1936. Ha nem On kerte, hivjon minket: +36 1 238 3838. ELMU-EMASZ | GSM-7 | 125 | 1
""".splitlines()  # noqa: E501 - a template is read whole
]

# All kinds of width close together, and texts long enough for several parts.
characters = st.sampled_from("aé€{áő„😀\n") | st.characters(exclude_categories=["Cs"])
runs = st.lists(st.tuples(characters, st.integers(1, 90)), max_size=8).map(
    lambda pairs: "".join(character * times for character, times in pairs)
)
gsm_runs = st.lists(
    st.tuples(st.sampled_from(GSM_BASIC + GSM_EXTENSION), st.integers(1, 90)), max_size=8
).map(lambda pairs: "".join(character * times for character, times in pairs))
texts = st.text() | runs | gsm_runs
hungarian = st.text(HUNGARIAN + HUNGARIAN.upper() + "0123456789 .,:;!?-+/()%@'\"\n")


def octets(text: str, encoding: Encoding) -> int:
    """The size of a part without header, reckoned from the standards' own tables."""
    if encoding == "UCS-2":
        return len(text.encode("utf-16-le"))
    escaped = sum(character in ALPHABET["ext"].values() for character in text)
    return -(-(len(text) + escaped) * 7 // 8)


def test_the_alphabet_is_that_of_the_standard() -> None:
    codes = [code for code in range(128) if code != 0x1B]
    assert dict(zip(codes, GSM_BASIC, strict=True)) == {
        int(code, 16): character for code, character in ALPHABET["base"].items()
    }
    extension = sorted(ALPHABET["ext"].items())
    assert "".join(character for _, character in extension) == GSM_EXTENSION


@each_of("vector", CALCULATED)
def test_a_text_costs_what_twilios_calculator_says(vector: dict[str, Any]) -> None:
    result = cost(vector["text"])
    bits = 7 if result.encoding == "GSM-7" else 16
    assert (result.encoding, result.segments) == (vector["encoding"], vector["segments"])
    # The calculator's own characters and units count a surrogate pair or an escape once.
    assert result.units * bits == vector["messageSize"]


@each_of("row", TEMPLATES)
def test_a_template_costs_what_was_planned(row: list[str]) -> None:
    _, _, text, encoding, length, segments = row
    result = cost(text)
    assert (result.encoding, result.segments) == (encoding, int(segments))
    assert result.units == len(text) == int(length)


@pytest.mark.parametrize("place", range(0, 18, 3), ids=lambda place: TEMPLATES[place][0])
def test_a_template_softened_is_its_soft_form_and_one_part(place: int) -> None:
    accented, soft = TEMPLATES[place][2], TEMPLATES[place + 1][2]
    saving = soft_saving(accented)
    assert (saving.soft_text, saving.left, saving.soft.segments) == (soft, (), 1)
    assert saving.accented.segments > 1


@each_of(
    ("text", "expected"),
    [
        ("", Cost("GSM-7", 1, 0, 160)),
        ("a" * 160, Cost("GSM-7", 1, 160, 0)),
        ("a" * 161, Cost("GSM-7", 2, 161, 145)),
        ("a" * 306, Cost("GSM-7", 2, 306, 0)),
        ("a" * 152 + "€" + "a" * 152, Cost("GSM-7", 3, 306, 152)),
        ("á" * 70, Cost("UCS-2", 1, 70, 0)),
        ("á" * 71, Cost("UCS-2", 2, 71, 63)),
        ("á" * 66 + "😀" + "á" * 66, Cost("UCS-2", 3, 134, 66)),
    ],
)
def test_the_last_part_has_room_for_what_it_does_not_hold(text: str, expected: Cost) -> None:
    assert cost(text) == expected


def test_a_character_of_two_units_goes_whole_into_the_next_part() -> None:
    assert parts("a" * 152 + "€" + "a" * 9) == ("a" * 152, "€" + "a" * 9)
    assert parts("á" * 66 + "😀" + "á" * 9) == ("á" * 66, "😀" + "á" * 9)


@given(texts)
def test_the_parts_are_the_text_and_each_fits_on_the_air(text: str) -> None:
    pieces, result = parts(text), cost(text)
    assert "".join(pieces) == text
    assert len(pieces) == result.segments
    header = 0 if len(pieces) == 1 else 6
    sizes = [octets(piece, result.encoding) for piece in pieces]
    assert max(sizes) + header <= 140
    assert len(pieces) == 1 or all(pieces)


@given(texts, texts)
def test_a_longer_text_never_has_fewer_segments(text: str, more: str) -> None:
    assert cost(text).segments <= cost(text + more).segments


@given(gsm_runs)
def test_the_room_is_what_can_be_added_without_another_part(text: str) -> None:
    before = cost(text)
    full = cost(text + "a" * before.room)
    assert (full.segments, full.room) == (before.segments, 0)
    assert cost(text + "a" * (before.room + 1)).segments == before.segments + 1


@given(texts)
def test_softening_changes_nothing_but_the_twelve_letters_and_words_in_capitals(text: str) -> None:
    soft = soften(text)
    assert len(soft) == len(text)
    for before, after in zip(text, soft, strict=True):
        if before in LACKED:
            assert after != before
        else:
            assert after == before or before + after in {"ÉE", "ÖO", "ÜU"}


def test_a_name_in_capitals_loses_all_its_accents_or_none() -> None:
    assert soften("ELMŰ-ÉMÁSZ, Üdvözöljük, ÁFA, SMS, TÉVES") == (
        "ELMU-EMASZ, Üdvözöljük, AFA, SMS, TÉVES"
    )


@given(texts)
def test_softening_twice_is_softening_once(text: str) -> None:
    assert soften(soften(text)) == soften(text)


@given(texts)
def test_softening_never_costs_more_and_names_all_that_stands_in_its_way(text: str) -> None:
    saving = soft_saving(text)
    assert saving.soft.segments <= saving.accented.segments
    assert (saving.soft.encoding == "GSM-7") == (saving.left == ())
    corrected = "".join(character for character in saving.soft_text if character not in saving.left)
    assert cost(corrected).encoding == "GSM-7"


@given(hungarian)
def test_every_hungarian_text_is_gsm_when_softened(text: str) -> None:
    assert cost(soften(text)).encoding == "GSM-7"


def test_the_twelve_letters_become_the_nearest_that_gsm_has() -> None:
    assert soften("Árvíztűrő tükörfúrógép") == "Arviztürö tükörfurogép"
    assert soften("Á, Í, Ó, Ú, Ő, Ű") == "A, I, O, U, Ö, Ü"
    assert soften("ÁRVÍZTŰRŐ TÜKÖRFÚRÓGÉP") == "ARVIZTURO TUKORFUROGEP"


def test_what_stays_outside_gsm_is_shown_once_in_its_order_and_kept() -> None:
    saving = soft_saving("„Mérőállás” – „5 °C”…")
    assert saving.left == ("„", "”", "–", "°", "…")
    assert saving.soft_text == "„Méröallas” – „5 °C”…"
    assert saving.soft.encoding == "UCS-2"
