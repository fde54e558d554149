"""The screen of the line: what is heard now, and what is different for a while."""

import re

import pytest
from sqlalchemy import func, select

from backend.db.tables.notices import desk_closures, extra_windows, notices
from backend.db.transactions import read
from backend.records.notices.notice_areas import addresses_in
from common.errors import NoticeError
from tests.console.support import ConsoleUnderTest
from tests.support.databases.database import Database

PLACES = {"place_hu": "Szentendrén", "place_en": "in Szentendre"}
OUTAGE = {"kind": "outage", "area": "2000", **PLACES}


def _first_words(page: str) -> list[str]:
    heard = page.partition('id="hallhato"')[2].partition('id="kozlesek"')[0]
    return re.findall(r"</h3>\s*<blockquote[^>]*>(.*?)</blockquote>", heard)


def test_a_notice_is_begun_shown_as_it_is_heard_and_ended(console: ConsoleUnderTest) -> None:
    assert "Most nincs érvényben közlés." in console.visit("viewer", "/line").text
    assert console.submit("viewer", "/line", OUTAGE).status == 403
    wrong = {**OUTAGE, "area": "Szentendre", "until_day": "2026. 11. 25."}
    refused = console.submit("sender", "/line", wrong)
    assert refused.status == 422
    assert "Irányítószámok eleje" in refused.text
    assert console.submit("sender", "/line", {**OUTAGE, "until_day": "holnap"}).status == 422
    right = {**OUTAGE, "until_day": "2026.11.25", "until_time": "9"}
    begun = console.submit("sender", "/line", right)
    assert begun.status == 303
    shown = console.visit("sender", "/line").text
    assert "Szentendrén üzemzavar miatt szünetel" in shown
    assert console.submit("sender", "/line/notices/1/end", {}).status == 303
    assert "Most nincs érvényben közlés." in console.visit("viewer", "/line").text


def test_a_notice_is_looked_at_before_it_begins(utility: Database) -> None:
    console = ConsoleUnderTest(utility.engine)
    with read(console.engine) as connection:
        every, near = addresses_in(connection, "*"), addresses_in(connection, "2000, 11")
        assert every > near == addresses_in(connection, "2000") + addresses_in(connection, "11")
        with pytest.raises(NoticeError):
            addresses_in(connection, "Szentendre")
    page = console.submit("sender", "/line", {**OUTAGE, "area": "*", "preview": "1"})
    assert page.status == 200
    assert f"Érintett cím: {every}" in page.text
    assert "Szentendrén üzemzavar miatt szünetel" in page.text
    assert 'value="Szentendrén"' in page.text
    part = console.submit("sender", "/line", {**OUTAGE, "place_en": "", "preview": "1"})
    assert part.status == 422
    assert "Ha a fajta és mindkét hely ki van töltve" in part.text
    assert "Most nincs érvényben közlés." in console.visit("viewer", "/line").text


@pytest.mark.both_databases
def test_a_double_press_is_one_notice_one_closure_one_window(console: ConsoleUnderTest) -> None:
    until = {"closure-until_day": "2026.11.24", "closure-until_time": "18"}
    window = {"window-area": "2000", "window-from_day": "2026.11.24"}
    sent = (
        ("/line", OUTAGE),
        ("/line/closures", {"closure-desk": "collections", **until}),
        ("/line/windows", {**window, "window-until_day": "2026. 11. 30."}),
    )
    for number, (path, form) in enumerate(sent):
        for _press in range(2):
            pressed = console.submit("sender", path, {**form, "form_key": f"key {number}"})
            assert (pressed.status, (pressed.location or "").partition("#")[0]) == (303, "/line")
    with read(console.engine) as connection:
        for table in (notices, desk_closures, extra_windows):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 1


def test_a_caller_hears_what_is_about_the_postcode(console: ConsoleUnderTest) -> None:
    assert console.submit("sender", "/line", OUTAGE).status == 303
    usual = console.visit("viewer", "/line").text
    assert all("üzemzavar" not in words for words in _first_words(usual))
    there = _first_words(console.visit("viewer", "/line?postcode=2000").text)
    assert any("Szentendrén üzemzavar" in words for words in there)
    assert any("in Szentendre" in words for words in there)
    assert "Négy számjegyű irányítószámot" in console.visit("viewer", "/line?postcode=20").text


def test_a_closed_desk_is_told_until_it_is_opened(console: ConsoleUnderTest) -> None:
    form = {"closure-desk": "general", "closure-until_day": "2026.11.24"}
    refused = console.submit("sender", "/line/closures", form)
    assert refused.status == 422
    assert "hány órakor" in refused.text
    past = console.submit("sender", "/line/closures", {**form, "closure-until_time": "8:00"})
    assert "már elmúlt" in past.text
    right = {**form, "closure-until_time": "18:00"}
    assert console.submit("viewer", "/line/closures", right).status == 403
    assert console.submit("sender", "/line/closures", right).status == 303
    page = console.visit("viewer", "/line").text
    assert "<strong>ügyfélszolgálat</strong>" in page
    assert "szünetel</td>" in page
    assert "-kor kezdődik" not in console.visit("sender", "/line").text
    assert console.submit("sender", "/line/closures/1/end", {}).status == 303
    assert "szünetel</td>" not in console.visit("viewer", "/line").text
    assert console.submit("sender", "/line/closures/1/end", {}).status == 303


def test_a_closure_that_begins_later_says_when_and_hours_read_as_on_every_page(
    console: ConsoleUnderTest,
) -> None:
    days = {"closure-from_day": "2026.11.25", "closure-until_day": "2026.11.25"}
    times = {"closure-from_time": "8:00", "closure-until_time": "12:00"}
    form = {"closure-desk": "general", **days, **times}
    assert console.submit("sender", "/line/closures", form).status == 303
    page = console.visit("viewer", "/line").text
    assert "2026. 11. 25. 8:00-kor kezdődik. Addig az ügyintézők" in page
    assert "8:00\u2060–\u206020:00" in page


def test_an_extraordinary_window_is_opened_and_taken_back(console: ConsoleUnderTest) -> None:
    form = {"window-area": "2000", "window-from_day": "2026.11.24", "window-until_day": "vasárnap"}
    refused = console.submit("sender", "/line/windows", form)
    assert "Írja így a napot" in refused.text
    assert 'value="vasárnap"' in refused.text
    form["window-until_day"] = "2026.11.20"
    assert console.submit("sender", "/line/windows", form).status == 422
    form["window-until_day"] = "2026.12.01"
    assert console.submit("sender", "/line/windows", form).status == 303
    assert "2026. 11. 24. – 2026. 12. 01." in console.visit("viewer", "/line").text
    assert console.submit("sender", "/line/windows/1/end", {}).status == 303
    assert "Most nincs ilyen" in console.visit("viewer", "/line").text


def test_the_counts_are_polled_and_desks_have_their_names(console: ConsoleUnderTest) -> None:
    page = console.visit("viewer", "/line").text
    assert 'hx-get="/line/figures' in page
    assert "hétfő" in page
    assert "hálózati követelések" in page
    assert "Meghallgatás" not in page
