"""What the lines tell is what the business rules say: all of it, and no other figure."""

import re
from collections.abc import Iterator, Mapping

import pytest

from backend.desks import load_desks
from backend.tariffs import load_tariffs
from menus.facts import Fact
from menus.lengths import prompt_seconds
from menus.loader import Line
from menus.prompt_usage import is_text, spoken_prompts
from menus.sentence_checks import MAX_STATEMENT_SECONDS
from menus.slots import Count, DayOfMonth, Digits, Money, Number, PhoneNumber
from menus.tree import Form, Info, Transfer
from settings import HERE
from tests.support.calls.numerals import numbers_in
from tests.support.calls.shipped_lines import shipped_line
from tests.support.project.rules import rules

PROMPTS = HERE / "menus" / "prompts"
TREES = {"S2": HERE / "menu_tree.yaml", "S1": HERE / "menus" / "trees" / "heat.yaml"}
"""The tree that tells the rules of each source."""

MAX_INFORMATION_SECONDS = 60
RULES = rules()
LANGUAGES = ("hu", "en")
IN_FULL = {"debt_account_begins": "debt_account"}
"""Of what a part is said, the rest being zeros, the whole is written."""

PHONE = re.compile(r"36\d{8,9}")


@pytest.fixture(scope="module")
def lines() -> Mapping[str, Line]:
    return {source: shipped_line(tree) for source, tree in TREES.items()}


@pytest.fixture(params=TREES)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def line(lines: Mapping[str, Line], source: str) -> Line:
    return lines[source]


def of_class(source: str, *classes: str) -> set[str]:
    """The rules of a source that have one of these classes."""
    return {
        name
        for name, rule in RULES.items()
        if rule.source == source and {*rule.classes} & {*classes}
    }


def named_by(line: Line, *kinds: type) -> set[str]:
    """The rules that nodes of these kinds name: the statements of an Info, and the others' own."""
    named: set[str] = set()
    for node in line.tree.walk():
        if isinstance(node, kinds):
            own = () if isinstance(node, Info) else (node.id,)
            told = node.statements if isinstance(node, Info | Transfer) else ()
            for part in (*own, *told):
                named |= {*line.tree.rules.get(part, ())}
    return named


