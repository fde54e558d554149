"""Every address of the console, with each method, as nobody and as each role.

``permissions.txt`` says who is answered with what; a new screen adds its rows there.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.db.transactions import open_database
from console.permissions import allowed
from console.web.headers import POLICY
from console.web.static_files import STATIC
from tests.console.everything import MARKUP, PHONE
from tests.console.support import (
    ConsoleUnderTest,
    PasskeysThatProveNothing,
    ProviderThatIsDown,
    lint,
)
from tests.console.walk import EVERYBODY, OURS, Answer, Walk, read_table, table_row
from tests.support.runs.examples import all_asked_for, few

SHOWS_A_NUMBER = {"inbox.show_number"}
"""The one that shows a number, and only to whoever may."""

ENDS_WHAT_IS_OVER = {"account.end", "closures.end", "notices.end", "windows.end"}
"""What is not there is as good as ended."""

PARSED = few((None, "admin", "viewer"), 2)
"""Whose pages are parsed: what a viewer sees of a page is what an administrator sees, or less."""

MOST_BYTES, MOST_REQUESTS = 300_000, 6
_LOADED = re.compile(r'(?:src|<link [^>]*href)="/static/([^"]+)"')
_NATIONAL = PHONE.removeprefix("+36")
_TOLD = re.compile(r"[^\d\n]{0,4}".join(_NATIONAL))
_BOOKKEEPING = ("UPDATE sessions SET seen_at",)


def by_role(statuses: tuple[int, ...]) -> list[tuple[str | None, int]]:
    """A row of the table, with the role that each status is for."""
    return list(zip(EVERYBODY, statuses, strict=True))


def asking(statuses: tuple[int, ...] | None) -> list[str | None]:
    """Who asks: in the short run nobody, a viewer, an administrator, and who differs from both.

    A sender or approver who is to be answered as one of the two are is let through or refused by
    the same permission. A new address is asked for by all.
    """
    if statuses is None or all_asked_for():
        return list(EVERYBODY)
    row = dict(by_role(statuses))
    ends = (row["viewer"], row["admin"])
    return [
        role for role in EVERYBODY if role in {None, "viewer", "admin"} or row[role] not in ends
    ]


@pytest.fixture(scope="module")
def walk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The console over one of everything."""
    path = tmp_path_factory.mktemp("walk") / "records.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    try:
        provider, passkeys = ProviderThatIsDown(), PasskeysThatProveNothing()
        yield Walk(ConsoleUnderTest(engine, provider=provider, passkeys=passkeys))
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def answers(walk: Walk) -> list[Answer]:
    """What everybody is answered everywhere; forms are sent empty."""
    table = read_table()
    return [
        walk.ask(rule, method, role)
        for rule, method in walk.routes()
        for role in asking(table.get((rule.endpoint, method)))
    ]


def test_the_table_says_who_is_answered_with_what(answers: list[Answer]) -> None:
    table = read_table()
    # Whoever is not asked has what the table says; the next test holds that to the permissions.
    expected = {(*key, role): each for key in table for role, each in by_role(table[key])}
    answered = expected | {(each.endpoint, each.method, each.role): each.status for each in answers}
    found = {
        key: tuple(answered[*key, role] for role in EVERYBODY)
        for key in dict.fromkeys((each.endpoint, each.method) for each in answers)
    }
    complaints = [
        f"no row yet; if this is who may do it, add:\n{table_row(*key, statuses)}"
        for key, statuses in found.items()
        if key not in table
    ]
    complaints += [
        f"{key} has a row but is gone: take it away" for key in table if key not in found
    ]
    complaints += [
        f"stands in the table as\n{table_row(*key, table[key])}\nbut is now\n"
        + table_row(*key, statuses)
        for key, statuses in found.items()
        if key in table and table[key] != statuses
    ]
    assert not complaints, "tests/console/permissions.txt:\n" + "\n".join(complaints)


def test_a_role_is_let_through_where_its_permission_is_and_nowhere_else(
    walk: Walk, answers: list[Answer]
) -> None:
    for answer in answers:
        need = walk.console.app.view_functions[answer.endpoint].need  # type: ignore[attr-defined]
        if need.permission is None:
            assert answer.status not in {401, 403}, answer.name
        elif answer.role is None:
            assert answer.status == (303 if answer.method == "GET" else 401), answer.name
        else:
            may = allowed(answer.role, need.permission)
            assert (answer.status == 403) is not may, answer.name
            assert answer.status < 500, answer.name
    for (endpoint, _), statuses in read_table().items():
        permission = walk.console.app.view_functions[endpoint].need.permission  # type: ignore[attr-defined]
        if permission is not None:
            for role, status in by_role(statuses):
                assert role is None or (status == 403) is not allowed(role, permission), endpoint


