"""For any customer: nothing of the record can be in a message, and what is put there is found."""

import inspect
import string

from hypothesis import assume, given
from hypothesis import strategies as st

from backend.interface.codes import MessageKind
from messages.content.checks import check_message, check_template
from messages.content.desk_facts import DeskFacts
from messages.content.folding import folded
from messages.content.own_record import own_tokens
from messages.content.render import render
from messages.content.shipped import neutral_words, shipped_templates

DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612382919", "hatralekkezeles@elmu.hu", "hétfő-péntek 8-20")
REMINDERS = [t.text for t in shipped_templates().values() if t.kind is MessageKind.DEBT]
LETTERS = string.ascii_letters + "áéíóöőúüűÁÉÍÓÖŐÚÜŰ"

words = st.text(LETTERS, min_size=3, max_size=12)
numbers = st.text(string.digits, min_size=3, max_size=10)
records = st.tuples(
    st.builds(" ".join, st.lists(words, min_size=2, max_size=3)),
    st.builds("{} {}, {} utca {}.".format, numbers, words, words, st.integers(1, 999)),
    numbers,
    st.builds("{:,}".format, st.integers(100, 9_999_999)),
)
reminders = st.sampled_from(REMINDERS)


def test_the_renderer_has_no_recipient_in_reach() -> None:
    assert list(inspect.signature(render).parameters) == ["template_text", "desk"]


@given(reminders, records)
def test_no_token_of_any_record_is_in_a_message(template: str, record: tuple[str, ...]) -> None:
    message = folded(render(template, DESK))
    public = folded(" ".join([template, *DESK.values().values()]))
    assert not [token for token in own_tokens(record) if token in message and token not in public]


@given(reminders, st.one_of(words, numbers), st.data())
def test_a_token_put_between_words_is_refused(
    template: str, token: str, data: st.DataObject
) -> None:
    assume(folded(token) not in neutral_words())
    parts = render(template, DESK).split(" ")
    gap = data.draw(st.integers(0, len(parts)))
    _refused_and_marked(" ".join([*parts[:gap], token, *parts[gap:]]), token)


@given(reminders, st.one_of(st.text(LETTERS, min_size=5, max_size=12), numbers), st.data())
def test_a_longer_token_or_number_put_anywhere_is_refused(
    template: str, token: str, data: st.DataObject
) -> None:
    message = render(template, DESK)
    at = data.draw(st.integers(0, len(message)))
    _refused_and_marked(message[:at] + token + message[at:], token)


@given(st.sampled_from(["Szabóné", "Szabónak", "Szabóval", "Sz a b ó", "SZABÓ", "Szаbó", "szabo"]))
def test_a_name_is_found_with_endings_and_disguises(name: str) -> None:
    text = f"Tisztelt {name}! {render(REMINDERS[0], DESK)}"
    assert "recipient" in {finding.rule for finding in check_message(text, DESK, ["Szabó Minta"])}


def test_a_number_is_found_in_any_grouping() -> None:
    text = f"{render(REMINDERS[0], DESK)} 2029-38.11"
    found = [f.excerpt for f in check_message(text, DESK, ["20293811"]) if f.rule == "recipient"]
    assert found == ["2029-38.11"]


@given(st.text(max_size=80), records)
def test_every_mark_lies_in_the_text_that_was_checked(text: str, record: tuple[str, ...]) -> None:
    for finding in (*check_template(text), *check_message(text, DESK, record)):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.excerpt == text[finding.start : finding.end]
        assert (finding.excerpt == "") == finding.rule.value.startswith("missing-")


def _refused_and_marked(message: str, token: str) -> None:
    found = [f for f in check_message(message, DESK, [token]) if f.rule == "recipient"]
    assert found
    assert any(folded(token) in folded(finding.excerpt) for finding in found)
    assert all(token not in finding.message or token.isascii() for finding in found)
