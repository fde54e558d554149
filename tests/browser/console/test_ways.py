"""Passkey and provider in Chromium: enrolled and used with its virtual authenticator."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import pytest
from playwright.sync_api import Page

from backend.db.transactions import write
from backend.staff.authentication.identities import link_identity
from backend.staff.authentication.identity_provider import ProviderAccount
from backend.staff.authentication.openid_client import OpenIdClient
from simulator.threaded_server import running
from tests.browser.console.live_console import NARROW, LiveConsole, page_findings
from tests.console.support import PASSWORD, ConsoleUnderTest
from tests.support.colleagues.chromium import WITHOUT_SCRIPT, Kind, Pages
from tests.support.colleagues.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, provider
from tests.support.databases.database import Database

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_spec("webauthn") is None, reason="the extra oidc is not installed"),
]


@pytest.fixture
def address() -> str:
    """Where the console will be: passkeys are good for a name, not for an IP address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://localhost:{taken.getsockname()[1]}"


@pytest.fixture
def by_provider(address: str) -> Iterator[Provider]:
    with provider(f"{address}/login/oidc/callback") as made:
        yield made


@pytest.fixture
def live(
    pages: Pages, records: Database, address: str, by_provider: Provider
) -> Iterator[LiveConsole]:
    """The console with every way to log in."""
    # Not at the top: its library would be a twelfth of the collection of all tests.
    from backend.staff.authentication.webauthn_checks import WebAuthnChecks

    account = ProviderAccount(by_provider.issuer, CLIENT_ID, CLIENT_SECRET, by_provider.callback)
    console = ConsoleUnderTest(
        records.engine,
        "required",
        now=datetime.now(UTC),
        provider=OpenIdClient(account, lambda: console.now),
        passkeys=WebAuthnChecks(address, "Zöldszám"),
    )
    live = LiveConsole(console, address, pages)
    with running(console.app, int(address.rpartition(":")[2])):
        yield live
    # Whoever is not linked is refused with 403; of what it forgets at the logout Chromium tells.
    expected = ("status of 403", "Clear-Site-Data")
    assert [each for each in live.complaints if not any(map(each.__contains__, expected))] == []


def _log_in(page: Page, role: str) -> None:
    page.get_by_label("Felhasználónév").fill(role)
    page.get_by_label("Jelszó").fill(PASSWORD)
    page.get_by_role("button", name="Bejelentkezés", exact=True).click()


def _authenticator(page: Page) -> None:
    """A security key that is touched as soon as it is asked."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_approver_adds_a_passkey_at_the_first_login_and_uses_it_from_then_on(
    live: LiveConsole,
) -> None:
    with live.page(None, "/login?next=/inbox", kind=Kind(has="authenticator")) as page:
        _authenticator(page)
        _log_in(page, "approver")
        page.get_by_role("link", name="Azonosítókulcs használata").click()
        assert page_findings(page) == []
        page.get_by_role("button", name="Azonosítókulcs felvétele").click()
        page.get_by_text("Javítandó").wait_for()
        page.get_by_label("Az azonosítókulcs neve").fill("irodai gép")
        page.get_by_role("button", name="Azonosítókulcs felvétele").click()
        page.get_by_role("heading", name="Tartalékkódok").wait_for()
        page.get_by_role("button", name="Tovább").click()
        page.get_by_role("heading", name="Beérkezett").wait_for()
        page.goto(f"{live.address}/me")
        page.get_by_role("cell", name="irodai gép").wait_for()
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        assert page_findings(page) == []

        page.get_by_role("button", name="Kijelentkezés").click()
        _log_in(page, "approver")
        page.get_by_role("button", name="Tovább azonosítókulccsal").wait_for()
        assert page_findings(page) == []
        page.get_by_role("button", name="Tovább azonosítókulccsal").click()
        page.get_by_role("heading", name="Teendők").wait_for()

        live.console.now += timedelta(minutes=16)
        page.goto(f"{live.address}/me/passkeys/new")
        page.get_by_role("button", name="Tovább azonosítókulccsal").click()
        page.get_by_role("heading", name="Új azonosítókulcs").wait_for()
        page.get_by_label("Az azonosítókulcs neve").fill("ugyanaz")
        page.get_by_role("button", name="Azonosítókulcs felvétele").click()
        page.get_by_text("Ez az azonosítókulcs már szerepel a fiókjában.").wait_for()


@pytest.mark.whole_run
def test_a_browser_without_script_is_told_what_a_passkey_needs(live: LiveConsole) -> None:
    with live.page(None, "/login?next=/me/passkeys/new", kind=WITHOUT_SCRIPT) as page:
        _log_in(page, "sender")
        assert page.get_by_text("Ez a böngésző itt nem tud azonosítókulcsot").is_visible()
        assert page.get_by_role("button", name="Azonosítókulcs felvétele").count() == 0


@pytest.mark.whole_run
def test_the_company_account_leads_to_the_page_that_was_asked_for(
    live: LiveConsole, by_provider: Provider
) -> None:
    with live.page(None, "/inbox") as page:
        page.get_by_role("button", name="Bejelentkezés céges fiókkal").click()
        page.get_by_text("Kérjen hozzáférést a rendszergazdától.").wait_for()
        assert by_provider.subject in page.inner_text("main")
        assert page_findings(page) == []
        with write(live.console.engine) as connection:
            issuer, subject = by_provider.issuer, by_provider.subject
            link_identity(connection, "sender", issuer, subject, live.console.now)
        page.goto(f"{live.address}/inbox")
        page.get_by_role("button", name="Bejelentkezés céges fiókkal").click()
        page.get_by_role("heading", name="Beérkezett").wait_for()
