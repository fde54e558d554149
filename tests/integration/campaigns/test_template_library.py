"""Templates in the database: versions that never change, refusals with their places."""

import time
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, text

from backend.db.tables.messages import templates
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind
from common.error_codes import ErrorCode
from common.errors import RecordsError, TemplateRefusedError, UserError
from messages.campaigns.desk_contact import desk_facts, desk_lines
from messages.campaigns.template_library import (
    StoredTemplate,
    find_template,
    list_templates,
    look_up_template,
)
from messages.campaigns.template_saving import save_template
from messages.content.shipped import shipped_templates
from tests.support.colleagues.staff import NOW, acts_of, add_staff
from tests.support.databases.database import Database
from tests.support.databases.records import DESKS

GOOD = "Kérjük, hívja: {desk_phone}, vagy írjon: {desk_email}. {company}"


def save(
    database: Database,
    wording: str = GOOD,
    name: str = "kerdes",
    kind: MessageKind = MessageKind.DEBT,
    lines: tuple[str, ...] = (),
    by: str = "anna",
) -> StoredTemplate:
    with write(database.engine) as connection:
        return save_template(
            connection, name, kind, wording, lines, by, NOW, desk_facts(DESKS, kind)
        )


def stored(database: Database) -> int:
    with read(database.engine) as connection:
        return connection.execute(select(func.count()).select_from(templates)).scalar_one()


@pytest.fixture(autouse=True)
def staff(database: Database) -> None:
    add_staff(database.engine, anna="sender", bela="approver", vera="viewer")


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ("Tisztelt {name}!", "slot"),
        ("Összesen 17 635 Ft", "amount"),
        ("A hátralék ügyében", "stem"),
        ("Lásd: https://elmu.hu", "link"),
        ("Számla: 20293811", "digits"),
        ("Hívjon azonnal", "urgency"),
    ],
)
def test_scenario_37_each_is_refused_at_save_with_the_rule_named_and_marked(
    database: Database, broken: str, rule: str
) -> None:
    with pytest.raises(TemplateRefusedError) as caught:
        save(database, f"{GOOD}\n{broken}")
    told = str(caught.value)
    assert f"\n    {broken}\n    " in told
    assert told.startswith(f"{rule}: ") or f"\n{rule}: " in told
    assert "^" in told
    assert stored(database) == 0


def test_scenario_37_all_broken_rules_of_a_text_are_told_at_once(database: Database) -> None:
    text = "Tisztelt {name}! Hátralék 20293811: 17 635 Ft. Azonnal: https://elmu.hu"
    with pytest.raises(TemplateRefusedError) as caught:
        save(database, text)
    assert str(caught.value).splitlines()[-1] == (
        "Not to be sent. Broken: slot, stem, digits, amount, urgency, link, missing-phone, "
        "missing-email."
    )


def test_every_save_is_a_new_version_and_the_old_ones_stay(database: Database) -> None:
    first = save(database)
    second = save(database, f"Jó napot! {GOOD}")
    again = save(database, f"Jó napot! {GOOD}")
    assert [first.version, second.version, again.version] == [1, 2, 2]
    assert (first.text, first.created_by, first.created_at) == (GOOD, "anna", NOW)
    with write(database.engine) as connection:
        assert find_template(connection, "kerdes", now=NOW) == second == again
        assert find_template(connection, "kerdes", 1, now=NOW) == first
    assert save(database).version == 3
    assert acts_of(database.engine)[-3:] == [
        ("anna", "template save", "kerdes", f"version {version}") for version in (1, 2, 3)
    ]


