"""The screens of calls and requests, after real calls."""

import re
from html import unescape

import pytest

from backend.calls.call_lists import page_of_calls, results_by_hour
from backend.db.transactions import read
from simulator.voice.dial import DialOutcome
from tests.console.support import ConsoleUnderTest
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange, budapest
from tests.support.databases.database import Database

MORNING = "2026-11-20 10:00"
PERIOD = "from=2026.11.20&until=2026. 11. 20."
SPAN = (budapest("2026-11-20"), budapest("2026-11-21"))


@pytest.fixture
def called(utility: Database) -> ConsoleUnderTest:
    """Four calls on a Friday morning: settled, talked, given up twice."""
    with Exchange(utility.url, Clock.at(MORNING), far_end=DialOutcome("answered")) as exchange:
        for keys in ("5 1 20293811 48213377# 41530# 1", "1", "", "5"):
            call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
            for group in keys.split():
                call.type(group)
            if not call.ended:
                call.hang_up()
    return ConsoleUnderTest(utility.engine)


def test_the_results_add_up_to_all_calls(called: ConsoleUnderTest) -> None:
    with read(called.engine) as connection:
        hours = results_by_hour(connection, *SPAN)
        listed = page_of_calls(connection, *SPAN, limit=2)
        rest = page_of_calls(connection, *SPAN, before=listed[-1].reference)
    assert sum(counts.total() for counts in hours.values()) == len(listed) + len(rest) == 4
    assert sorted(counts["settled"] for counts in hours.values()) == [1]


def test_a_period_shows_its_figures_and_each_call_its_path(called: ConsoleUnderTest) -> None:
    seen = called.visit("viewer", f"/calls?{PERIOD}").text
    assert "menüben elintézve" in seen
    assert "Hol tették le?" in seen
    opened = re.search(r'href="(/tree\?[^"#]*)#menupont">5 ', seen)
    assert opened is not None
    place = called.visit("viewer", unescape(opened[1])).text
    assert "ide jött 2, továbbment 1, letette 1" in place.partition('id="rajz"')[0]
    with read(called.engine) as connection:
        listed = page_of_calls(connection, *SPAN)
    settled = next(call for call in listed if call.result == "settled")
    path = called.visit("viewer", f"/calls/{settled.reference}").text
    assert "felhasználásihely-azonosító" in path
    assert "mérőállás-bejelentés" in path
    for typed in ("20293811", "48213377", "41530"):
        assert typed not in path
    requests = called.visit("viewer", "/requests").text
    assert settled.reference in requests


def test_the_download_has_the_rows_of_the_page_and_is_on_record(called: ConsoleUnderTest) -> None:
    answer = called.submit("sender", f"/calls.csv?{PERIOD}&result=hung_up", {})
    assert answer.status == 200
    assert len(answer.text.splitlines()) == 3
    assert called.submit("viewer", "/calls.csv", {}).status == 403
    for _again in range(19):
        assert called.submit("sender", "/requests.csv", {}).status == 200
    assert called.submit("sender", "/requests.csv", {}).status == 429


def test_no_call_and_no_hit_are_told_apart(console: ConsoleUnderTest) -> None:
    assert "Ma még nem volt hívás." in console.visit("viewer", "/calls").text
    assert "Nincs a szűrésnek" in console.visit("viewer", "/calls?result=settled").text
    assert "Ez nem dátum." in console.visit("viewer", "/calls?from=tegnap").text
    answer = console.visit("viewer", "/calls/find?reference=12")
    assert "Nincs ilyen azonosítójú" in console.visit("viewer", answer.location or "").text
    assert "Nincs ilyen számú" in console.visit("viewer", "/requests?receipt=12").text
    assert console.visit("viewer", "/calls/999999").status == 404
