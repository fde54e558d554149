"""Figures that sentences name, and the rules that stand beside what is told."""

from datetime import date

import pytest
from small_line import Files

from menus.phrasebook import Phrasebook, PhraseError
from menus.slots import Count, Date, DayOfMonth, Money, Text

FACTS = """\
refund_days: {count: 8, rules: [PB-12]}
refund_above: {money: 3000, rules: [PB-12, PB-13]}
office: {phone: "+3612383838", rules: [CO-07]}
"""
IN_HUNGARIAN = '  about_bill: "A számla havonta érkezik."'
IN_ENGLISH = '  about_bill: "A bill comes every month."'


@pytest.fixture
def figures(files: Files) -> Files:
    """The small line with facts, and a statement that says two of them."""
    files.write("prompts/facts.yaml", FACTS)
    said = '"{refund_above}nál többet {refund_days} nap alatt."'
    files.bend(IN_HUNGARIAN, f"  about_bill: {said}", "prompts/hu.yaml")
    said = '"More than {refund_above} in {refund_days} days."'
    files.bend(IN_ENGLISH, f"  about_bill: {said}", "prompts/en.yaml")
    return files


def test_a_sentence_says_a_fact_in_each_language(figures: Files) -> None:
    books = figures.load().phrasebooks
    text = Text("info.about_bill")
    assert books["hu"].speak(text) == "háromezer forintnál többet nyolc nap alatt."
    assert books["en"].speak(text) == "More than three thousand forints in eight days."
    assert books["hu"].slots("info.about_bill") == frozenset()
    assert books["hu"].facts("info.about_bill") == {"refund_above", "refund_days"}
    assert figures.findings() == []


def test_a_fact_stands_beside_slots_that_are_filled_later() -> None:
    book = Phrasebook(
        "en", {"paid": "{amount} {on:on}, {day}."}, {"amount": Money(2), "day": DayOfMonth(3)}
    )
    today = date(2026, 11, 20)
    text = Text("paid", (("on", Date(today, today)),))
    assert book.speak(text) == "two forints on the twentieth of November, the third."


def test_a_fact_has_the_forms_of_its_kind_only() -> None:
    with pytest.raises(PhraseError, match="prompt 'a' in 'en': slot 'days': Count has no form"):
        Phrasebook("en", {"a": "In {days:from} days."}, {"days": Count(8)})


def test_a_form_that_a_fact_has_not_is_found_in_its_sentence(figures: Files) -> None:
    figures.bend("{refund_days} days", "{refund_days:on} days", "prompts/en.yaml")
    flaw = (
        "prompts/en.yaml:17:3: error[unknown-slot-form]: prompt 'info.about_bill':"
        " slot 'refund_days': Count has no form 'on'; known: '', 'the'."
        " Ask for one of these forms, or for none."
    )
    assert figures.flaws() == [flaw]


def test_every_language_says_the_same_facts(figures: Files) -> None:
    figures.bend(" in {refund_days} days", "", "prompts/en.yaml")
    finding = (
        "prompts/en.yaml:17:3: error[slots-differ]: prompt 'info.about_bill' has {refund_above}"
        " in 'en', but {refund_above}, {refund_days} in 'hu'. Use the same slots in every language."
    )
    assert figures.findings() == [finding]


def test_the_hash_changes_with_the_facts(figures: Files) -> None:
    before = figures.load().tree_hash
    figures.bend("count: 8", "count: 9", "prompts/facts.yaml")
    assert figures.load().tree_hash != before


