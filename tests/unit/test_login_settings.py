"""Settings of the second ways into the console, and a start without what they need."""

import sys
from pathlib import Path

import pytest

from app import create_console
from common.errors import SettingsError
from settings import Settings
from tests.support.runs.tables import each_of

PROVIDER = {
    "CONSOLE_URL": "https://desk.example.hu",
    "OIDC_ISSUER": "https://login.example.hu/realms/staff/",
    "OIDC_CLIENT_ID": "console",
    "OIDC_CLIENT_SECRET": "only the two know it",
}


def test_a_provider_is_taken_exactly_as_it_writes_itself() -> None:
    assert Settings.from_environment({}).provider_account is None
    account = Settings.from_environment(PROVIDER | {"OIDC_ACR": "gold urn:two"}).provider_account
    assert account is not None
    assert account.issuer == PROVIDER["OIDC_ISSUER"]
    assert account.callback == "https://desk.example.hu/login/oidc/callback"
    assert account.factor_classes == {"gold", "urn:two"}
    assert PROVIDER["OIDC_CLIENT_SECRET"] not in repr(account)


def test_the_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n", "utf-8")
    without = {name: value for name, value in PROVIDER.items() if name != "OIDC_CLIENT_SECRET"}
    settings = Settings.from_environment(without | {"OIDC_CLIENT_SECRET_FILE": str(file)})
    assert settings.provider_account is not None
    assert settings.provider_account.client_secret == "from a file"
    with pytest.raises(SettingsError, match=r"OIDC_CLIENT_SECRET_FILE is .*cannot be read"):
        Settings.from_environment({"OIDC_CLIENT_SECRET_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize("missing", PROVIDER)
def test_a_provider_that_is_told_by_half_stops_the_console_at_its_start(
    missing: str, tmp_path: Path
) -> None:
    half = {name: value for name, value in PROVIDER.items() if name != missing}
    half["DATABASE_URL"] = f"sqlite:///{tmp_path}/records.db"
    with pytest.raises(SettingsError, match=missing):
        create_console(Settings.from_environment(half))


@each_of(
    ("name", "value"),
    [
        ("CONSOLE_URL", "http://desk.example.hu"),
        ("CONSOLE_URL", "https://desk.example.hu/console"),
        ("CONSOLE_URL", "https://anna@desk.example.hu"),
        ("CONSOLE_URL", "https://desk.example.hu:0"),
        ("OIDC_ISSUER", "http://login.example.hu"),
        ("OIDC_ISSUER", "login.example.hu"),
        ("OIDC_ISSUER", "https://login.example.hu/?realm=staff"),
        ("PASSKEYS", "maybe"),
    ],
)
def test_addresses_that_others_could_read_or_change_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f'{name} is "'):
        Settings.from_environment({name: value})


def test_the_address_of_the_console_is_kept_as_browsers_write_it() -> None:
    for written in ("https://Desk.Example.hu:443/", "https://desk.example.hu"):
        settings = Settings.from_environment({"CONSOLE_URL": written})
        assert settings.console_url == "https://desk.example.hu"
    other = Settings.from_environment({"CONSOLE_URL": "https://[::1]:8002"})
    assert other.console_url == "https://[::1]:8002"


def test_this_machine_may_be_reached_without_encryption() -> None:
    local = {"CONSOLE_URL": "http://localhost:8002/", "OIDC_ISSUER": "http://127.0.0.1:9000"}
    settings = Settings.from_environment(local)
    assert (settings.console_url, settings.oidc_issuer) == (
        "http://localhost:8002",
        "http://127.0.0.1:9000",
    )


def test_without_the_extra_the_console_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    extra = ("authlib", "webauthn")
    # Whatever of them another test has loaded would be found without its package.
    loaded = [name for name in sys.modules if name.partition(".")[0] in extra]
    for name in (*extra, *loaded):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("openid_client", "webauthn_checks"):
        monkeypatch.delitem(sys.modules, f"backend.staff.authentication.{name}", raising=False)
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/records.db", "SECRET_KEY": "s" * 40}
    with pytest.raises(SettingsError, match=r"pip install 'zoldszam\[oidc\]'"):
        create_console(Settings.from_environment(settings | PROVIDER))
    passkeys = {"PASSKEYS": "yes", "CONSOLE_URL": PROVIDER["CONSOLE_URL"]}
    monkeypatch.delitem(sys.modules, "backend.staff.authentication.webauthn_checks", raising=False)
    with pytest.raises(SettingsError, match=r"PASSKEYS is set, but .*zoldszam\[oidc\]"):
        create_console(Settings.from_environment(settings | passkeys))
    assert create_console(Settings.from_environment(settings)) is not None


@pytest.mark.parametrize(
    "url", ["", "https://10.0.0.1", "http://127.0.0.1:8002", "https://[2001:db8::1]"]
)
def test_passkeys_want_a_host_with_a_name(url: str) -> None:
    settings = Settings.from_environment({"PASSKEYS": "yes", "CONSOLE_URL": url})
    with pytest.raises(SettingsError, match="PASSKEYS needs CONSOLE_URL"):
        settings.passkey_origin  # noqa: B018 - reading it is what fails
    named = Settings.from_environment({"PASSKEYS": "yes", "CONSOLE_URL": "http://localhost:8002"})
    assert named.passkey_origin == "http://localhost:8002"
