"""Templates: the list, the versions with their differences, and the editor with its check."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from console.campaigns.marked import with_changes, with_marks
from tests.console.support import ConsoleUnderTest, Visited
from tests.support.runs.tables import each_of

GOOD = (
    "Tisztelt Ügyfelünk! Kérjük, hívja munkatársunkat: {desk_phone}, vagy írjon: {desk_email}. "
    "{company}"
)


def test_places_are_marked_once_and_everything_is_escaped() -> None:
    assert with_marks("a <b> c", [(2, 5), (3, 4), (7, 7)]) == "a <mark>&lt;b&gt;</mark> c"
    assert with_changes("Kérjük, hívja.", "Kérjük, írja <meg>.") == (
        "Kérjük, <del>hívja</del><ins>írja &lt;meg&gt;</ins>."
    )


def test_everybody_reads_the_templates_and_writers_change_them(console: ConsoleUnderTest) -> None:
    listed = console.visit("viewer", "/templates").text
    assert "debt_contact_1" in listed
    assert "Új sablon" not in listed
    assert console.visit("viewer", "/templates/debt_contact_1").status == 200
    assert console.visit("viewer", "/templates/debt_contact_1/edit").status == 403
    assert console.visit("sender", "/templates/none").status == 404


def test_a_text_is_saved_as_the_next_version_unless_somebody_was_quicker(
    console: ConsoleUnderTest,
) -> None:
    address = "/templates/debt_contact_1/edit"
    assert "Mentés 2. változatként" in console.visit("sender", address).text
    first = console.submit("sender", address, {"text": GOOD, "version": "1"})
    assert first.location == "/templates/debt_contact_1"
    late = console.submit("admin", address, {"text": GOOD + " Köszönjük.", "version": "1"})
    assert late.status == 409
    assert "Köszönjük." in late.text
    assert console.submit("admin", address, {"text": GOOD + " Köszönjük.", "version": "2"}).location
    shown = console.visit("viewer", "/templates/debt_contact_1").text
    assert "<ins> Köszönjük.</ins>" in shown


@each_of(
    ("form", "problem"),
    [
        ({"name": "", "kind": "debt", "text": ""}, "Adjon nevet a sablonnak."),
        ({"name": "Nagy Betű", "kind": "debt", "text": GOOD}, "Ékezet nélküli kisbetűt"),
        ({"name": "debt_contact_1", "kind": "debt", "text": GOOD}, "Már van ilyen nevű sablon."),
        (
            {"name": "uj", "kind": "debt", "text": GOOD + " Fizesse be hátralékát!"},
            "<mark>hátralék",
        ),
    ],
)
def test_a_refused_text_comes_back_with_the_mend(
    console: ConsoleUnderTest, form: dict[str, str], problem: str
) -> None:
    answer = console.submit("sender", "/templates/new", form)
    assert answer.status == 422
    assert "Javítandó" in answer.text
    assert problem in answer.text


def test_the_check_says_cost_findings_and_what_makes_it_dear(console: ConsoleUnderTest) -> None:
    typed = {"name": "", "kind": "debt", "text": GOOD + " Fizesse be 12 000 Ft összegű díját."}
    client = console.client("sender")
    client.get("/templates/new", base_url="https://localhost")
    shown = console.submit("sender", "/templates/new", {**typed, "check": "1"})
    assert shown.status == 200
    assert "összegnek olvasható" in shown.text
    assert "drágítják" in shown.text
    assert "részek száma" in shown.text


def _kept(answer: str) -> str:
    """The version that the next save of the draft goes on from."""
    found = re.search(r'name="draft_version" value="(\d+)"', answer)
    assert found is not None
    return found[1]


def test_what_is_typed_is_kept_for_its_author_and_found_again(console: ConsoleUnderTest) -> None:
    editor = console.visit("sender", "/templates/new").text
    draft = re.search(r'name="draft" value="([0-9a-f]{16})"', editor)
    assert draft is not None
    typed = {"name": "uj", "kind": "service", "text": "Félkész", "version": "0", "draft": draft[1]}
    first = _sent(console, "sender", {**typed, "draft_version": _kept(editor)})
    assert "Mentve: 10:00" in first
    second = {**typed, "text": "Félkész szöveg", "draft_version": _kept(first)}
    assert _kept(_sent(console, "sender", second)) == "2"
    other_window = _sent(console, "sender", {**typed, "draft_version": _kept(first)})
    assert "másik ablakban" in other_window
    address = f"/templates/new?draft={draft[1]}"
    for page in ("/templates", "/"):
        assert address in console.visit("sender", page).text
        assert address not in console.visit("admin", page).text
    assert "Félkész szöveg" in console.visit("sender", address).text
    assert console.visit("admin", address).status == 404
    console.submit("admin", f"/templates/draft/{draft[1]}/discard", {})
    assert "Félkész szöveg" in console.visit("sender", address).text
    saved = {**second, "text": "Kész. {company}", "draft_version": "2"}
    assert console.submit("sender", "/templates/new", saved).status == 303
    assert console.visit("sender", address).status == 404


def test_a_draft_of_a_change_comes_back_in_the_editor_until_it_is_discarded(
    console: ConsoleUnderTest,
) -> None:
    address, of = "/templates/debt_contact_1/edit", {"name": "debt_contact_1", "version": "1"}
    kept = console.submit("sender", address, {**of, "text": "Kedves Ügyfelünk", "keep": "1"})
    assert kept.location == address
    shown = console.visit("sender", address).text
    assert "A megkezdett piszkozatát látja." in shown
    assert "Kedves Ügyfelünk" in shown
    assert "Kedves Ügyfelünk" not in console.visit("admin", address).text
    other = console.submit("sender", address, {**of, "text": "Jó napot", "keep": "1"})
    assert other.status == 409
    assert "Jó napot" in other.text
    discard = re.search(r'action="(/templates/draft/[^"]+)"', shown)
    assert discard is not None
    assert console.submit("sender", discard[1], {}).location == "/templates/debt_contact_1"
    assert "Kedves Ügyfelünk" not in console.visit("sender", address).text


def test_of_two_who_change_a_template_the_second_sees_both_texts_and_chooses(
    console: ConsoleUnderTest,
) -> None:
    address, of = "/templates/debt_contact_1/edit", {"version": "1"}
    mine = {**of, "text": GOOD + " Köszönjük."}
    console.submit("admin", address, {**mine, "name": "debt_contact_1", "keep": "1"})
    assert console.submit("sender", address, {**of, "text": GOOD}).status == 303
    late = console.submit("admin", address, mine)
    assert late.status == 409
    for shown in (late.text, console.visit("admin", address).text):
        assert "<ins> Köszönjük.</ins>" in shown
        assert "az új változat marad" in shown
        assert 'name="version" value="2"' in shown
    assert console.submit("admin", address, {**mine, "version": "2"}).status == 303


@pytest.mark.both_databases
def test_of_two_who_save_at_once_one_is_asked_to_read_the_others_text(
    console: ConsoleUnderTest,
) -> None:
    address, writers = "/templates/debt_contact_1/edit", ("sender", "admin")
    for name in writers:
        console.client(name)
    start = Barrier(2)

    def save(name: str) -> Visited:
        start.wait()
        return console.submit(name, address, {"text": f"{GOOD} {name}", "version": "1"})

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(save, writers))
    assert sorted(answer.status for answer in answers) == [303, 409]
    (asked,) = (answer.text for answer in answers if answer.status == 409)
    for name in writers:
        assert name in asked


def _sent(console: ConsoleUnderTest, role: str, form: dict[str, str]) -> str:
    """The answer to a save of the draft, which is a region of the page."""
    client = console.client(role)
    shown = client.get("/me", base_url="https://localhost").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token is not None
    headers = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
    data = {**form, "csrf_token": token[1]}
    answer = client.post(
        "/templates/draft", data=data, base_url="https://localhost", headers=headers
    )
    assert answer.status_code == 200
    return answer.text
