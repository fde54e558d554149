"""The console in a test: a client a user, a settable clock, and the linter of its pages."""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from random import Random

import html5lib
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection, Engine, update

from backend.db.tables.messages import users
from backend.db.transactions import write
from backend.interface.codes import SecondFactor
from backend.staff.administration import add_user
from backend.staff.audit import record_act
from backend.staff.authentication.identity_provider import (
    Arrival,
    Flow,
    IdentityProvider,
    ProvenIdentity,
    ProviderError,
    ProviderFault,
)
from backend.staff.authentication.passkeys import Credential, PasskeyChecks, PasskeyError
from backend.staff.authentication.passwords import new_password
from backend.staff.authentication.second_factor import has_factor
from backend.staff.authentication.sessions import begin_session
from backend.staff.origin import acting_from
from console.application import create_application
from console.web.access import SID
from console.web.parts import ConsoleParts
from messages.campaigns.policy import SendingPolicy
from service_files import shown_lines
from settings import HERE, Settings
from tests.support.carriers.sending_desk import POLICY
from tests.support.colleagues.staff import added_once
from tests.support.databases.records import CALENDAR, DESKS
from tests.support.runs.examples import all_asked_for

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "körte villamos hétfő"
SITE = "https://localhost"
ADDRESS = "127.0.0.1"
ROLES = ("viewer", "sender", "approver", "admin")
SAMPLES = {
    "campaign_id": "C1",
    "draft_id": "0" * 16,
    "key": "0" * 64,
    "number": "1",
    "reason": "opted_out",
    "name": "debt_contact_1",
    "reference": "20000001",
    "plan.draft_id": "1" * 16,
    "plan_check.draft_id": "1" * 16,
    "plan_typed.draft_id": "1" * 16,
    "step": "who",
    "job_id": "3" * 16,
    "plan_check.campaign_id": "99999999",
    "provider.fault": "wait",
    "identity.name": "sender",
    "staff.name": "sender",
}
"""A value for each variable of an address, by its name or by ``screen.name``.

They are of the rows in ``everything``.
"""


@dataclass(frozen=True)
class ProviderThatIsDown:
    """An identity provider that is configured and does not answer."""

    issuer: str = "https://login.example.hu"

    def begin(self, rng: Random, language: str, *, again: bool) -> tuple[str, Flow]:
        raise ProviderError(ProviderFault.UNREACHABLE, "down")

    def identity(self, flow: Flow, arrival: Arrival) -> ProvenIdentity:
        raise ProviderError(ProviderFault.UNREACHABLE, "down")


@dataclass(frozen=True)
class PasskeysThatProveNothing:
    """Passkeys are offered, and no answer of any browser is right."""

    def to_enrol(
        self, name: str, handle: bytes, challenge: bytes, known: Sequence[Credential]
    ) -> str:
        return "{}"

    def to_prove(self, challenge: bytes, known: Sequence[Credential]) -> str:
        return "{}"

    def enrolled(self, answer: str, challenge: bytes) -> Credential:
        raise PasskeyError

    def proved(self, answer: str, challenge: bytes, known: Credential) -> int:
        raise PasskeyError


@dataclass(frozen=True)
class Visited:
    """An answer: ``text`` is its HTML."""

    status: int
    text: str
    location: str | None
    headers: Mapping[str, str]


@cache
def _usual_settings() -> Settings:
    return Settings(lines=HERE / "lines.yaml")


_compiled: dict[str, Flask] = {}
"""By its secret, an application whose routes and templates are compiled."""


def _application(parts: ConsoleParts) -> Flask:
    """An application of its own, which shares with all others what was compiled already."""
    if parts.secret not in _compiled:
        _compiled[parts.secret] = create_application(parts)
    app = copy(_compiled[parts.secret])
    app.config = copy(app.config)
    app.extensions = {**app.extensions, "console": parts}
    app.view_functions = dict(app.view_functions)
    return app


def compile_pages(app: Flask) -> None:
    """Compile all templates, for every application that shares them."""
    for name in app.jinja_env.list_templates(["html"]):
        app.jinja_env.get_template(name)


