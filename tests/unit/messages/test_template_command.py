"""``zoldszam template check``: exit codes, and what a person reads."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import commands

FIRST = (
    "Tisztelt Ügyfelünk! Számlaügyben egyeztetést kérünk: +36 1 238 2919, hatralekkezeles@elmu.hu. "
    "Ha rendezte, nincs teendője. Nem Önt érinti? Jelezze! ELMŰ-ÉMÁSZ\n"
)
SECOND = (
    "Tisztelt Ugyfelunk! Ismet kerjuk, hivja munkatarsunkat: +36 1 238 3577, vagy irjon: "
    "hatralekkezeles@elmu.hu. Ha mar egyeztetett, nincs teendoje. ELMU-EMASZ\n"
)
WINDOW = (
    "Megnyílt a mérőállás-bejelentés időszaka. Hívja: 06 80 202 938 (vezetékes) vagy "
    "06 20 938 3838, 5-ös, majd 1-es gomb. Számláját készítse elő. ELMŰ-ÉMÁSZ"
)


def check(text: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(commands, ["template", "check", "-", *options], input=text)


def test_a_good_reminder_leaves_zero_and_tells_its_cost() -> None:
    result = check(FIRST)
    assert result.exit_code == 0
    assert "As written UCS-2, 3 segments; in GSM-7 spelling GSM-7, 1 segment." in result.output


@pytest.mark.parametrize("text", [FIRST, SECOND, "{desk_phone}, {desk_email} {company}"])
def test_a_reminder_may_name_either_phone_of_the_desk(text: str) -> None:
    assert check(text).exit_code == 0


def test_every_broken_rule_is_named_marked_and_corrected() -> None:
    text = "Tisztelt {name}! Hátralék: 17 635 Ft. Azonnal: https://elmu.hu"
    result = check(text)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    place = lines.index('stem: "Hátralék" tells others of a debt (CO-12, C.8)')
    assert lines[place + 1] == f"    {text}"
    assert lines[place + 2] == f"    {' ' * text.index('Hátralék')}{'^' * 8}"
    assert lines[-1] == (
        "Not to be sent. Broken: slot, stem, digits, amount, urgency, link, missing-phone, "
        "missing-email."
    )


def test_only_the_line_of_the_place_is_shown() -> None:
    result = check("{desk_phone}\n{desk_email} adós\nVége")
    assert result.exit_code == 1
    assert "    {desk_email} adós\n                 ^^^^\n" in result.output
    assert "Vége" not in result.output


def test_a_service_message_is_checked_as_one_when_told(tmp_path: Path) -> None:
    assert check(WINDOW).exit_code == 1
    assert check(WINDOW, "--kind", "service").exit_code == 0
    file = tmp_path / "template.txt"
    file.write_text("Visszaigazoló szám: {receipt}. +36 1 238 3838", "utf-8")
    result = CliRunner().invoke(commands, ["template", "check", str(file), "--kind", "service"])
    assert result.exit_code == 0


def test_another_desk_is_given_by_options() -> None:
    text = "Hívja: 06 46 535 535, írjon: eloszto@emasz.hu"
    assert check(text).exit_code == 1
    assert check(text, "--phone", "+3646535535", "--email", "eloszto@emasz.hu").exit_code == 0


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (b"\xff", (), "is not UTF-8 at byte 1"),
        (FIRST, ("--phone", "2919"), "write it as +3612382919"),
    ],
)
def test_what_cannot_be_checked_is_told_in_a_sentence(
    text: str | bytes, options: tuple[str, ...], told: str
) -> None:
    result = check(text, *options)
    assert result.exit_code == 2
    assert told in result.output
