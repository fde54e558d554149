"""A clerk's day in Chromium, by keyboard, with a real worker, service and carrier.

Kata writes reminders, the approver reads them on a telephone's width. What depends on the hour of
the day is in test_plans.py and test_open_pages.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.db.tables.messages import acts, outbox
from backend.db.tables.records import customers
from backend.db.transactions import read, write
from backend.staff.administration import add_user
from backend.staff.authentication.passwords import new_password
from tests.browser.console.keyboard import choose, press, tab_to
from tests.browser.console.keyboard import write as type_into
from tests.browser.console.live_console import NARROW, LiveConsole, page_findings, served
from tests.console.support import QUICK, ConsoleUnderTest
from tests.support.carriers.running_desk import ALWAYS, SENDER, SmsDesk, phone, sms_desk
from tests.support.colleagues.chromium import Pages
from tests.support.databases.database import Database
from tests.support.runs.examples import all_asked_for

NEW_PASSWORD = "hosszú szürke téli délután"
PEOPLE = 12
KEPT_IN_BROWSER = """async () => [
    localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length, document.cookie,
]"""
PATIENCE = 30_000
"""Milliseconds; a machine that is busy with much else may be slow."""
SLOW = "4"
"""Segments a second: three seconds for all."""


class Day(ConsoleUnderTest):
    """The console by the real clock, which may be set ahead."""

    ahead = timedelta()

    @property  # type: ignore[override]
    def now(self) -> datetime:
        """The time of the console."""
        return datetime.now(UTC) + self.ahead

    @now.setter
    def now(self, value: datetime) -> None:
        """It is what it is."""


@dataclass
class Office:
    """The desk that runs, its console, and Kata's one-time password."""

    desk: SmsDesk
    day: Day
    live: LiveConsole
    one_time: str
    recipients: Path


@pytest.fixture
def office(pages: Pages, records: Database, tmp_path: Path) -> Iterator[Office]:
    with sms_desk(records) as desk:
        recipients = desk.import_debtors(tmp_path / "back-office", PEOPLE)
        desk.environment |= {"SEND_PACE": SLOW, "CONSOLE_PORT": "0"}
        day = Day(records.engine, policy=replace(ALWAYS, pace=float(SLOW)))
        with write(records.engine) as connection:
            rng = Random(5)  # noqa: S311 - a test
            one_time = add_user(
                connection, "kata", "sender", phone(999), day.now, new_password(rng, QUICK)
            )
        with desk.workers(1):
            for live in served(day, pages):
                yield Office(desk, day, live, one_time, recipients)


def log_in(page: Page, name: str, password: str) -> None:
    type_into(page, "Felhasználónév", name)
    type_into(page, "Jelszó", password)
    page.keyboard.press("Enter")


def test_a_clerk_needs_no_manual_from_the_first_login_to_the_last_task(office: Office) -> None:
    found: list[str] = []
    live = office.live
    with live.page(None, "/login") as kata, live.page("approver", "/", size=NARROW) as bela:
        _first_login(kata, office.one_time)
        found += page_findings(kata)
        _plan(kata, office.recipients, found)
        if all_asked_for():
            _given_back_and_planned_again(kata, bela, found)
        _sent(kata, bela, found)
        _answered(kata, bela, office, found)
        _lunch_and_evening(kata, office)
    assert "\n".join(found) == ""


def _at(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading, timeout=PATIENCE)


def _first_login(kata: Page, one_time: str) -> None:
    log_in(kata, "kata", one_time)
    expect(kata.get_by_role("heading", level=1)).to_contain_text("jelsz")
    type_into(kata, "Új jelszó", NEW_PASSWORD)
    kata.keyboard.press("Enter")
    expect(kata.get_by_text("Nincs teendője.")).to_be_visible(timeout=PATIENCE)


def _plan(kata: Page, recipients: Path, found: list[str]) -> None:
    press(kata, "Új kampány")
    _at(kata, "Új kampány: Címzettek")
    type_into(kata, "A kampány neve", "Novemberi értesítő")
    choose(kata, "Feltöltött lista", "Feltöltött lista")
    cases = recipients.read_text("utf-8")
    if all_asked_for():
        ansi = cases.replace("D0", "Ő0").encode("cp1250")
        _load(kata, "lista.csv", ansi)
        expect(kata.get_by_text("ANSI (Windows-1250)")).to_be_visible(timeout=PATIENCE)
        found += page_findings(kata)
    # A landline, and a case that is there twice.
    rows = [f"{case};" for case in cases.split()[1:]]
    better = "\n".join(["case_id;phone", *rows, "D1;", "D2;+3612345678"])
    _load(kata, "lista.csv", better.encode())
    expect(kata.get_by_text(f"{PEOPLE} címzett")).to_be_visible(timeout=PATIENCE)
    expect(kata.get_by_text("ismétlődő sor 2")).to_be_visible(timeout=PATIENCE)
    press(kata, "Tovább a szöveghez")
    _at(kata, "Új kampány: Szöveg")
    _choose_text(kata)
    expect(kata.get_by_text("1 rész", exact=False).first).to_be_visible(timeout=PATIENCE)
    found += page_findings(kata)
    press(kata, "Tovább")
    _at(kata, "Új kampány: Időzítés")
    press(kata, "Tovább")
    _at(kata, "Új kampány: Ellenőrzés")
    press(kata, "Próbaküldés a telefonomra")
    expect(kata.get_by_text("A próbaküldés elindult")).to_be_visible(timeout=PATIENCE)
    found += page_findings(kata)
    _submit(kata)