def test_every_page_is_sound(answers: list[Answer]) -> None:
    pages = {re.sub(r'csrf_token" value="[^"]*"', "", each.text): each for each in answers}
    for answer in pages.values():
        if answer.is_page and answer.role in PARSED:
            try:
                lint(answer.text, sound=True)
            except Exception as error:
                raise AssertionError(answer.name) from error


def test_every_page_loads_at_most_300_kilobytes_in_six_requests(answers: list[Answer]) -> None:
    heavy = []
    for answer in answers:
        if answer.is_page:
            files = set(_LOADED.findall(answer.text))
            sizes = [(STATIC / name.split("?")[0]).stat().st_size for name in files]
            size = len(answer.text.encode()) + sum(sizes)
            if size > MOST_BYTES or len(files) > MOST_REQUESTS - 1:
                heavy.append(f"{answer.name}: {size} bytes, {len(files) + 1} requests")
    assert heavy == []


def test_every_answer_has_the_headers_and_is_kept_by_nobody(answers: list[Answer]) -> None:
    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == POLICY, answer.name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", answer.name
        assert answer.headers["Referrer-Policy"] == "same-origin", answer.name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", answer.name
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", answer.name
        lasting = "max-age=31536000; includeSubDomains"
        assert answer.headers["Strict-Transport-Security"] == lasting, answer.name
        assert answer.headers["X-Robots-Tag"] == "noindex", answer.name
        assert answer.headers["Cache-Control"] == "no-store", answer.name


def test_no_page_tells_a_number_but_the_one_that_shows_it(answers: list[Answer]) -> None:
    told = {each.endpoint for each in answers if _TOLD.search(each.text)}
    assert told == SHOWS_A_NUMBER
    for answer in answers:
        assert not _TOLD.search(str(answer.headers)), answer.name


def test_markup_in_any_free_field_comes_back_escaped(walk: Walk, answers: list[Answer]) -> None:
    assert any("&lt;b&gt;" in answer.text for answer in answers)
    hostile = dict.fromkeys(_fields(answers), MARKUP)
    again = [
        walk.ask(rule, method, "admin", form=hostile)
        for rule, method in walk.routes()
        if method != "GET"
    ]
    for rule, method in walk.routes():
        here = [each for each in answers if (each.endpoint, each.role) == (rule.endpoint, "admin")]
        if method == "GET" and (asked := _fields(here)):
            again.append(walk.ask(rule, method, "admin", query=dict.fromkeys(asked, MARKUP)))
    for answer in again:
        assert answer.status < 500, answer.name
    for answer in [*answers, *again]:
        if "html" in answer.headers.get("Content-Type", ""):
            assert "<b>" not in answer.text, answer.name


def _fields(answers: list[Answer]) -> set[str]:
    """The names of all fields in these pages."""
    found = {name for each in answers for name in re.findall(r'\sname="([a-z_-]+)"', each.text)}
    return found - {"csrf_token"}


def test_no_get_writes_anything_but_who_is_there(answers: list[Answer]) -> None:
    for answer in answers:
        if answer.method == "GET" and answer.status != 403:
            written = [each for each in answer.writes if not each.startswith(_BOOKKEEPING)]
            assert not written, answer.name


def test_a_form_without_token_or_from_elsewhere_changes_nothing(walk: Walk) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    for rule, method in walk.routes():
        if method == "GET":
            continue
        without = walk.ask(rule, method, "admin", with_token=False)
        assert (without.status, without.writes) == (400, ()), without.name
        for headers in (elsewhere, OURS | {"Sec-Fetch-Site": "cross-site"}):
            foreign = walk.ask(rule, method, "admin", headers=headers)
            assert (foreign.status, foreign.writes) == (403, ()), foreign.name


def test_what_is_not_there_is_not_found(walk: Walk) -> None:
    for rule, method in walk.routes():
        if rule.arguments and rule.endpoint not in ENDS_WHAT_IS_OVER:
            answer = walk.ask(rule, method, "admin", missing=True)
            assert answer.status == 404, answer.name
