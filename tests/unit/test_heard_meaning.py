"""What callers hear of each rule means what the source documents say, in both languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from ivr.code_prompts import SPOKEN
from menus.loader import Line
from menus.tree import Form, Info, Node, Transfer
from settings import HERE
from tests.support.calls.heard import Meaning, folded, meanings
from tests.support.calls.shipped_lines import shipped_line
from tests.support.project.rules import rules

PROMPTS = HERE / "menus" / "prompts"
TREES = (HERE / "menu_tree.yaml", HERE / "menus" / "trees" / "heat.yaml")
FORMS = frozenset(prompt.partition(".")[0] for prompt in SPOKEN)
"""What the prompts of forms begin with; that of partial_billing_suspension is partial_billing."""

MEANINGS = meanings()


@dataclass(frozen=True)
class Place:
    """A node, the rules that some of its sentences name, and these sentences as they are heard."""

    node: str
    rules: Mapping[str, str]

    def heard(self, meaning: Meaning) -> str:
        """All that this node says of the meaning's rules."""
        return " ".join(
            dict.fromkeys(self.rules[rule] for rule in sorted(meaning.rules) if rule in self.rules)
        )


@pytest.fixture(scope="module")
def lines() -> tuple[Line, ...]:
    return tuple(shipped_line(tree) for tree in TREES)


def sentences(line: Line, node: Node) -> Mapping[str, tuple[str, ...]]:
    """The prompts that are heard at a node, each with the rules beside it in the tree."""
    named = line.tree.rules
    match node:
        case Info():
            return {prompt: named.get(prompt, ()) for prompt in node.statements}
        case Transfer(statements=()):
            return {node.say: named.get(node.id, ())}
        case Transfer():
            # What is said before connecting is not heard while the desk is closed.
            own = named.get(node.id, ())
            return {prompt: (*named.get(prompt, ()), *own) for prompt in node.statements}
        case Form():
            families = [family for family in FORMS if node.id.startswith(family)]
            prompts = (prompt for prompt in SPOKEN if prompt.partition(".")[0] in families)
            return dict.fromkeys(prompts, named.get(node.id, ()))
    return {}


def places(line: Line, language: str) -> Iterator[Place]:
    for node in line.tree.walk():
        of_rules: dict[str, list[str]] = {}
        for prompt, named in sentences(line, node).items():
            for rule in named:
                of_rules.setdefault(rule, []).append(wording(line, prompt, language))
        heard = {rule: folded(" ".join(said)) for rule, said in of_rules.items()}
        yield Place(f"{node.path} {node.id}", heard)


def wording(line: Line, prompt: str, language: str) -> str:
    """A sentence as its file has it, with the names of its slots."""
    value: object = line.prompt_sources[language].root
    for step in prompt.split("."):
        assert isinstance(value, dict)
        value = value[step]
    return str(value)


def test_every_rule_for_callers_has_words_that_must_be_heard() -> None:
    for_callers = {name for name, rule in rules().items() if {*rule.classes} & {"I", "T"}}
    assert for_callers - {rule for meaning in MEANINGS for rule in meaning.rules} == set()


@pytest.mark.parametrize("language", ["hu", "en"])
def test_every_fact_of_the_documents_is_heard_whole_in_one_place(
    lines: tuple[Line, ...], language: str
) -> None:
    told = [place for line in lines for place in places(line, language)]
    lost = []
    for meaning in MEANINGS:
        here = [
            (place.node, meaning.missing(place.heard(meaning), language))
            for place in told
            if meaning.rules & place.rules.keys()
        ]
        if all(missing for _, missing in here):
            lost.append(
                (sorted(meaning.rules), min(here, key=lambda one: len(one[1]), default=None))
            )
    assert lost == []


@pytest.mark.parametrize("language", ["hu", "en"])
def test_wherever_a_rule_is_told_at_least_one_of_its_facts_is_heard_whole(
    lines: tuple[Line, ...], language: str
) -> None:
    empty = []
    for line in lines:
        informing = {f"{n.path} {n.id}" for n in line.tree.walk() if isinstance(n, Info)}
        for place in places(line, language):
            for rule in place.rules if place.node in informing else ():
                facts = [meaning for meaning in MEANINGS if rule in meaning.rules]
                missing = [fact.missing(place.heard(fact), language) for fact in facts]
                if missing and all(missing):
                    empty.append((rule, place.node, min(missing, key=len)))
    assert empty == []


@pytest.mark.parametrize(
    ("rule", "language", "sentence", "whole"),
    [
        (
            "TE-22",
            "hu",
            "A csatlakozás {free_amperes} amperig díjmentes.",
            True,
        ),
        ("TE-22", "hu", "A csatlakozás díjmentes.", False),
        ("DD-09", "en", "We send a cheque only if there is no authorisation.", True),
        ("DD-09", "en", "We send a cheque if there is no authorisation.", False),
        ("TE-36", "hu", "Számlát csak a befizetés után tudunk kiállítani.", True),
        ("TE-36", "hu", "Számlát a befizetés után tudunk kiállítani.", False),
    ],
)
def test_a_sentence_without_its_condition_is_found(
    rule: str, language: str, sentence: str, whole: bool
) -> None:
    facts = [meaning for meaning in MEANINGS if rule in meaning.rules]
    assert any(not fact.missing(folded(sentence), language) for fact in facts) is whole
