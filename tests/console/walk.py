"""Walking the console: every address with every method as everybody, each from the same records."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import Headers
from werkzeug.routing import Rule

from backend.db.transactions import write
from console.web.sealing import sealed
from tests.console import everything
from tests.console.support import ROLES, SAMPLES, SITE, ConsoleUnderTest

EVERYBODY = (None, *ROLES)
OURS = {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}
TABLE = Path(__file__).with_name("permissions.txt")

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b.*", re.I | re.S)


@dataclass(frozen=True)
class Answer:
    """What one request was answered with; ``writes`` are the statements that changed records.

    ``is_page`` is whether it is a whole page of ours.
    """

    endpoint: str
    method: str
    path: str
    role: str | None
    status: int
    text: str
    headers: Headers
    is_page: bool
    writes: tuple[str, ...]

    @property
    def name(self) -> str:
        """For messages of tests."""
        return f"{self.method} {self.path} as {self.role or 'anonymous'}: {self.status}"


class Walk:
    """The console over one of everything; what a request changes is taken back before the next.

    With ``empty``, over its users alone.
    """

    def __init__(self, console: ConsoleUnderTest, *, empty: bool = False) -> None:
        self.console = console
        if not empty:
            with write(console.engine) as connection:
                everything.fill(connection, console.now)
        self._browsers = {role: self._browser(role) for role in EVERYBODY}
        self._kept = sqlite3.connect(":memory:")
        with closing(console.engine.raw_connection()) as raw:
            _driver(raw).backup(self._kept)

    def routes(self) -> Iterator[tuple[Rule, str]]:
        """Every rule but that of static files, with each of its methods."""
        for rule in sorted(self.console.app.url_map.iter_rules(), key=lambda each: each.endpoint):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if rule.endpoint != "static":
                    yield rule, method

    def path(self, rule: Rule, role: str | None, *, missing: bool = False) -> str:
        """The rule's address with a sample in the place of each variable, or what is not there."""
        values = {
            each: ("999999" if missing else self._sample(rule, each, role))
            for each in rule.arguments
        }
        built = self.console.app.url_map.bind("localhost", url_scheme="https")
        return built.build(rule.endpoint, values, method=next(iter(rule.methods or ())))

    def ask(
        self,
        rule: Rule,
        method: str,
        role: str | None,
        *,
        form: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] = OURS,
        with_token: bool = True,
        missing: bool = False,
    ) -> Answer:
        """One request, after which the records are as before."""
        client, token = self._browsers[role]
        path = self.path(rule, role, missing=missing)
        data = {**(form or {}), **({"csrf_token": token} if with_token else {})}
        with self._noting_writes() as writes:
            answer = client.open(
                path,
                method=method,
                base_url=SITE,
                headers=dict(headers),
                query_string=query or {},
                data=data if method == "POST" else None,
            )
            text = answer.get_data(as_text=True)
        if writes:
            self._take_back()
        return Answer(
            rule.endpoint,
            method,
            path,
            role,
            answer.status_code,
            text,
            answer.headers,
            answer.status_code != 303 and text.startswith("<!doctype"),
            tuple(writes),
        )

    def _sample(self, rule: Rule, variable: str, role: str | None) -> str:
        if variable == "sealed_number":
            console = self.console
            rng = console.app.extensions["console"].rng
            return sealed(everything.PHONE, role or "", "s" * 40, console.now, rng)
        screen = rule.endpoint.split(".")[0]
        found = SAMPLES.get(f"{screen}.{variable}", SAMPLES.get(variable))
        assert found is not None, (
            f"{rule.rule} has a variable without a sample. Add a value for {variable!r} to SAMPLES "
            f"in tests/console/support.py (or for '{screen}.{variable}' if only yours is meant), "
            "and a row that it names to tests/console/everything.py."
        )
        return found

    def _browser(self, role: str | None) -> tuple[FlaskClient, str]:
        """A client whose cookie no answer changes, and the token of its forms."""
        first = self.console.client(role)
        page = first.get("/login" if role is None else "/me", base_url=SITE).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        cookie = first.get_cookie("__Host-desk")
        assert token is not None
        assert cookie is not None
        client = self.console.app.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = f"__Host-desk={cookie.value}"
        return client, token[1]

    def _take_back(self) -> None:
        with closing(self.console.engine.raw_connection()) as raw:
            self._kept.backup(_driver(raw))

    @contextmanager
    def _noting_writes(self) -> Iterator[list[str]]:
        writes: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if _WRITES.match(statement):
                writes.append(statement)

        event.listen(self.console.engine, "before_cursor_execute", note)
        try:
            yield writes
        finally:
            event.remove(self.console.engine, "before_cursor_execute", note)


def _driver(raw: Any) -> sqlite3.Connection:
    driver: sqlite3.Connection = raw.driver_connection
    return driver


def read_table() -> dict[tuple[str, str], tuple[int, ...]]:
    """The committed table: status for each of ``EVERYBODY``, by endpoint and method."""
    table = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            endpoint, method, *statuses = line.split()
            assert (endpoint, method) not in table, f"two rows for {endpoint} {method}"
            table[endpoint, method] = tuple(map(int, statuses))
    return table


def table_row(endpoint: str, method: str, statuses: tuple[int, ...]) -> str:
    """A row as it stands in the table."""
    return f"{endpoint:<28} {method:<5}" + "".join(f"{status:>10}" for status in statuses)
