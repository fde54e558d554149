"""Templates: the list, the versions with their differences, and the editor with its check."""

import pytest

from console.campaigns.marked import with_changes, with_marks
from tests.console.support import ConsoleUnderTest

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


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"name": "", "kind": "debt", "text": ""}, "Adjon nevet a sablonnak."),
        ({"name": "Nagy Betű", "kind": "debt", "text": GOOD}, "Ékezet nélküli kisbetűt"),
        ({"name": "debt_contact_1", "kind": "debt", "text": GOOD}, "Ilyen nevű sablon már van."),
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