def _load(kata: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    kata.get_by_label("A lista fájlja").set_input_files(file)
    press(kata, "Tovább")


def _choose_text(kata: Page) -> None:
    tab_to(kata, "Sablon")
    kata.keyboard.type("debt_contact_1")
    expect(kata.get_by_label("Sablon", exact=True)).to_have_value("debt_contact_1")


def _submit(kata: Page) -> None:
    # The list is read once more for this very text; the page loads itself when that is done.
    expect(kata.get_by_role("button", name="Jóváhagyásra küldés")).to_be_visible(timeout=PATIENCE)
    press(kata, "Jóváhagyásra küldés")
    expect(kata.get_by_text("jóváhagyásra vár")).to_be_visible(timeout=PATIENCE)
    expect(kata.get_by_role("button", name="Jóváhagyás")).to_have_count(0)


def _given_back_and_planned_again(kata: Page, bela: Page, found: list[str]) -> None:
    bela.reload()
    press(bela, "Novemberi értesítő")
    _at(bela, "Novemberi értesítő")
    found += page_findings(bela)
    press(bela, "Visszaadás javításra")
    _at(bela, "Visszaadás javításra: Novemberi értesítő")
    type_into(bela, "Mit kell javítani?", "Legyen más a neve.")
    press(bela, "Visszaadás javításra")
    expect(
        bela.get_by_text("kata piszkozatként visszakapta", exact=False)
        .or_(bela.get_by_role("status"))
        .first
    ).to_be_visible(timeout=PATIENCE)
    kata.goto(kata.url.split("/campaigns")[0] + "/")
    press(kata, "Kampány piszkozata: Novemberi értesítő – folytatás")
    expect(kata.get_by_text("Legyen más a neve.")).to_be_visible(timeout=PATIENCE)
    press(kata, "Név módosítása")
    _at(kata, "Új kampány: Címzettek")
    type_into(kata, "A kampány neve", "Decemberi értesítő")
    press(kata, "Tovább")
    expect(kata.get_by_text(f"{PEOPLE} címzett")).to_be_visible(timeout=PATIENCE)
    press(kata, "4. Ellenőrzés")
    _at(kata, "Új kampány: Ellenőrzés")
    _submit(kata)


def _sent(kata: Page, bela: Page, found: list[str]) -> None:
    bela.goto(kata.url)
    press(bela, "Jóváhagyás")
    expect(bela.get_by_text("jóváhagyva").first).to_be_visible(timeout=PATIENCE)
    kata.reload()
    press(kata, f"Küldés {PEOPLE} címzettnek")
    expect(kata.get_by_text("küldés folyamatban")).to_be_visible(timeout=PATIENCE)
    press(kata, "Szüneteltetés")
    expect(kata.get_by_text("szünetel").first).to_be_visible(timeout=PATIENCE)
    found += page_findings(kata)
    press(kata, "Folytatás")
    expect(kata.get_by_text("befejeződött").first).to_be_visible(timeout=PATIENCE)
    found += page_findings(kata)


def _answered(kata: Page, bela: Page, office: Office, found: list[str]) -> None:
    office.desk.carrier.reply(phone(3), SENDER, "Téves")
    kata.goto(kata.url.split("/campaigns")[0] + "/inbox")
    press(kata, "Magamhoz veszem")
    expect(kata.get_by_text("Felelős: kata", exact=False)).to_be_visible(timeout=PATIENCE)
    if all_asked_for():
        bela.goto(kata.url.split("/inbox")[0] + "/inbox")
        expect(bela.get_by_text("kata foglalkozik vele")).to_be_visible(timeout=PATIENCE)
    press(kata, "Szám megjelenítése")
    expect(
        kata.get_by_text("06 30", exact=False).or_(kata.get_by_text("+36 30")).first
    ).to_be_visible(timeout=PATIENCE)
    found += page_findings(kata)
    outcome = "Törlés a nyilvántartásból, a tiltás marad"
    choose(kata, outcome, outcome)
    press(kata, "Lezárás")
    expect(kata.get_by_text("Ez nem vonható vissza.")).to_be_visible(timeout=PATIENCE)
    press(kata, "Szám törlése")
    expect(kata.get_by_role("status").first).to_be_visible(timeout=PATIENCE)
    with read(office.day.engine) as connection:
        mine = select(customers.c.phone).where(customers.c.customer_id == "C3")
        assert connection.scalar(mine) is None
        shown = select(acts.c.act).where(acts.c.by == "kata", acts.c.act == "task show")
        assert connection.scalars(shown).all() == ["task show"]
        sent = select(outbox.c.phone).where(outbox.c.state == "delivered")
        assert len(connection.scalars(sent).all()) >= PEOPLE
    taken = office.desk.taken_by_carrier()
    assert taken[phone(3)] == 2, "the reminder, and the answer to what they wrote"
    others = {taken[phone(each)] for each in range(PEOPLE) if each != 3}
    assert others == {1}, "nobody got it twice"


def _lunch_and_evening(kata: Page, office: Office) -> None:
    if all_asked_for():
        kata.goto(kata.url.split("/inbox")[0] + "/suppression")
        office.day.ahead = timedelta(minutes=31)
        kata.reload()
        log_in(kata, "kata", NEW_PASSWORD)
        _at(kata, "Tiltólista")
    press(kata, "Kijelentkezés")
    kata.wait_for_url("**/login**")
    assert kata.evaluate(KEPT_IN_BROWSER) == [0, 0, 0, 0, ""]
    assert {cookie["name"] for cookie in kata.context.cookies()} <= {"__Host-desk"}
    kata.go_back()
    expect(kata.get_by_label("Jelszó")).to_be_visible(timeout=PATIENCE)
