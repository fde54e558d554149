"""What is typed in a step of a planned campaign, before its author goes on."""

import re

import pytest

from tests.console.planning import begun, choose_time, load, version
from tests.console.support import ConsoleUnderTest, Visited
from tests.support.runs.examples import few


def keep(console: ConsoleUnderTest, at: str, step: str, **typed: str) -> Visited:
    """What the page sends two seconds after the last key; the region that answers."""
    sent = {"version": version(console, f"{at}/{step}"), **typed}
    client = console.client("sender")
    token = re.search(r'name="csrf_token" value="([^"]+)"', console.visit("sender", "/me").text)
    assert token is not None
    answer = client.post(
        f"{at}/{step}/keep",
        data={**sent, "csrf_token": token[1]},
        base_url="https://localhost",
        headers={"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"},
    )
    return Visited(answer.status_code, answer.text, None, dict(answer.headers))


@pytest.mark.parametrize(
    ("step", "typed", "shown"),
    few(
        [
            (
                "who",
                {"name": "Félig írt", "source": "register", "days": "45x"},
                ["Félig írt", "45x"],
            ),
            (
                "what",
                {"template": "debt_contact_1", "spelling": "accented"},
                ['value="debt_contact_1" selected', 'value="accented" checked'],
            ),
            ("when", {"when": "at", "day": "2026. 11. 3", "clock": ""}, ["2026. 11. 3"]),
        ],
        1,
    ),
)
def test_what_is_typed_in_a_step_is_there_when_it_is_opened_again(
    console: ConsoleUnderTest, step: str, typed: dict[str, str], shown: list[str]
) -> None:
    at = begun(console)
    kept = keep(console, at, step, **typed)
    assert "Mentve:" in kept.text
    page = console.visit("sender", f"{at}/{step}").text
    for words in shown:
        assert words in page
    assert f'name="version" value="{version(console, f"{at}/{step}")}"' in kept.text


def test_what_is_typed_changes_nothing_until_its_author_goes_on(console: ConsoleUnderTest) -> None:
    at = begun(console)
    keep(console, at, "who", name="Új név", source="register", days="30")
    look = console.visit("sender", f"{at}/check").text
    assert "Új név" not in look
    assert "Van olyan lépés, amelyben módosított valamit" in look
    form = {"name": "Új név", "source": "register", "days": "30"}
    sent = {**form, "version": version(console, f"{at}/who")}
    assert console.submit("sender", f"{at}/who", sent).status == 303
    look = console.visit("sender", f"{at}/check").text
    assert "Új név" in look
    assert "Van olyan lépés" not in look


def test_what_was_typed_and_taken_back_is_nothing_to_save(console: ConsoleUnderTest) -> None:
    at = begun(console)
    load(console, at, b"case_id\nK-1\n")
    saved = {"name": "Novemberi értesítő", "source": "file", "days": "30"}
    keep(console, at, "who", **{**saved, "name": "Novemberi"})
    assert "Van olyan lépés" in console.visit("sender", f"{at}/check").text
    keep(console, at, "who", **saved)
    assert "Van olyan lépés" not in console.visit("sender", f"{at}/check").text


def test_a_step_that_is_typed_in_two_windows_says_so_and_then_shows_both(
    console: ConsoleUnderTest,
) -> None:
    at = begun(console)
    old = version(console, f"{at}/who")
    keep(console, at, "who", name="Egyik", source="register", days="30")
    other = {"name": "Másik", "source": "register", "days": "30", "version": old}
    told = keep(console, at, "who", **other)
    assert "Ezt egy másik ablakban is írja" in told.text
    assert f'value="{old}"' in told.text
    stale = console.submit("sender", f"{at}/who", other)
    assert stale.status == 409
    assert "Egyik" in stale.text
    assert "Másik" in stale.text


def test_a_step_that_is_refused_is_kept_as_it_was_typed(console: ConsoleUnderTest) -> None:
    at = begun(console)
    refused = choose_time(console, at, day="holnap", clock="9:00")
    assert refused.status == 422
    assert "holnap" in console.visit("sender", f"{at}/when").text
    newer = re.search(r'name="version" value="(\d+)"', refused.text)
    assert newer is not None
    sent = {"when": "at once", "day": "holnap", "clock": "", "version": newer[1]}
    assert console.submit("sender", f"{at}/when", sent).status == 303


def test_a_name_that_holds_a_telephone_number_is_not_kept(console: ConsoleUnderTest) -> None:
    at = begun(console)
    told = keep(console, at, "who", name="hívni: 06 30 123 4567", source="", days="30")
    assert "amelyben nincs telefonszám" in told.text
    assert "123 4567" not in console.visit("sender", f"{at}/who").text
