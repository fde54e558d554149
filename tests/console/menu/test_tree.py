"""The screens of the menu: its picture and list with counts, its check, and what would change."""

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from backend.calls.call_lists import Result
from backend.calls.call_statistics import Dialled
from backend.calls.menu_flow import menu_flow
from backend.db.transactions import read
from service_files import shown_lines
from settings import HERE, Settings
from simulator.voice.dial import DialOutcome
from tests.console.support import ConsoleUnderTest, Visited, lint
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange, budapest
from tests.support.databases.database import Database

DAY = "from=2026.11.20&until=2026.11.20"
TREE = HERE / "menu_tree.yaml"


@pytest.fixture
def called(utility: Database) -> ConsoleUnderTest:
    """Four calls: one settled at 5.1, one put through at 1, two hung up, at the top and at 5."""
    with Exchange(
        utility.url, Clock.at("2026-11-20 10:00"), far_end=DialOutcome("answered")
    ) as exchange:
        for keys in ("5 1 20293811 48213377# 41530# 1", "1", "", "5"):
            call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
            for group in keys.split():
                call.type(group)
            if not call.ended:
                call.hang_up()
    return ConsoleUnderTest(utility.engine)


def _drawn(console: ConsoleUnderTest) -> str:
    page = console.visit("viewer", "/tree").text
    return page[page.index('<svg class="tree"') : page.index("</main>")]


def _compare(console: ConsoleUnderTest, files: dict[str, bytes]) -> Visited:
    client = console.client("viewer")
    page = client.get("/tree/changes", base_url="https://localhost").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer = client.post(
        "/tree/changes",
        base_url="https://localhost",
        headers={"Origin": "https://localhost"},
        data={
            "csrf_token": token[1],
            "files": [(BytesIO(content), name) for name, content in files.items()],
        },
    )
    lint(answer.text)
    return Visited(answer.status_code, answer.text, answer.location, dict(answer.headers))


def test_who_came_to_a_place_went_on_or_ended_there(called: ConsoleUnderTest) -> None:
    span = (budapest("2026-11-20"), budapest("2026-11-21"))
    with read(called.engine) as connection:
        version = called.app.extensions["console"].lines.now().lines["electricity"].tree_hash
        flow = menu_flow(connection, *span, Dialled(frozenset(), excepted=True), version)
        other = menu_flow(connection, *span, Dialled(frozenset(), excepted=True), "earlier")
    assert flow.calls == 4
    assert (flow.of_other_versions, other.of_other_versions, other.places) == (0, 4, {})
    first, fifth = flow.at(""), flow.at("5")
    assert (first.reached, first.went_on, first.hung_up) == (4, 3, 1)
    assert (fifth.reached, fifth.went_on, fifth.hung_up) == (2, 1, 1)
    assert flow.at("1").ended == {Result.HANDED_OVER: 1}
    assert flow.at("5.1").finished == 1
    assert flow.at("3").reached == 0


def test_the_menu_is_a_picture_of_links_and_the_same_as_a_list(called: ConsoleUnderTest) -> None:
    seen = called.visit("viewer", f"/tree?{DAY}").text
    picture, _, listed = seen[seen.index('<svg class="tree"') :].partition('id="lista"')
    picture = picture[: picture.index("</svg>")]
    listed = listed[: listed.index("</main>")]
    links = re.findall(r'href="([^"]+)"', picture)
    assert links == re.findall(r'<a href="([^"]+)"', listed)
    assert "ide jött 2, továbbment 1, letette 1" in listed
    assert "hívás: 2" in picture
    assert "letette: 1 (50%)" in called.visit("viewer", f"/tree?{DAY}&layer=drop-off").text
    words = called.visit("viewer", "/tree?layer=words&language=en&line=heat").text
    assert 'lang="en"' in words
    assert "press one" in words


def test_a_node_tells_its_sentences_rules_and_counts(called: ConsoleUnderTest) -> None:
    panel = called.visit("viewer", f"/tree?{DAY}&node=meter_reading").text
    assert "MR-0" in panel
    assert "Nincs beállítva hangfelvétel" in panel
    assert "Az ügyintézés mondatai" in panel
    facts = called.visit("viewer", "/tree?node=direct_debit_facts").text
    assert "DD-06, DD-07" in facts
    assert facts.count("info.direct_debit_mandate") == 1
    assert "Ahová vezet" in called.visit("viewer", "/tree?node=payment_of_debt").text