FLAWS = {
    "a name with a capital": (
        "office:",
        "Office:",
        (
            "3:1: error[bad-fact]: 'Office' is not a name."
            " Use a-z, 0-9 and underscores, a letter first."
        ),
    ),
    "a fact of two kinds": (
        "{count: 8,",
        "{count: 8, day: 8,",
        (
            "1:1: error[bad-fact]: fact 'refund_days' is not one figure of one kind. Write"
            " {kind: figure, rules: […]}; the kind is count, number, money, day, digits, phone."
        ),
    ),
    "a key that nobody knows": (
        "{count: 8, rules",
        "{count: 8, rule",
        "1:25: error[bad-fact]: unknown key 'rule'. Did you mean 'rules'?",
    ),
    "a fact that no rule states": (
        ", rules: [CO-07]",
        "",
        (
            "3:1: error[bad-fact]: fact 'office' does not say which rules state it."
            " Write rules: [MR-02], with the ids of the rules that state it."
        ),
    ),
    "an amount with a thousands separator": (
        "3000",
        "3.000",
        (
            "2:16: error[bad-fact]: fact 'refund_above' cannot be spoken."
            " It must be a whole number nearer to zero than 1000000000000000000."
        ),
    ),
    "a number without its country": (
        "+3612383838",
        "238-3838",
        "3:10: error[bad-fact]: fact 'office' cannot be spoken. It must be a number in E.164 form.",
    ),
}


@pytest.mark.parametrize(("old", "new", "flaw"), FLAWS.values(), ids=FLAWS)
def test_a_flaw_of_the_facts_is_found_at_its_place(
    figures: Files, old: str, new: str, flaw: str
) -> None:
    figures.bend(old, new, "prompts/facts.yaml")
    assert figures.flaws() == [f"prompts/facts.yaml:{flaw}"]


def test_rules_stand_beside_forms_transfers_and_statements(files: Files) -> None:
    files.bend("{transfer: complaint,", "{transfer: complaint, rules: [CO-20],")
    files.bend(
        "{info: about_bill}", "{info: about_bill, statements: {info.about_bill: [PB-01, PB-02]}}"
    )
    files.bend('"1": {form: payment_day}', '"1": {form: payment_day, rules: [DD-02]}')
    tree = files.load().tree
    assert tree.rules == {
        "complaint": ("CO-20",),
        "info.about_bill": ("PB-01", "PB-02"),
        "payment_day": ("DD-02",),
    }
    assert files.findings() == []


def test_rules_of_an_info_are_those_of_each_of_its_statements(files: Files) -> None:
    said = "statements: [info.about_bill, read_back], rules: [PB-01]"
    files.bend("{info: about_bill}", f"{{info: about_bill, {said}}}")
    assert files.load().tree.rules == {"info.about_bill": ("PB-01",), "read_back": ("PB-01",)}


def test_a_statement_that_is_said_in_two_places_has_the_rules_of_both(files: Files) -> None:
    files.bend("{info: about_bill}", "{info: about_bill, rules: [PB-01]}")
    again = "{info: again, statements: {info.about_bill: [PB-02, PB-01]}}"
    files.bend("{hangup: goodbye}", again)
    assert files.load().tree.rules == {"info.about_bill": ("PB-01", "PB-02")}


BENT = {
    "a rule without a hyphen": (
        "{info: about_bill, rules: [PB01]}",
        (
            "13:39: error[bad-value]: entry 1 of 'rules' is the text 'PB01', which is not the id of"
            " a rule. Write it like MR-02."
        ),
    ),
    "a statement without rules": (
        "{info: about_bill, statements: {info.about_bill: []}}",
        "13:44: error[bad-value]: 'info.about_bill' is an empty list. Write at least one entry.",
    ),
    "no statement": (
        "{info: about_bill, statements: {}}",
        "13:31: error[bad-value]: 'statements' is an empty mapping. Write at least one entry.",
    ),
    "a statement that is a word": (
        "{info: about_bill, statements: info.about_bill}",
        (
            "13:43: error[wrong-kind]: 'statements' is the text 'info.about_bill', not a list."
            " Write a list."
        ),
    ),
}


@pytest.mark.parametrize(("new", "flaw"), BENT.values(), ids=BENT)
def test_a_flaw_in_what_is_told_is_found_at_its_place(files: Files, new: str, flaw: str) -> None:
    files.bend("{info: about_bill}", new)
    assert files.flaws() == [f"menu_tree.yaml:{flaw}"]
