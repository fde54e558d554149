"""Colleagues and the log: let in, given roles, logged out, disabled; all of it on record."""

import re

import pytest

from backend.db.tables.messages import acts
from backend.db.tables.staff import second_factors
from backend.db.transactions import read, write
from backend.staff.administration import set_role
from common.errors import UserError
from tests.console.account.test_proof import enrol
from tests.console.support import PASSWORD, ROLES, ConsoleUnderTest
from tests.support.colleagues.staff import acts_of
from tests.support.runs.tables import each_of


def one_time_password(page: str) -> str:
    found = re.findall(r"<code>([a-z0-9-]{23})</code>", page)
    assert len(found) == 1
    return str(found[0])


def _log_in(console: ConsoleUnderTest, name: str, password: str) -> str | None:
    console.clients[name] = console.app.test_client()
    return console.submit(
        name, "/login", {"name": name, "password": password}, page="/login"
    ).location


def test_a_new_colleague_comes_in_with_a_password_that_is_shown_once(
    console: ConsoleUnderTest,
) -> None:
    assert "Új munkatárs" in console.visit("admin", "/staff").text
    form = {"name": "cili", "role": "viewer", "form_key": "k1"}
    shown = console.submit("admin", "/staff/new", form)
    password = one_time_password(shown.text)
    again = console.submit("admin", "/staff/new", form)
    assert (again.status, again.location) == (303, "/staff/cili")
    assert password not in console.visit("admin", "/staff/cili").text
    assert _log_in(console, "cili", password) == "/login/password?next=/"
    assert ("admin", "user add", "cili", "viewer") in acts_of(console.engine)


@each_of(
    ("name", "said"),
    [
        ("Sender", "Már van ilyen nevű"),
        ("worker", "maga a rendszer"),
        ("Réka", "ékezet nélküli"),
    ],
)
def test_a_name_that_cannot_be_is_refused_at_its_field(
    console: ConsoleUnderTest, name: str, said: str
) -> None:
    refused = console.submit("admin", "/staff/new", {"name": name, "role": "viewer"})
    assert refused.status == 422
    assert said in refused.text
    assert f'value="{name}"' in refused.text


def test_what_is_done_to_a_colleague_ends_their_sessions_and_is_on_record(
    console: ConsoleUnderTest,
) -> None:
    enrol(console, "sender")
    steps = {
        "role": {"role": "approver"},
        "password": {},
        "factor": {},
        "sessions": {},
        "disable": {},
        "enable": {},
    }
    for step, form in steps.items():
        answer = console.submit("admin", f"/staff/sender/{step}", form)
        assert answer.status in {200, 303}, step
        assert console.client("sender").get("/", base_url="https://localhost").status_code != 200
        if step == "disable":
            assert _log_in(console, "sender", PASSWORD) is None
            assert "letiltva" in console.visit("admin", "/staff").text
        if step in {"password", "enable"}:
            assert _log_in(console, "sender", one_time_password(answer.text)) is not None
    with read(console.engine) as connection:
        assert connection.execute(second_factors.select()).first() is None
    done = [act[1:] for act in acts_of(console.engine) if act[0] == "admin" and act[2] == "sender"]
    assert done == [
        ("user role", "sender", "approver"),
        ("user password", "sender", None),
        ("factor remove", "sender", None),
        ("user sessions", "sender", None),
        ("user disable", "sender", None),
        ("user enable", "sender", None),
    ]


def test_nobody_administers_themselves_and_only_an_administrator_anybody(
    console: ConsoleUnderTest,
) -> None:
    own = console.visit("admin", "/staff/admin").text
    assert "másik rendszergazda" in own
    assert "Munkatárs letiltása" not in own
    assert console.submit("admin", "/staff/admin/disable", {}).status == 409
    for by in ("approver", "admin"):
        with pytest.raises(UserError), write(console.engine) as connection:
            set_role(connection, by, "viewer", console.now, by=by)


def test_the_log_is_filtered_paged_and_downloaded_as_it_is_shown(console: ConsoleUnderTest) -> None:
    for role in ROLES:
        console.client(role)
    for _refusal in range(60):
        assert console.visit("viewer", "/staff").status == 403
    first = console.visit("approver", "/log?by=viewer&act=console+denied")
    assert first.text.count("elutasított művelet") == 50 + 1
    assert "munkatársak kezelése" in first.text
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following is not None
    rest = console.visit("approver", following[1].replace("&amp;", "&")).text
    assert rest.count("elutasított művelet") == 10 + 1
    file = console.submit("approver", "/log.csv?by=viewer&act=console+denied", {})
    assert len(file.text.strip().splitlines()) == 60 + 1
    assert "naplo-viewer-2026-11-24.csv" in file.headers["Content-Disposition"]
    assert "letöltés" in console.visit("admin", "/log?act=export+make").text
    assert "Nincs a szűrésnek" in console.visit("admin", "/log?subject=senki").text
    assert "Ez nem dátum." in console.visit("admin", "/log?from=tegnap").text
    assert console.visit("sender", "/log").status == 403


def test_an_act_tells_session_and_a_fingerprint_of_the_address_but_not_the_address(
    console: ConsoleUnderTest,
) -> None:
    console.engine.update_execution_options(zoldszam_key="s" * 40)
    console.client("sender")
    console.submit("sender", "/logout", {})
    with read(console.engine) as connection:
        rows = connection.execute(acts.select().where(acts.c.act.in_(["login", "logout"]))).all()
    assert [row.act for row in rows] == ["login", "logout"]
    assert len({row.address for row in rows}) == 1
    assert re.fullmatch("[0-9a-f]{12}", rows[0].address)
    assert rows[1].session