def test_a_line_or_node_that_is_not_there_is_told(console: ConsoleUnderTest) -> None:
    for query in ("line=water", "node=nowhere", "line=heat&node=payment_day"):
        assert console.visit("viewer", f"/tree?{query}").status == 404
    empty = console.visit("viewer", "/tree?zoom=7&layer=x&language=xx").text
    assert "Ebben az időszakban nem volt hívás" in empty


def test_a_menu_in_order_has_no_finding(console: ConsoleUnderTest) -> None:
    assert "Nincs kifogás" in console.visit("viewer", "/tree/check").text
    assert "Nincs kifogás" in console.visit("viewer", "/tree/check?line=heat").text
    assert console.visit("viewer", "/tree/check?line=water").status == 404


def test_files_with_an_error_are_told_beside_the_menu_that_callers_keep(
    console: ConsoleUnderTest, tmp_path: Path
) -> None:
    shutil.copytree(HERE / "menus" / "prompts", tmp_path / "prompts")
    tree = tmp_path / "menu_tree.yaml"
    tree.write_bytes(TREE.read_bytes())
    lines = tmp_path / "lines.yaml"
    entry = '  only: {tree: menu_tree.yaml, prompts: prompts, numbers: ["+3680202938"]}'
    lines.write_text(f"default: only\nlines:\n{entry}\n", "utf-8")
    own = shown_lines(Settings(lines=lines), lambda: console.now)
    known = console.app.extensions["console"]
    console.app.extensions["console"] = replace(known, lines=own)
    assert "Nincs kifogás" in console.visit("viewer", "/tree/check").text
    tree.write_bytes(TREE.read_bytes().replace(b'"1": {transfer: complaint', b'"1": {transfr: x'))
    console.now += timedelta(seconds=5)
    page = console.visit("viewer", "/tree").text
    assert "A fájlokban most hiba van" in page
    assert "Panasz, ügyintéző" in page
    findings = console.visit("viewer", "/tree/check").text
    assert "Ismeretlen megnevezés." in findings
    assert "transfr" in findings
    assert "menu_tree.yaml, " in findings


def test_a_candidate_is_told_in_words_and_not_taken(console: ConsoleUnderTest) -> None:
    before = _drawn(console)
    menu = TREE.read_bytes()
    moved = menu.replace(b'"3": {info: overpayment', b'"6": {info: overpayment').replace(
        b'"4": {info: already_paid', b'"3": {info: already_paid'
    )
    told = _compare(console, {"new.yaml": moved})
    assert told.status == 200
    assert "nem tölthetők be" in told.text
    assert "Kimarad egy gomb." in told.text
    assert "new.yaml" not in told.text[told.text.index("<ol") :]
    sentences = (HERE / "menus/prompts/hu.yaml").read_bytes()
    said = sentences.replace(b"goodbye: ", "goodbye: Minden jót! ".encode(), 1)
    changed = menu.replace(b"max_nomatch: 3", b"max_nomatch: 4")
    told = _compare(console, {"candidate.yaml": changed, "hu.yaml": said})
    assert "rossz gomb legfeljebb ennyiszer: most 3, ezután 4" in told.text
    assert "<ins>Minden jót" in told.text
    assert _drawn(console) == before


def test_files_that_tell_nothing_are_refused(console: ConsoleUnderTest) -> None:
    assert _compare(console, {}).status == 422
    assert _compare(console, {"a.txt": b"menu: main"}).status == 422
    assert _compare(console, {"a.yaml": b"", "b.yaml": b""}).status == 422
    assert "nem vennének észre" in _compare(console, {"a.yaml": TREE.read_bytes()}).text
    assert "nem UTF-8" in _compare(console, {"a.yaml": "menu: fő".encode("cp1250")}).text
    assert _compare(console, {"a.yaml": b"#" * 70_000}).status == 200
    larger = console.client("viewer").post(
        "/tree/changes",
        base_url="https://localhost",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "2000000"},
    )
    assert larger.status_code == 413


def test_every_screen_of_the_menu_stands_under_its_entry_of_the_bar(
    console: ConsoleUnderTest,
) -> None:
    for path in ("/tree", "/tree/check", "/tree/changes", "/line"):
        page = console.visit("viewer", path).text
        assert '<a href="/tree" aria-current="page">Menü és vonal</a>' in page, path
