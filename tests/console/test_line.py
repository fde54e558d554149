"""The screen of the line: notices are begun, heard and ended."""

from tests.console.support import ConsoleUnderTest


def test_a_notice_is_begun_shown_as_it_is_heard_and_ended(console: ConsoleUnderTest) -> None:
    assert "Most nincs érvényben közlés." in console.visit("viewer", "/line").text
    places = {"place_hu": "Szentendrén", "place_en": "in Szentendre"}
    form = {"kind": "outage", "area": "2000", **places}
    assert console.submit("viewer", "/line", form).status == 403
    wrong = {**form, "area": "Szentendre", "until_day": "2026. 11. 25."}
    refused = console.submit("sender", "/line", wrong)
    assert refused.status == 422
    assert "Irányítószámok eleje" in refused.text
    assert console.submit("sender", "/line", {**form, "until_day": "holnap"}).status == 422
    right = {**form, "until_day": "2026.11.25", "until_time": "9"}
    begun = console.submit("sender", "/line", right)
    assert begun.status == 303
    shown = console.visit("sender", "/line").text
    assert "Szentendrén üzemzavar miatt szünetel" in shown
    assert console.submit("sender", "/line/notices/1/end", {}).status == 303
    assert "Most nincs érvényben közlés." in console.visit("viewer", "/line").text
