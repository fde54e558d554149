"""Sessions: the cookie, when they end, what keeps them, and who is let through to what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.db.tables.messages import acts, tasks
from backend.db.tables.staff import sessions
from backend.db.transactions import read, write
from backend.interface.codes import TaskKind
from backend.records.work_list.task_outcomes import MOST_LOOKS_AN_HOUR
from backend.records.work_list.tasks import open_task
from backend.staff.audit import record_act
from backend.staff.authentication.login import ONE_TIME_LASTS
from backend.staff.authentication.sessions import IDLE
from benchmarks.pages.console_polls import counted
from common.errors import ConfigurationError
from console.application import create_application
from console.web.headers import POLICY
from tests.console.account.test_staff import one_time_password
from tests.console.support import PASSWORD, ConsoleUnderTest
from tests.support.databases.database import Database
from tests.support.runs.tables import each_of

SITE = "https://localhost"


def test_the_cookie_is_for_this_host_and_https_alone_and_its_row_cannot_be_used(
    console: ConsoleUnderTest,
) -> None:
    login = {"name": "sender", "password": PASSWORD}
    cookie = console.submit("viewer", "/login", login, page="/me").headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert f"; {part}" in cookie
    assert "Domain" not in cookie
    with read(console.engine) as connection:
        keys = connection.scalars(select(sessions.c.session_key)).all()
    with console.client("viewer").session_transaction(base_url=SITE) as held:
        assert len(bytes.fromhex(held["sid"])) == 32
        assert held["sid"] not in keys


def test_polls_keep_no_session_and_none_lasts_longer_than_half_a_day(
    console: ConsoleUnderTest,
) -> None:
    console.client("sender")
    for _minute in range(4):
        console.now += timedelta(minutes=9)
        polled = console.client("sender").get("/figures", base_url=SITE).status_code
    assert polled == 401
    for _step in range(29):
        console.visit("viewer", "/")
        console.now += timedelta(minutes=25)
    assert console.visit("viewer", "/").status == 401


def test_a_session_does_not_outlive_a_clock_that_is_put_back(console: ConsoleUnderTest) -> None:
    assert console.visit("viewer", "/").status == 200
    console.now -= timedelta(minutes=2)
    assert console.visit("viewer", "/").status == 200
    console.now -= timedelta(hours=1)
    assert console.visit("viewer", "/").status == 401


def test_a_logout_is_final_and_leaves_nothing_in_the_browser(console: ConsoleUnderTest) -> None:
    before = console.client("sender").get_cookie("__Host-desk")
    assert before is not None
    answer = console.submit("sender", "/logout", {})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    headers = {"Cookie": f"__Host-desk={before.value}"}
    again = console.app.test_client(use_cookies=False).get("/me", base_url=SITE, headers=headers)
    assert again.status_code == 401
    assert "Fiókom" not in again.text


@each_of(
    "path",
    ["//x.example", "/\\x.example", "https:x.example", "%2F%2Fx.example", "/nowhere", "/logout"],
)
def test_nobody_is_led_elsewhere_after_the_login(console: ConsoleUnderTest, path: str) -> None:
    console.clients.clear()
    form = {"name": "sender", "password": PASSWORD, "next": path}
    assert console.submit(None, "/login", form, page="/login").location == "/"


def test_a_one_time_password_is_good_for_three_days_and_opens_one_page(
    console: ConsoleUnderTest,
) -> None:
    made = one_time_password(console.submit("admin", "/staff/sender/password", {}).text)
    form = {"name": "sender", "password": made}
    console.now += ONE_TIME_LASTS
    assert console.submit(None, "/login", form, page="/login").status == 303
    led = console.client(None).get("/campaigns", base_url=SITE)
    assert led.location.startswith("/login/password")
    console.clients.pop("anonymous")
    console.now += timedelta(seconds=1)
    assert console.submit(None, "/login", form, page="/login").status == 422


def test_without_the_second_factor_that_is_forced_no_page_opens_but_the_one_to_enrol(
    database: Database,
) -> None:
    console = ConsoleUnderTest(database.engine, second_factor="required")
    for rule in console.app.url_map.iter_rules():
        need = getattr(console.app.view_functions[rule.endpoint], "need", None)
        if need is None or need.permission is None or need.unfinished or rule.arguments:
            continue
        if "GET" in (rule.methods or ()):
            led = console.client("approver").get(rule.rule, base_url=SITE).location
            assert (led or "").startswith("/login/factor"), rule.rule
    assert console.visit("sender", "/").status == 200


def test_the_twenty_first_number_within_an_hour_is_not_shown_and_that_is_on_record(
    console: ConsoleUnderTest,
) -> None:
    with write(console.engine) as connection:
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234567", console.now)
        number = connection.execute(select(tasks.c.number)).scalar_one()
        for _look in range(MOST_LOOKS_AN_HOUR - 2):
            record_act(connection, "sender", "task show", str(number), None, console.now)
    for _look in range(2):
        assert console.submit("sender", f"/inbox/{number}/number", {}).status == 200
    refused = console.submit("sender", f"/inbox/{number}/number", {})
    assert refused.status == 429
    assert "1234567" not in refused.text
    with read(console.engine) as connection:
        last = connection.scalars(select(acts.c.act).order_by(acts.c.number.desc())).first()
    assert last == "task show refused"
    assert "szám megjelenítése megtagadva" in console.visit("admin", "/log").text
    console.now += timedelta(hours=1)
    assert console.submit("approver", f"/inbox/{number}/number", {}).status == 200


def test_a_fault_tells_a_reference_and_nothing_of_the_program_or_of_what_was_typed(
    console: ConsoleUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> str:
        raise ValueError("06301234567\nforged line")

    fails.need = console.app.view_functions["home.home"].need  # type: ignore[attr-defined]
    console.app.view_functions["home.home"] = fails
    console.app.testing = False
    answer = console.visit("sender", "/")
    assert answer.status == 500
    assert answer.headers["Content-Security-Policy"] == POLICY
    for told in (answer.text, caplog.text):
        assert "06301234567" not in told
        assert "forged" not in told
    assert "ValueError" not in answer.text


def test_static_files_and_pages_that_are_not_there_have_the_headers_too(
    console: ConsoleUnderTest,
) -> None:
    for path in ("/static/console.css", "/static/nowhere.css", "/nowhere"):
        answer = console.client(None).get(path, base_url=SITE)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()


def test_the_console_does_not_start_with_a_short_secret(console: ConsoleUnderTest) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY has fewer than 32"):
        create_application(replace(console.app.extensions["console"], secret="s" * 31))


def test_polls_of_one_second_look_sessions_up_once_and_what_is_ended_here_ends_at_once(
    console: ConsoleUnderTest,
) -> None:
    roles = ("viewer", "sender", "approver")
    for role in roles:
        console.visit(role, "/")
    with counted(console.engine) as statements:
        answers = [console.visit(role, "/waiting?n=0").status for role in roles * 3]
    assert answers == [204] * 9
    assert sum("FROM sessions" in each for each in statements) == 1
    console.client("admin")
    assert console.submit("admin", "/staff/sender/role", {"role": "viewer"}).status == 303
    assert [console.visit(role, "/waiting?n=0").status for role in roles] == [204, 401, 204]
    console.now += IDLE
    assert console.visit("viewer", "/waiting?n=0").status == 401
