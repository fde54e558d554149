"""What a published text may spell out: exactly the figures that it came with, and no word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.interface.codes import MessageKind
from messages.content.checks import check_message, check_template
from messages.content.desk_facts import DeskFacts, DeskFactsError
from messages.content.findings import Rule

DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612383838", "eloszto@elmu.hu")
ACCOUNT = "13700016-02287016"


def broken(text: str, *figures: str) -> list[Rule]:
    findings = check_message(text, DESK, kind=MessageKind.SERVICE, allowed_numbers=figures)
    return [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (f"Számlaszám: {ACCOUNT}.", (ACCOUNT,)),
        ("10300002-20160230-70143285", ("10300002-20160230-70143285",)),
        ("Azonosító: A25366936T244, IBAN HU42 1177 3016", ("A25366936T244", "HU42 1177 3016")),
        ("1300 Budapest, Pf. 151. és 3501 Miskolc", ("1300", "3501")),
        ("Írjon: hatralekkezeles@elmu.hu. Köszönjük!", ("hatralekkezeles@elmu.hu",)),
        ("06 80 202 938, 1300", ("1300", "+3680202938")),
        # A short figure is part of a telephone number, and of a longer figure.
        ("+36 20 978 5611, 5611 22", ("5611", "5611 22", "+36209785611")),
    ],
)
def test_a_published_figure_may_be_spelled_out(text: str, figures: tuple[str, ...]) -> None:
    assert broken(text)
    assert broken(text, *figures) == []


@pytest.mark.parametrize(
    "text",
    [
        "13700016-02287017",
        f"1{ACCOUNT}",
        f"{ACCOUNT}-00000000",
        "13700016 02287016",
        f"{ACCOUNT} 20293811",
    ],
)
def test_another_figure_than_the_published_one_is_refused(text: str) -> None:
    assert Rule.DIGITS in broken(text, ACCOUNT)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"Hátraléka: {ACCOUNT}", Rule.STEM),
        (f"{ACCOUNT}: 1300 Ft", Rule.AMOUNT),
        (f"{ACCOUNT} https://elmu.hu", Rule.LINK),
        (f"{ACCOUNT} {{name}}", Rule.SLOT),
        (f"{ACCOUNT}, különben intézkedünk", Rule.THREAT),
    ],
)
def test_every_other_rule_holds_beside_a_figure(text: str, rule: Rule) -> None:
    assert rule in broken(text, ACCOUNT, "1300")


@pytest.mark.parametrize("entry", ["tartozás", "Hátralék 5", "TARTOZAS 12", "5 adós", "{name}", ""])
def test_no_word_is_allowed_as_a_figure(entry: str) -> None:
    text = f"Ügyfelünk: {entry or 'adós'} 1234"
    assert broken(text, entry) == broken(text) != []


@given(st.text(alphabet="0123456789-/. ABadósé@{}", min_size=1, max_size=20))
def test_an_entry_never_hides_a_word_of_debt(entry: str) -> None:
    if not entry.startswith("+"):
        assert Rule.STEM in broken(f"{entry} adós {entry}", entry, "adós")


@pytest.mark.parametrize("line", [ACCOUNT, "1300", "eloszto@emasz.hu", "20293811"])
def test_staff_can_declare_nothing_but_telephone_numbers(line: str) -> None:
    with pytest.raises(DeskFactsError, match="is no telephone number"):
        check_template(f"Szám: {line}", kind=MessageKind.SERVICE, desk=DESK, allowed_numbers=[line])