@pytest.mark.both_databases
def test_two_who_save_at_once_get_versions_of_their_own(database: Database) -> None:
    together = Barrier(4)
    versions: list[int] = []

    def run(greeting: str) -> None:
        together.wait()
        versions.append(save(database, f"{greeting} {GOOD}").version)

    greetings = ("Jó napot!", "Szép napot!", "Jó reggelt!", "Jó estét!")
    threads = [Thread(target=run, args=(greeting,)) for greeting in greetings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == [1, 2, 3, 4]
    assert stored(database) == 4


@pytest.mark.both_databases
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_is_overtaken_while_saving_takes_the_next_version(database: Database) -> None:
    other: list[int] = []
    with write(database.engine) as connection:
        facts = desk_facts(DESKS, MessageKind.DEBT)
        first = save_template(connection, "kerdes", MessageKind.DEBT, GOOD, (), "anna", NOW, facts)
        late = Thread(target=lambda: other.append(save(database, f"Jó napot! {GOOD}").version))
        late.start()
        # Until it waits for what is not committed yet.
        while late.is_alive() and not _waits(database):
            time.sleep(0.01)
    late.join()
    assert (first.version, other) == (1, [2])


def _waits(database: Database) -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with read(database.engine) as connection:
        return bool(connection.scalar(waiting))


def test_a_shipped_text_becomes_version_1_when_it_is_first_used(database: Database) -> None:
    with read(database.engine) as connection:
        assert look_up_template(connection, "debt_contact_1").created_at is None
    assert stored(database) == 0
    for _ in range(2):
        with write(database.engine) as connection:
            used = find_template(connection, "debt_contact_1", now=NOW)
        assert (used.version, used.created_at, used.created_by) == (1, NOW, None)
        assert used.text == shipped_templates()["debt_contact_1"].text
    assert stored(database) == 1


def test_who_saves_over_a_shipped_text_makes_version_2_of_it(database: Database) -> None:
    shipped = shipped_templates()["reading_window_open"]
    lines = tuple(reversed(shipped.lines))
    same = save(database, shipped.text, shipped.name, MessageKind.SERVICE, lines)
    assert (same.version, same.created_by) == (1, None)
    assert save(database, "Köszönjük! {company}", shipped.name, MessageKind.SERVICE).version == 2
    with write(database.engine) as connection:
        assert find_template(connection, shipped.name, 1, now=NOW).lines == shipped.lines


def test_only_the_lines_that_a_text_spells_out_are_kept_with_it(database: Database) -> None:
    lines = desk_lines(DESKS, MessageKind.SERVICE)
    text = "Hívja: 06 80 202 938. {company}"
    saved = save(database, text, kind=MessageKind.SERVICE, lines=lines)
    assert saved.lines == ("+3680202938",)
    assert save(database, text, kind=MessageKind.SERVICE, lines=saved.lines) == saved
    with pytest.raises(TemplateRefusedError, match="digits"):
        save(database, text, kind=MessageKind.SERVICE)


def test_a_reminder_cannot_be_saved_as_a_service_message(database: Database) -> None:
    with pytest.raises(TemplateRefusedError, match='"debt_contact_1" is a debt template and stays'):
        save(database, "Jó napot!", "debt_contact_1", MessageKind.SERVICE)


@pytest.mark.parametrize(
    ("name", "text", "lines", "told"),
    [
        ("Kérdés", GOOD, (), "cannot be a template's name"),
        ("kerdes", " \n", (), "The text is empty"),
        ("kerdes", GOOD, ("2919",), "A line cannot be named"),
    ],
)
def test_what_is_no_template_is_refused(
    database: Database, name: str, text: str, lines: tuple[str, ...], told: str
) -> None:
    with pytest.raises(TemplateRefusedError, match=told):
        save(database, text, name, MessageKind.SERVICE, lines)


@pytest.mark.parametrize("by", ["bela", "vera", "nobody"])
def test_only_who_writes_campaigns_saves_templates(database: Database, by: str) -> None:
    with pytest.raises(UserError):
        save(database, by=by)


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("debt_contct_1", None, 'Did you mean "debt_contact_1"? There are change_recorded, debt'),
        ("xyz", None, 'There is no template "xyz". There are change_recorded,'),
        ("debt_contact_1", 7, "has no version 7. Name one from 1 to 1."),
    ],
)
def test_a_template_that_there_is_not_is_told_with_those_that_there_are(
    database: Database, name: str, version: int | None, told: str
) -> None:
    with pytest.raises(RecordsError) as caught, write(database.engine) as connection:
        find_template(connection, name, version, now=NOW)
    assert told in str(caught.value)


def test_the_list_has_shipped_and_saved_ones_in_their_newest_versions(database: Database) -> None:
    save(database)
    save(database, f"Jó napot! {GOOD}")
    with read(database.engine) as connection:
        found = {each.name: each.version for each in list_templates(connection)}
    assert found == {**dict.fromkeys(shipped_templates(), 1), "kerdes": 2}
    assert list(found) == sorted(found)


def test_a_change_is_refused_when_another_version_was_saved_meanwhile(database: Database) -> None:
    facts = desk_facts(DESKS, MessageKind.DEBT)

    def change(wording: str, changed_from: int) -> int:
        with write(database.engine) as connection:
            return save_template(
                connection, "kerdes", MessageKind.DEBT, wording, (), "anna", NOW, facts,
                changed_from=changed_from,
            ).version  # fmt: skip

    assert change(GOOD, 0) == 1
    assert change(GOOD, 0) == 1, "the same text twice is one version"
    assert change(GOOD + " Várjuk.", 1) == 2
    for changed_from in (0, 1):
        with pytest.raises(TemplateRefusedError) as refused:
            change(GOOD + " Kérjük.", changed_from)
        assert refused.value.code is ErrorCode.TEMPLATE_CHANGED
