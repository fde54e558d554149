"""Secrets from files: one way for all of them, and told nowhere."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import commands
from common.errors import SettingsError
from settings import Settings
from settings_environment import SECRETS, database_settings
from tests.support.runs.tables import each_of

SECRET = "sqlite:///do-not-tell-this"


@each_of("name", SECRETS)
def test_every_secret_may_stand_in_a_file_and_is_in_no_repr(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for end in ("", "\n", "\r\n"):
        file.write_bytes((SECRET + end).encode())
        settings = Settings.from_environment({f"{name}_FILE": str(file)})
        assert settings == Settings.from_environment({name: SECRET})
        assert settings != Settings()
        assert SECRET not in repr(settings)


def test_a_command_on_the_records_has_its_database_and_key_as_the_service_has_them(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET, "utf-8")
    for given in (
        {},
        {"DATABASE_URL": "", "SECRET_KEY": ""},
        {"DATABASE_URL": SECRET, "SECRET_KEY_FILE": str(file)},
        {"DATABASE_URL_FILE": str(file), "SECRET_KEY": "another"},
    ):
        whole = Settings.from_environment(given)
        assert database_settings(given) == (whole.database_url, whole.secret_key)
    with pytest.raises(SettingsError, match="DATABASE_URL_FILE"):
        database_settings({"DATABASE_URL_FILE": str(tmp_path / "nowhere")})


@each_of(
    ("content", "flaw"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"do-not-tell\nthe second\n", "more than one line"),
        (b"do-not-tell\xff", "not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_variable_path_and_hint_without_its_content(
    content: bytes | None, flaw: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.unlink(missing_ok=True)
    if content is not None:
        file.write_bytes(content)
    given = {"SECRET_KEY_FILE": str(file), "SEND_PACE": "fast"}
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(given)
    first, second = str(refused.value).split("\n")
    assert first.startswith(f'SECRET_KEY_FILE is "{file}", which cannot be used: it ')
    assert flaw in first
    assert "do-not-tell" not in first
    assert 'SEND_PACE is "fast"' in second, "all flaws are told at once"


def test_a_secret_that_is_set_twice_has_to_be_the_same(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("do-not-tell\n", "utf-8")
    twice = {"SECRET_KEY_FILE": str(file), "SECRET_KEY": "do-not-tell"}
    assert Settings.from_environment(twice).secret_key == "do-not-tell"
    with pytest.raises(SettingsError, match="SECRET_KEY is set as well") as refused:
        Settings.from_environment(twice | {"SECRET_KEY": "do-not-tell either"})
    assert "do-not-tell" not in str(refused.value)


def test_commands_find_the_database_whose_address_stands_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text(f"sqlite:///{tmp_path}/records.db\n", "utf-8")
    environment = {"DATABASE_URL": "", "DATABASE_URL_FILE": str(file)}
    done = CliRunner().invoke(commands, ["db", "upgrade"], env=environment)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "records.db").exists()
    assert "sqlite:///var/zoldszam.db" in CliRunner().invoke(commands, ["stats", "--help"]).output
