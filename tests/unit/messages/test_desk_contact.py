"""What messages say of a desk comes from ``desks.yaml``, and nothing half written gets into one."""

from pathlib import Path

import pytest

from backend.desks import load_desks
from backend.interface.codes import MessageKind
from backend.rules.desk_hours import parse_hours
from common.errors import ConfigurationError
from common.phone_numbers import masked_phone
from messages.campaigns.desk_contact import desk_facts, desk_lines, printed_hours
from messages.content.checks import check_template
from messages.content.desk_facts import DeskFacts
from messages.content.shipped import Template, shipped_templates
from tests.support.databases.records import DESKS
from tests.support.runs.tables import each_of

FILE = """\
desks:
  general:
    number: "+3612383838"
    hours: ["mon-fri 08:00-20:00"]
    email: desk@elmu.hu
    lines: ["+3680202938"]
reachable:
  desk: general
  hours: 12
  between: 07:00-21:00
messages:
  company: Minta
  debt: general
"""


def facts_of(folder: Path, old: str, new: str, kind: MessageKind = MessageKind.DEBT) -> DeskFacts:
    path = folder / "desks.yaml"
    assert old in FILE
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    return desk_facts(load_desks(path), kind)


def complaint(folder: Path, old: str, new: str, kind: MessageKind = MessageKind.DEBT) -> str:
    with pytest.raises(ConfigurationError) as caught:
        facts_of(folder, old, new, kind)
    return str(caught.value).removeprefix(f"{folder}/")


def test_a_debt_message_names_the_desk_that_handles_the_case() -> None:
    assert desk_facts(DESKS, MessageKind.DEBT) == DeskFacts(
        "ELMŰ-ÉMÁSZ", "+3612382919", "hatralekkezeles@elmu.hu", "H-P 8-16"
    )
    assert desk_lines(DESKS, MessageKind.DEBT) == ("+3612383577",)


def test_a_service_message_names_nothing_that_tells_of_a_debt() -> None:
    facts = desk_facts(DESKS, MessageKind.SERVICE)
    assert facts == DeskFacts("ELMŰ-ÉMÁSZ", "+3612383838", "eloszto@elmu.hu", "H-P 8-20")


@each_of("template", shipped_templates().values())
def test_every_shipped_text_may_be_sent_by_the_shipped_desks(template: Template) -> None:
    facts, lines = desk_facts(DESKS, template.kind), desk_lines(DESKS, template.kind)
    assert (
        check_template(template.text, kind=template.kind, desk=facts, allowed_numbers=lines) == ()
    )


@pytest.mark.parametrize(
    ("hours", "printed"),
    [
        (["mon-fri 08:00-16:00"], "H-P 8-16"),
        (["mon 08:00-20:00", "tue-fri 08:00-16:00"], "H 8-20, K-P 8-16"),
        (["mon,thu 08:00-16:00"], "H 8-16, Cs 8-16"),
        (["mon-fri 13:00-17:00", "mon-fri 08:00-12:00"], "H-P 8-12 és 13-17"),
        (["wed 07:30-15:05", "sat-sun 00:00-23:59"], "Sze 7:30-15:05, Szo-V 0-23:59"),
        ([], ""),
    ],
)
def test_hours_are_short_hungarian_words(hours: list[str], printed: str) -> None:
    assert printed_hours(map(parse_hours, hours)) == printed
    text = f"{{desk_phone}}, {{desk_email}}, {printed}"
    facts = DeskFacts("Minta", "+3612382919", "desk@elmu.hu", printed)
    assert check_template(text, desk=facts) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "messages:\n  company: Minta\n  debt: general\n",
            "",
            (
                'desks.yaml: messages: is missing. Add it, with "company" and, under "debt", '
                "one of general."
            ),
        ),
        (
            "  debt: general\n",
            "",
            (
                "desks.yaml: messages.debt: is missing. Add it with the desk that such a message "
                "names, one of general."
            ),
        ),
        (
            "    email: desk@elmu.hu\n",
            "",
            "desks.yaml: desks.general.email: is missing. Add it: debt messages name it.",
        ),
        (
            "debt: general",
            "debt: genral",
            'desks.yaml:13: messages.debt: "genral" is no desk. Name one of general.',
        ),
        ("  company: Minta\n", "", "desks.yaml:11: messages.company: is missing. Add it."),
        (
            "debt: general",
            "dept: general",
            'desks.yaml:13: messages.dept: is not known here. Did you mean "debt"?',
        ),
        (
            "desk@elmu.hu",
            "desk",
            (
                "desks.yaml: messages.debt (desk \"general\"): email 'desk' must be an address "
                "such as desk@elmu.hu. Correct it."
            ),
        ),
        (
            "+3680202938",
            "0680202938",
            (
                'desks.yaml:6: desks.general.lines: "0680202938" is not a number with country '
                'code. Write it like "+3612383838", in quotes.'
            ),
        ),
    ],
)
def test_what_a_message_lacks_is_told_with_its_place_and_hint(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert complaint(tmp_path, old, new) == told


def test_a_utility_without_messages_has_a_telephone_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "desks.yaml"
    path.write_text(FILE[: FILE.index("messages:")].replace("email: desk@elmu.hu", ""), "utf-8")
    assert load_desks(path).messages is None


def test_a_kind_that_nobody_sends_needs_no_desk(tmp_path: Path) -> None:
    assert facts_of(tmp_path, "Minta", "Másik").company == "Másik"
    assert complaint(tmp_path, "Minta", "Minta", MessageKind.SERVICE).startswith(
        "desks.yaml: messages.service: is missing."
    )


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+36301234567", "+36 30 *** **67"),
        ("+3612382919", "+36 1 *** **19"),
        ("+3680202938", "+36 80 *** *38"),
        ("+442079460018", "+44 ** **** **18"),
        ("+12025550123", "+1 ***-***-**23"),
        ("+3699", "+**99"),
        ("ELMU", "ELMU"),
    ],
)
def test_a_list_shows_enough_of_a_number_to_tell_two_apart(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown
