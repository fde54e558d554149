"""Whatever anybody sends to a page of the console, it is no fault of the page."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from backend.db.transactions import open_database
from tests.console.support import (
    SITE,
    ConsoleUnderTest,
    PasskeysThatProveNothing,
    ProviderThatIsDown,
)
from tests.console.walk import EVERYBODY, OURS, Walk
from tests.support.runs.examples import examples

UNREACHABLE = 503
"""What is right where the identity provider is down."""


@dataclass(frozen=True)
class Doors:
    """All addresses of the console, and the names that their pages give to what is sent."""

    walk: Walk
    routes: list[tuple[Rule, str]]
    names: list[str]


@pytest.fixture(scope="module")
def doors(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    path = tmp_path_factory.mktemp("any_request") / "records.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    try:
        provider, passkeys = ProviderThatIsDown(), PasskeysThatProveNothing()
        walk = Walk(ConsoleUnderTest(engine, provider=provider, passkeys=passkeys))
        routes = list(walk.routes())
        pages = [walk.ask(rule, "GET", "admin").text for rule, how in routes if how == "GET"]
        found = {name for page in pages for name in re.findall(r'\sname="([a-z_-]+)"', page)}
        yield Doors(walk, routes, sorted(found | {"after", "next", "since"} - {"csrf_token"}))
    finally:
        engine.dispose()


WRONG = (
    *("", "0", "-1", "٣", "²", "9" * 400, "1e400", "NaN", "\0", "\r\nSet-Cookie: a=b", "%00"),
    *(
        "//elsewhere.example",
        "javascript:alert(1)",
        "{{7*7}}",
        "{0.__class__}",
        "<b>",
        "\U0010ffff",
    ),
    *("2026-02-30", "9999-12-31", "0001. 01. 01", "24:61", "+36301234567", "20293811", "x" * 5000),
    *("case_id\nK-1\n", "=cmd|' /C calc'!A0", "[" * 2000, "&a *a", "who", "sender", "../../etc"),
)
values = st.one_of(st.sampled_from(WRONG), st.text(max_size=20))
files = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"case_id\nK-1\n", b"PK\x03\x04", b"\xff\xfe", b"case_id;case_id\n\0", b'"']),
)
headers = st.dictionaries(
    st.sampled_from(["Accept-Language", "Cookie", "Range", "If-None-Match", "Host", "Referer"]),
    st.sampled_from(["", "x" * 4000, "a=b; __Host-desk=x", "hu;q=x", "[", "\xc5\xb1"]),
    max_size=2,
)
raw_queries = st.binary(max_size=12).map(lambda raw: raw.decode("latin-1"))


@settings(max_examples=examples(600))
@given(data=st.data())
def test_any_request_of_anybody_is_answered_without_a_fault(
    doors: Doors, data: st.DataObject
) -> None:
    rule, method = data.draw(st.sampled_from(doors.routes))
    role = data.draw(st.sampled_from(EVERYBODY))
    fields = st.dictionaries(st.sampled_from(doors.names), values, max_size=6)
    form: dict[str, Any] = data.draw(fields)
    if data.draw(st.booleans()):
        form["file"] = (BytesIO(data.draw(files)), data.draw(values))
    more = data.draw(headers)
    query = data.draw(st.one_of(fields, raw_queries))
    answer = doors.walk.ask(rule, method, role, form=form, query=query, headers={**OURS, **more})
    assert answer.status < 500 or answer.endpoint.startswith("provider."), answer.name


@settings(max_examples=examples(300))
@given(
    path=st.one_of(st.text(max_size=30), st.sampled_from(WRONG)),
    before=st.sampled_from(
        [
            *("/", "/campaigns/", "/inbox/", "/log/", "/tree/", "/static/", "/plan/", "/staff/"),
            *("/static/..%2f", "/calls/", "/templates/", "/exports/", "/requests/"),
        ]
    ),
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "TRACE", "BREW"]),
    role=st.sampled_from(EVERYBODY),
)
def test_any_address_is_answered_without_a_fault(
    doors: Doors, path: str, before: str, method: str, role: str | None
) -> None:
    client = doors.walk.console.client(role)
    answer = client.open(before + quote(path), method=method, base_url=SITE)
    assert answer.status_code < 500, (method, before, path)
