"""The inbox: tasks are taken, read and finished; no page tells a number but the one that may."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from backend.db.tables.messages import inbound_messages
from backend.db.transactions import read, write
from backend.interface.codes import StopOrigin, StopReason, TaskKind
from backend.records.suppression.stops import stop_number, stops_of
from backend.records.work_list.task_list import page_of_tasks
from backend.records.work_list.tasks import open_task
from tests.console.support import ConsoleUnderTest, Visited
from tests.support.colleagues.staff import acts_of
from tests.support.databases.message_rows import add_campaign, add_row

PHONE = "+36301234567"
MASKED = "+36 30 *** **67"


@pytest.fixture
def number(console: ConsoleUnderTest) -> int:
    """A task: somebody answers that they are the wrong one."""
    with write(console.engine) as connection:
        add_campaign(connection)
        row = add_row(connection, phone=PHONE, case_id="K-20481", state="delivered")
        message = {
            "message_sid": "SM1",
            "received_at": console.now - timedelta(hours=3),
            "phone": PHONE,
            "body": "Téves, én nem az vagyok. <b>06301234567</b>",
            "meaning": "wrong_addressee",
            "acknowledged": True,
        }
        connection.execute(inbound_messages.insert().values(message))
        stop_number(connection, PHONE, StopReason.WRONG_ADDRESSEE, StopOrigin.SMS, console.now)
        open_task(
            connection,
            TaskKind.VERIFY_WRONG_ADDRESSEE,
            PHONE,
            console.now - timedelta(hours=3),
            outbox_number=row,
            message_sid="SM1",
        )
        return page_of_tasks(connection)[0].number


def test_an_empty_inbox_says_what_will_appear_in_it(console: ConsoleUnderTest) -> None:
    for role in ("viewer", "sender"):
        assert "Nincs nyitott feladat." in console.visit(role, "/inbox").text
    assert "Nincs Önnél feladat." in console.visit("sender", "/inbox?tab=mine").text
    assert (
        "Nincs a szűrésnek megfelelő feladat."
        in console.visit("sender", "/inbox?kind=read_message").text
    )
    assert console.visit("sender", "/inbox?tab=other").status == 404


def test_a_task_is_taken_by_one_and_finished_by_nobody_else(
    console: ConsoleUnderTest, number: int
) -> None:
    listed = console.visit("sender", "/inbox")
    assert MASKED in listed.text
    assert "3 órája" in listed.text
    assert "Magamhoz veszem" not in console.visit("viewer", "/inbox").text
    assert console.submit("viewer", f"/inbox/{number}/take", {}).status == 403
    assert console.submit("sender", f"/inbox/{number}/take", {}).status == 303
    assert "Lezárás" in console.visit("sender", f"/inbox/{number}").text
    other = console.visit("approver", f"/inbox/{number}").text
    assert "sender foglalkozik vele" in other
    assert "Lezárás" not in other
    late = console.submit(
        "approver", f"/inbox/{number}/finish", {"outcome": "done", "note": "Visszahívtam."}
    )
    assert late.status == 409
    assert "Visszahívtam." in late.text
    assert console.submit("sender", f"/inbox/{number}/give-back", {}).status == 303
    assert console.submit("approver", f"/inbox/{number}/take", {}).status == 303


def test_deleting_a_number_is_asked_once_more_and_done_once(
    console: ConsoleUnderTest, number: int
) -> None:
    console.submit("sender", f"/inbox/{number}/take", {})
    address = f"/inbox/{number}/finish"
    empty = console.submit("sender", address, {"note": "Hívja a 06 30 123 4567 számot"})
    assert empty.status == 422
    assert "Javítandó" in empty.text
    chosen = {"outcome": "deleted", "note": "Az előző bérlő száma."}
    asked = console.submit("sender", address, chosen)
    assert asked.status == 200
    assert "nem vonható vissza" in asked.text
    with read(console.engine) as connection:
        assert page_of_tasks(connection)
    for _press in range(2):
        assert console.submit("sender", address, {**chosen, "confirmed": "1"}).status == 303
    finished = [act for act in acts_of(console.engine) if act[1] == "task finish"]
    assert [act[3] for act in finished] == ["verify_wrong_addressee deleted: Az előző bérlő száma."]
    with read(console.engine) as connection:
        assert [stop.reason for stop in stops_of(connection, PHONE)] == ["wrong_addressee"]
    assert "törölve a nyilvántartásból" in console.visit("viewer", "/inbox?tab=done").text


def test_a_number_is_shown_once_and_the_look_at_it_is_recorded(
    console: ConsoleUnderTest, number: int
) -> None:
    shown = console.visit("sender", f"/inbox/{number}").text
    assert "A megtekintést naplózzuk." in shown
    assert "1234567" not in shown
    assert "&lt;b&gt;" in shown
    full = console.submit("sender", f"/inbox/{number}/number", {})
    assert PHONE in full.text
    assert ("sender", "task show", str(number), None) in acts_of(console.engine)
    assert PHONE not in console.visit("sender", f"/inbox/{number}").text
    assert console.submit("viewer", f"/inbox/{number}/number", {}).status == 403


def test_the_count_of_open_tasks_is_answered_only_when_it_has_changed(
    console: ConsoleUnderTest, number: int
) -> None:
    shown = console.visit("sender", "/inbox").text
    poll = re.search(r'hx-get="(/inbox/count[^"]+)"', shown)
    assert poll is not None
    address = poll[1].replace("&amp;", "&")
    client = console.client("sender")
    assert client.get(address, base_url="https://localhost").status_code == 204
    with write(console.engine) as connection:
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234568", console.now)
    assert "1 új feladat – megjelenítés" in client.get(address, base_url="https://localhost").text


def test_a_number_is_looked_up_stopped_and_released_without_being_named(
    console: ConsoleUnderTest,
) -> None:
    assert console.submit("sender", "/suppression", {"phone": "12"}).status == 422
    found = console.submit("approver", "/suppression", {"phone": "0630/123-4567"})
    assert found.status == 303
    assert found.location is not None
    assert "1234567" not in found.location
    shown = console.visit("approver", found.location)
    assert "nincs tiltva" in shown.text
    assert MASKED in shown.text
    assert console.submit("approver", f"{found.location}/stop", {}).status == 422
    stopped = console.submit("approver", f"{found.location}/stop", {"reason": "opted_out"})
    assert stopped.status == 303
    assert "tiltva van" in console.visit("approver", found.location).text
    assert console.visit("sender", found.location).status == 404
    lift = f"{found.location}/lift/opted_out"
    assert console.submit("approver", lift, {}).status == 403
    mine = console.submit("sender", "/suppression", {"phone": "06301234567"}).location
    assert console.submit("sender", f"{mine}/lift/opted_out", {}).status == 303
    assert "nincs tiltva" in console.visit("sender", str(mine)).text


@pytest.mark.both_databases
def test_of_two_who_press_at_once_one_gets_the_task_and_the_other_is_told(
    console: ConsoleUnderTest, number: int
) -> None:
    colleagues = ("sender", "approver", "admin")
    clients = {name: console.client(name) for name in colleagues}
    assert len(clients) == 3
    start = Barrier(3)

    def press(name: str) -> Visited:
        start.wait()
        return console.submit(name, f"/inbox/{number}/take", {})

    with ThreadPoolExecutor(3) as threads:
        answers = dict(zip(colleagues, threads.map(press, colleagues), strict=True))
    assert sorted(answer.status for answer in answers.values()) == [303, 409, 409]
    (holder,) = (name for name, answer in answers.items() if answer.status == 303)
    for name, answer in answers.items():
        assert name == holder or f"{holder} foglalkozik" in answer.text


def test_a_task_goes_back_by_itself_after_half_an_hour_and_at_the_logout(
    console: ConsoleUnderTest, number: int
) -> None:
    console.submit("sender", f"/inbox/{number}/take", {})
    for _quarter in range(3):
        # Whoever is at it keeps it.
        console.now += timedelta(minutes=15)
        _type(console, "sender", number, {"note": f"Félkész {console.now:%M}"})
    assert "sender foglalkozik" in console.visit("admin", "/inbox").text
    console.now += timedelta(minutes=30)
    console.clients.clear()
    assert "foglalkozik" not in console.visit("admin", "/inbox").text
    assert str(number) not in re.findall(
        r'href="/inbox/(\d+)"', console.visit("sender", "/inbox?tab=mine").text
    )
    console.submit("sender", f"/inbox/{number}/take", {})
    elsewhere = console.clients.pop("sender")
    console.submit("sender", "/logout", {})
    assert "sender foglalkozik" in console.visit("admin", "/inbox").text, "still logged in"
    console.clients["sender"] = elsewhere
    console.submit("sender", "/logout", {})
    assert "foglalkozik" not in console.visit("admin", "/inbox").text
    assert [act[1] for act in acts_of(console.engine)].count("task give back") == 1


def test_a_note_that_is_being_written_outlives_a_take_over_and_is_its_authors_alone(
    console: ConsoleUnderTest, number: int
) -> None:
    console.submit("sender", f"/inbox/{number}/take", {})
    shown = console.visit("sender", f"/inbox/{number}").text
    assert f'hx-post="/inbox/{number}/note"' in shown
    kept = _type(console, "sender", number, {"note": "Visszahívom délután.", "outcome": "done"})
    assert "Mentve: 10:00" in kept
    assert "telefonszám nélkül" in _type(console, "sender", number, {"note": "0630/123-4567"}, "1")
    again = console.visit("sender", f"/inbox/{number}").text
    assert "Visszahívom délután.</textarea>" in again
    assert re.search(r'value="done" checked', again)
    console.now += timedelta(minutes=31)
    console.clients.clear()
    assert console.submit("admin", f"/inbox/{number}/take", {}).status == 303
    assert "Visszahívom" not in console.visit("admin", f"/inbox/{number}").text
    late = _type(console, "sender", number, {"note": "Visszahívom kedden.", "outcome": "done"}, "1")
    assert "közben admin vette át" in late
    assert "megkezdett megjegyzés" in console.visit("sender", "/").text
    assert "Visszahívom kedden." in console.visit("sender", f"/inbox/{number}").text
    console.submit("admin", f"/inbox/{number}/give-back", {})
    console.submit("sender", f"/inbox/{number}/take", {})
    finished = {"outcome": "done", "note": "Visszahívtam."}
    assert console.submit("sender", f"/inbox/{number}/finish", finished).status == 303
    assert "megkezdett megjegyzés" not in console.visit("sender", "/").text
    assert "Visszahívom" not in console.visit("sender", f"/inbox/{number}").text


def _type(
    console: ConsoleUnderTest, role: str, number: int, form: dict[str, str], since: str = ""
) -> str:
    """Type in the form of the task; the region that tells what was kept of it."""
    client = console.client(role)
    shown = client.get(f"/inbox/{number}", base_url="https://localhost").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    version = re.search(r'name="draft_version" value="(\d+)"', shown)
    assert token is not None
    since = since or (version[1] if version else "0")
    data = {**form, "csrf_token": token[1], "draft_version": since}
    headers = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
    address = f"/inbox/{number}/note"
    answer = client.post(address, data=data, base_url="https://localhost", headers=headers)
    assert answer.status_code == 200
    return answer.text
