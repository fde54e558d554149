"""The commands that let other systems in, and that tell them of events."""

import re
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backend.db.transactions import read
from backend.interface.codes import Scope
from backend.staff.api_access.api_keys import key_of
from cli import commands
from tests.support.colleagues.staff import NOW, acts_of, add_staff
from tests.support.databases.database import Database
from tests.support.runs.tables import each_of

HOOK = "https://erp.example.hu/events"


def zoldszam(database: Database, *words: str, **environment: str) -> Result:
    variables: dict[str, Any] = {"SECRET_KEY": "a secret of thirty-two characters", **environment}
    return CliRunner().invoke(commands, [*words, "--database", database.url], env=variables)


@pytest.fixture
def staffed(database: Database) -> Database:
    add_staff(database.engine, ada="admin", anna="sender")
    return database


def test_a_key_is_shown_once_listed_and_disabled(staffed: Database) -> None:
    scopes = ("--scope", "requests:read", "--scope", "requests:write")
    added = zoldszam(staffed, "api-key", "add", "erp", *scopes, "--by", "ada")
    assert added.exit_code == 0
    key = added.output.splitlines()[-1]
    assert re.fullmatch("zsk_[A-Za-z0-9_-]{43}", key)
    with read(staffed.engine) as connection:
        known = key_of(connection, key, NOW)
    assert known is not None
    assert known.scopes == {Scope.REQUESTS_READ, Scope.REQUESTS_WRITE}
    listed = zoldszam(staffed, "api-key", "list").output
    assert "never" in listed
    assert "requests:read requests:write" in listed
    assert key not in listed
    assert zoldszam(staffed, "api-key", "disable", "erp", "--by", "ada").exit_code == 0
    assert zoldszam(staffed, "api-key", "disable", "erp", "--by", "ada").exit_code == 0
    assert "disabled" in zoldszam(staffed, "api-key", "list").output
    assert [act[1:3] for act in acts_of(staffed.engine)[2:]] == [
        ("key add", "erp"),
        ("key disable", "erp"),
    ]


@each_of(
    ("words", "told"),
    [
        (("add", "erp", "--scope", "stops:read", "--by", "anna"), "only an admin may do this"),
        (("add", "my erp", "--scope", "stops:read", "--by", "ada"), "cannot be a name"),
        (
            ("add", "erp", "--scope", "stops:read", "--by", "ada", "--expires", "2020-01-01T00:00"),
            "expired already",
        ),
        (("disable", "erp", "--by", "ada"), "zoldszam api-key list"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    staffed: Database, words: tuple[str, ...], told: str
) -> None:
    refused = zoldszam(staffed, "api-key", *words)
    assert refused.exit_code == 1
    assert told in refused.output
    assert "There are no keys" in zoldszam(staffed, "api-key", "list").output


def test_the_name_of_a_key_is_never_used_again(staffed: Database) -> None:
    add = ("api-key", "add", "erp", "--scope", "stops:read", "--by", "ada")
    assert zoldszam(staffed, *add).exit_code == 0
    assert zoldszam(staffed, "api-key", "disable", "erp", "--by", "ada").exit_code == 0
    refused = zoldszam(staffed, *add)
    assert "names are not used again" in refused.output


def test_a_receiver_of_events_is_added_listed_and_disabled(staffed: Database) -> None:
    assert "Nobody is told" in zoldszam(staffed, "api-hook", "list").output
    added = zoldszam(staffed, "api-hook", "add", HOOK, "--by", "ada")
    secret = added.output.splitlines()[-1]
    assert re.fullmatch("whsec_[A-Za-z0-9+/]{43}=", secret)
    listed = zoldszam(staffed, "api-hook", "list").output
    assert HOOK in listed
    assert "0 messages to be delivered" in listed
    assert secret not in listed
    twice = zoldszam(staffed, "api-hook", "add", HOOK, "--by", "ada")
    assert f"zoldszam api-hook disable {HOOK} --by NAME" in twice.output
    assert zoldszam(staffed, "api-hook", "disable", HOOK, "--by", "ada").exit_code == 0
    assert "disabled" in zoldszam(staffed, "api-hook", "list").output
    gone = zoldszam(staffed, "api-hook", "disable", HOOK, "--by", "ada")
    assert (gone.exit_code, "zoldszam api-hook list" in gone.output) == (1, True)


def test_without_a_secret_key_no_receiver_can_be_added(staffed: Database) -> None:
    refused = zoldszam(staffed, "api-hook", "add", HOOK, "--by", "ada", SECRET_KEY="")
    assert "Set the SECRET_KEY" in refused.output