@dataclass
class ConsoleUnderTest:
    """The application with one user a role, whose name is the role's."""

    engine: Engine
    second_factor: SecondFactor = "offered"
    now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    provider: IdentityProvider | None = None
    passkeys: PasskeyChecks | None = None
    policy: SendingPolicy = POLICY
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = ConsoleParts(
            self.engine,
            lambda: self.now,
            Random(4),  # noqa: S311 - a test
            "s" * 40,
            self.second_factor,
            "Zöldszám",
            DESKS,
            CALENDAR,
            self.policy,
            shown_lines(_usual_settings(), lambda: self.now),
            hasher=QUICK,
            provider=self.provider,
            passkeys=self.passkeys,
        )
        self.app: Flask = _application(self.parts)
        with write(self.engine) as connection:
            added_once(connection, ("console", self.now), lambda: self._add_users(connection))

    def _add_users(self, connection: Connection) -> dict[str, str]:
        for role in ROLES:
            add_user(connection, role, role, None, self.now, new_password(Random(1), QUICK))  # noqa: S311
        own = {"password_hash": QUICK.hash(PASSWORD), "password_is_one_time": False}
        connection.execute(update(users).values(own))
        return dict.fromkeys(ROLES, PASSWORD)

    def client(self, role: str | None) -> FlaskClient:
        """The browser of that role's user, logged in; nobody's for ``None``."""
        name = role or "anonymous"
        if name not in self.clients:
            client = self.app.test_client()
            if role is not None:
                self._log_in(client, role)
            self.clients[name] = client
        return self.clients[name]

    def _log_in(self, client: FlaskClient, name: str) -> None:
        """Begin the session that the login page would, whose own tests are in test_login.py."""
        sid = self.parts.login_desk.new_sid()
        with acting_from("", ADDRESS), write(self.engine) as connection:
            proved = not has_factor(connection, name)
            begin_session(connection, sid, name, ADDRESS, self.now, proved=proved)
            record_act(connection, name, "login", name, None, self.now)
        with client.session_transaction(base_url=SITE) as held:
            held[SID] = sid

    def visit(self, role: str | None, path: str) -> Visited:
        """Open a page, which must be without fault."""
        answer = self.client(role).get(path, base_url=SITE)
        seen = Visited(answer.status_code, answer.text, answer.location, dict(answer.headers))
        if answer.mimetype == "text/html" and answer.status_code not in {303, 307}:
            lint(seen.text)
        return seen

    def submit(
        self,
        role: str | None,
        path: str,
        form: Mapping[str, str],
        *,
        page: str | None = None,
        pressed_on: str | None = None,
    ) -> Visited:
        """Send a form with the token of its session, having opened ``page`` where that matters.

        A browser also tells where it was pressed.
        """
        client = self.client(role)
        if page is not None:
            client.get(page, base_url=SITE)
        data = {**form, "csrf_token": self._token(client)}
        headers = {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}
        if pressed_on is not None:
            headers["Referer"] = f"{SITE}{pressed_on}"
        answer = client.post(path, data=data, base_url=SITE, headers=headers)
        seen = Visited(answer.status_code, answer.text, answer.location, dict(answer.headers))
        if answer.mimetype == "text/html" and answer.status_code not in {303, 307}:
            lint(seen.text)
        return seen

    def _token(self, client: FlaskClient) -> str:
        """The token that any form of this session would have, as the pages make it."""
        with client.session_transaction(base_url=SITE) as held:
            kept = held.setdefault("csrf_token", "0" * 40)
        return URLSafeTimedSerializer(self.parts.secret, salt="wtf-csrf-token").dumps(kept)


def lint(page: str, *, sound: bool = False) -> None:
    """What every page must be: sound, titled by its one heading, labelled, without inline code.

    The short run parses the pages of test_walk.py alone, whose ``sound`` asks for it.
    """
    if sound or all_asked_for():
        html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    headings = re.findall(r"<h1>(.*?)</h1>", page, re.S)
    assert len(headings) == 1
    title = re.search(r"<title>(.*?)</title>", page, re.S)
    assert title is not None
    assert title[1].removeprefix("Hiba: ").removeprefix("Error: ") == f"{headings[0]} – Zöldszám"
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert not re.findall(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:", page)
    labelled = set(re.findall(r'<label for="([^"]*)"', page))
    for control in re.findall(r"<(?:input|select|textarea)\s[^>]*>", page):
        if 'type="hidden"' not in control and " hidden>" not in control:
            found = re.search(r'\sid="([^"]*)"', control)
            assert found is not None, control
            assert found[1] in labelled, control
    assert page.count("<table") == page.count("<caption")
    for landmark in ("<header", "<main"):
        assert landmark in page
    assert page.index('class="skip"') < page.index("<header")
