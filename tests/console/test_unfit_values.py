"""Values that no page of the console sends: refused on both databases, never a fault."""

import pytest

from tests.console.planning import begun, version
from tests.console.support import SITE, ConsoleUnderTest
from tests.support.runs.tables import each_of

BOTH = pytest.mark.both_databases


@BOTH
@each_of(
    ("path", "status"),
    [
        ("/inbox/9223372036854775807", 404),
        ("/inbox/9223372036854775808", 404),
        (f"/inbox/{'9' * 400}", 404),
        (f"/inbox?after={'9' * 30}", 200),
        (f"/inbox/count?since={'9' * 30}", 200),
        (f"/requests?after={'9' * 30}", 200),
        ("/requests?after=٣", 200),
        ("/campaigns/%00", 400),
        ("/templates/%00", 400),
        ("/log?by=%00", 400),
        ("/log?by=sender&by=%00", 400),
        ("/staff/%00", 400),
    ],
)
def test_an_address_that_names_what_no_row_can_have_is_refused(
    console: ConsoleUnderTest, path: str, status: int
) -> None:
    assert console.client("admin").get(path, base_url=SITE).status_code == status


@BOTH
def test_a_form_with_a_nul_is_refused_before_anything_is_looked_up(
    console: ConsoleUnderTest,
) -> None:
    form = {"name": "sender\0", "password": "körte"}
    assert console.submit(None, "/login", form, page="/login").status == 400


@BOTH
def test_a_key_of_a_form_that_no_index_takes_is_refused(console: ConsoleUnderTest) -> None:
    letters = "".join(chr(0x4E00 + each) for each in range(5000))
    assert console.submit("sender", "/campaigns/new", {"form_key": letters}).status == 400


def test_days_without_end_are_no_number_of_days(console: ConsoleUnderTest) -> None:
    at = begun(console)
    form = {"name": "Novemberi értesítő", "source": "register", "days": "9" * 5000}
    sent = {**form, "version": version(console, f"{at}/who")}
    assert console.submit("sender", f"{at}/who", sent).status == 422


def test_a_host_that_no_name_can_be_is_refused_without_a_page(console: ConsoleUnderTest) -> None:
    for path in ("/", "/login", "/inbox?by=%00", "/nowhere"):
        answer = console.client(None).get(path, headers={"Host": "x" * 64})
        assert (answer.status_code, answer.text) == (400, "400 Bad Request\n"), path