def told(line: Line) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the tree says besides its opening, with the rules that stand beside it."""
    rules = dict(line.tree.rules)
    for node in line.tree.walk():
        if isinstance(node, Info) and node.text is not None:
            # A message tells nothing that is not told aloud.
            of_statements = (rules.get(statement, ()) for statement in node.statements)
            rules[node.text] = tuple(rule for named in of_statements for rule in named)
    owners = {node.say: node.id for node in line.tree.walk() if isinstance(node, Transfer)}
    for said in spoken_prompts(line.tree):
        if said.prompt not in line.tree.opening:
            yield said.prompt, rules.get(owners.get(said.prompt, said.prompt), ())


def written(line: Line, prompt: str, language: str) -> str:
    """A sentence as its file has it, without its slots."""
    value: object = line.prompt_sources[language].root
    for step in prompt.split("."):
        assert isinstance(value, dict)
        value = value[step]
    return re.sub(r"\{.*?\}", " ", str(value))


def figure(fact: Fact) -> str:
    match fact.value:
        case Count(value=number) | Number(value=number) | Money(forints=number):
            return str(number)
        case DayOfMonth(day=day):
            return str(day)
        case Digits(digits=digits):
            return digits
        case PhoneNumber(e164=number):
            return number.removeprefix("+")
    raise AssertionError(f"no figure: {fact.value}")


def test_every_rule_for_callers_is_told(line: Line, source: str) -> None:
    assert of_class(source, "I", "T") - named_by(line, Info, Transfer) == set()


def test_every_rule_that_asks_for_a_person_has_a_way_to_one(line: Line, source: str) -> None:
    for_people = {name for name in of_class(source, "T") if RULES[name].classes[0] == "T"}
    assert for_people - named_by(line, Transfer, Form) == set()


def test_every_rule_kept_by_keypad_has_its_form_and_is_cited_where_it_is_kept(
    line: Line, source: str
) -> None:
    kept = of_class(source, "K")
    assert kept - named_by(line, Form) == set()
    code = [
        *(HERE / "ivr").rglob("*.py"),
        *(HERE / "backend").rglob("*.py"),
        *(HERE / "menus").rglob("*.py"),
    ]
    texts = [path.read_text("utf-8") for path in code]
    assert {name for name in kept if not any(name in text for text in texts)} == set()


def test_every_statement_says_which_rules_it_tells(line: Line) -> None:
    statements = {
        statement
        for node in line.tree.walk()
        if isinstance(node, Info)
        for statement in node.statements
    }
    assert statements - line.tree.rules.keys() == set()


def test_every_rule_that_is_named_is_one(line: Line) -> None:
    named = {name for names in line.tree.rules.values() for name in names}
    named |= {name for fact in line.facts.values() for name in fact.rules}
    assert named - RULES.keys() == set()


def test_every_published_figure_stands_in_each_rule_that_it_comes_from(line: Line) -> None:
    for name, fact in line.facts.items():
        for rule in fact.rules:
            assert figure(fact) in RULES[rule].figures, f"{name}: {rule}"


def test_a_sentence_with_a_published_figure_names_a_rule_that_states_it(line: Line) -> None:
    for prompt, named in told(line):
        for book in line.phrasebooks.values():
            for fact in book.facts(prompt):
                assert {*named} & {*line.facts[fact].rules}, f"{prompt}: {fact}"


def test_what_a_statement_says_in_a_message_has_its_own_figures_and_no_others(line: Line) -> None:
    for book in line.phrasebooks.values():
        for prompt in book.ids:
            family, _, name = prompt.partition(".")
            if family == "written" and f"info.{name}" in book:
                told = {IN_FULL.get(fact, fact) for fact in book.facts(f"info.{name}")}
                assert book.facts(prompt) == told, prompt


def test_every_published_figure_is_told(lines: Mapping[str, Line]) -> None:
    said = {
        fact
        for line in lines.values()
        for prompt, _ in told(line)
        for fact in frozenset[str]().union(*(b.facts(prompt) for b in line.phrasebooks.values()))
    }
    assert lines["S2"].facts.keys() - said == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_in_words_stands_in_a_rule_that_the_sentence_names(
    line: Line, language: str
) -> None:
    for prompt, named in told(line):
        stated = frozenset[str]().union(*(RULES[name].figures for name in named))
        assert numbers_in(written(line, prompt, language), language) <= stated, prompt


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_leaves_figures_to_the_voice(line: Line, language: str) -> None:
    for prompt, _ in told(line):
        if not is_text(prompt):
            assert not re.search(r"[\d%@]", written(line, prompt, language)), prompt


def test_a_desk_is_called_on_the_number_that_its_rules_publish(lines: Mapping[str, Line]) -> None:
    line = lines["S2"]
    desks = load_desks(HERE / "desks.yaml").desks
    for node in line.tree.walk():
        if isinstance(node, Transfer):
            stated = (RULES[name].figures for name in line.tree.rules.get(node.id, ()))
            phones = {number for number in frozenset[str]().union(*stated) if PHONE.match(number)}
            assert not phones or desks[node.desk].number.removeprefix("+") in phones, node.id


def test_the_fees_that_are_told_are_those_that_are_reckoned_with(
    lines: Mapping[str, Line],
) -> None:
    facts = lines["S2"].facts
    _, tariff = load_tariffs(HERE / "tariffs.yaml").connection[0]
    reckoned = {
        "free_amperes": tariff.free_amperes,
        "ampere_fee": tariff.forints_per_ampere,
        "free_overhead_metres": tariff.free_overhead_metres,
        "overhead_metre_fee": tariff.forints_per_overhead_metre,
        "free_cable_metres": tariff.free_cable_metres,
        "cable_metre_fee": tariff.forints_per_cable_metre,
    }
    assert {name: int(figure(facts[name])) for name in reckoned} == reckoned


@pytest.mark.parametrize("language", LANGUAGES)
def test_information_comes_in_short_statements(line: Line, language: str) -> None:
    book = line.phrasebooks[language]
    for node in line.tree.walk():
        if isinstance(node, Info):
            lengths = [prompt_seconds(book, statement) for statement in node.statements]
            assert max(lengths) < MAX_STATEMENT_SECONDS, node.id
            assert sum(lengths) < MAX_INFORMATION_SECONDS, node.id


@pytest.mark.parametrize(
    ("sentence", "language", "numbers"),
    [
        ("A számla harmadik oldalán, a kilences blokkban", "hu", {"3", "9"}),
        ("Huszonhetedikéig, két példányban, négyezer-ötszáz forint", "hu", {"27", "2", "4500"}),
        ("Egy vagy több hónap; ötlet, hatálya, százalék", "hu", set()),
        ("Nyolc és tizenöt óra között", "hu", {"8", "15"}),
        ("Between eight in the morning and three in the afternoon", "en", {"8", "15"}),
        ("The twenty-seventh, thirty days, one thousand", "en", {"27", "30", "1000"}),
    ],
)
def test_numbers_in_words_are_found(sentence: str, language: str, numbers: set[str]) -> None:
    assert numbers_in(sentence, language) == numbers
