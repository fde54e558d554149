"""What is sent to a caller is proven before anybody asks for it."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_line import Files

from backend.desks import load_desks
from backend.interface.codes import MessageKind
from backend.interface.published_text import PublishedText
from common.findings import TreeError
from ivr.lines.entries import LineEntry, load_lines
from ivr.lines.loading import LineDefaults, load_published
from ivr.lines.publishing import publish_line
from ivr.published_texts import check_texts, published_texts
from messages.campaigns.desk_contact import desk_facts
from messages.content.checks import check_message
from messages.content.desk_facts import DeskFacts
from messages.content.published_text_checks import text_flaws
from settings import DEFAULT_VOICES, HERE

FACTS = desk_facts(load_desks(HERE / "desks.yaml"), MessageKind.SERVICE)
DEFAULTS = LineDefaults(
    HERE / "menus" / "prompts", HERE / "desks.yaml", DEFAULT_VOICES, facts=FACTS
)


@pytest.mark.parametrize("entry", load_lines(HERE / "lines.yaml"), ids=lambda entry: entry.name)
def test_every_shipped_text_may_be_sent_and_takes_one_part(entry: LineEntry) -> None:
    line = load_published(entry, DEFAULTS)
    assert [str(each) for each in check_texts(line, FACTS)] == []
    for text in published_texts(line).values():
        assert (
            check_message(text.text, FACTS, kind=MessageKind.SERVICE, allowed_numbers=text.figures)
            == ()
        )


def publish(files: Files, hungarian: str, facts: DeskFacts | None = FACTS) -> None:
    files.complete()
    for language, words in (("hu", hungarian), ("en", "The bill.")):
        path = f"prompts/{language}.yaml"
        written = Path(path).read_text("utf-8")
        files.write(path, f"{written}texts:\n  about_bill: {words}\n")
    files.write("desks.yaml", DESKS)
    entry = LineEntry("small", files.tree, desks=Path("desks.yaml"))
    publish_line(entry, replace(DEFAULTS, prompts=files.prompts, facts=facts))


DESKS = """\
desks:
  general: {number: "+3610000001", hours: ["mon-fri 08:00-20:00"]}
  complaints: {number: "+3610000001", hours: ["mon-fri 08:00-20:00"]}
reachable: {desk: general, hours: 12, between: 07:00-21:00}
"""


def test_a_line_whose_text_breaks_a_rule_is_not_published(files: Files) -> None:
    with pytest.raises(TreeError) as caught:
        publish(files, "Az Ön tartozása miatt, lásd https://example.com")
    assert {finding.code for finding in caught.value.findings} == {"text-unfit"}


def test_a_line_whose_text_is_dear_is_published(files: Files) -> None:
    publish(files, "A számla havonta érkezik. " * 8)


def test_a_line_that_sends_nothing_is_published_whatever_its_texts_are(files: Files) -> None:
    publish(files, "Tartozása van.", None)


def test_a_text_that_no_carrier_takes_is_unfit() -> None:
    flaws = list(text_flaws(PublishedText("long", "A számla. " * 161), FACTS))
    assert [(each.kind, each.message) for each in flaws] == [
        ("unfit", "has 1,610 characters, more than 1,600")
    ]
    assert list(text_flaws(PublishedText("short", "A számla."), FACTS)) == []
