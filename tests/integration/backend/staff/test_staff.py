"""Users and their roles, their passwords, and the record of what they did."""

from random import Random, SystemRandom
from runpy import run_path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from backend.db.tables.messages import users
from backend.db.transactions import read, write
from backend.staff.administration import (
    add_user,
    disable_user,
    enable_user,
    renew_password,
    set_role,
)
from backend.staff.authentication import passwords
from backend.staff.authentication.password_check import verify_password
from backend.staff.authentication.passwords import NewPassword, new_password, one_time_password
from backend.staff.users import list_users, phones_of, require_role, set_phone
from common.errors import UserError
from tests.support.colleagues.staff import CHEAP, NOW, acts_of, add_staff
from tests.support.databases.database import Database


def made() -> NewPassword:
    return new_password(SystemRandom(), CHEAP)


def hash_of(database: Database, name: str) -> str:
    with read(database.engine) as connection:
        found = select(users.c.password_hash).where(users.c.name == name)
        return str(connection.execute(found).scalar_one())


def refusal(database: Database, name: str, role: str = "viewer") -> str:
    with pytest.raises(UserError) as caught, write(database.engine) as connection:
        add_user(connection, name, role, None, NOW, made())
    return str(caught.value)


@pytest.mark.both_databases
def test_a_user_comes_in_with_the_one_time_password_and_no_other(database: Database) -> None:
    password = add_staff(database.engine, anna="sender")["anna"]
    user = verify_password(database.engine, "anna", password, hasher=CHEAP)
    assert user is not None
    assert (user.name, user.role, user.password_is_one_time) == ("anna", "sender", True)
    assert user.created_at == NOW
    assert verify_password(database.engine, "anna", password + "x", hasher=CHEAP) is None
    assert verify_password(database.engine, "Anna", password, hasher=CHEAP) is None
    assert verify_password(database.engine, "nobody", password, hasher=CHEAP) is None
    assert password not in hash_of(database, "anna")


def test_a_new_password_voids_the_old_one(database: Database) -> None:
    old = add_staff(database.engine, anna="sender")["anna"]
    with write(database.engine) as connection:
        new = renew_password(connection, "anna", NOW, made())
    assert verify_password(database.engine, "anna", old, hasher=CHEAP) is None
    assert verify_password(database.engine, "anna", new, hasher=CHEAP) is not None


def test_a_hash_of_older_parameters_is_renewed_at_the_next_login(database: Database) -> None:
    password = add_staff(database.engine, anna="sender")["anna"]
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    before = hash_of(database, "anna")
    assert verify_password(database.engine, "anna", "wrong", hasher=stronger) is None
    assert hash_of(database, "anna") == before
    assert verify_password(database.engine, "anna", password, hasher=stronger) is not None
    renewed = hash_of(database, "anna")
    assert "m=16,t=2" in renewed
    assert verify_password(database.engine, "anna", password, hasher=stronger) is not None
    assert hash_of(database, "anna") == renewed


def test_a_password_is_hashed_as_the_standard_recommends() -> None:
    # Of a copy of the module: the one that the tests share has been made quick.
    hasher = run_path(str(passwords.__file__))["HASHER"]
    assert (hasher.time_cost, hasher.memory_cost, hasher.parallelism) == (3, 64 * 1024, 4)


def test_one_time_passwords_are_long_and_differ() -> None:
    rng = Random(7)  # noqa: S311 - nothing in a test is secret
    drawn = {one_time_password(rng) for _ in range(100)}
    assert len(drawn) == 100
    assert {len(password) for password in drawn} == {23}


@pytest.mark.parametrize("name", ["anna", "ANNA"])
def test_a_name_that_is_taken_is_refused_with_the_hint(database: Database, name: str) -> None:
    add_staff(database.engine, anna="sender")
    assert refusal(database, name) == ('There is a user "anna" already. Take another name.')


@pytest.mark.parametrize("name", ["", "kovács", "a b", "-x", "a/b", "x" * 41, "command line"])
def test_a_name_of_other_signs_is_refused(database: Database, name: str) -> None:
    assert "cannot be a name. Use up to 40 letters without accents" in refusal(database, name)


def test_a_role_that_there_is_not_is_refused(database: Database) -> None:
    told = 'There is no role "boss". Choose one of viewer, sender, approver, admin.'
    assert refusal(database, "anna", "boss") == told


def test_only_those_whose_role_it_is_may(database: Database) -> None:
    add_staff(database.engine, anna="sender", bela="viewer")
    with read(database.engine) as connection:
        assert require_role(connection, "anna", "sender", "admin").name == "anna"
        assert require_role(connection, "bela").role == "viewer"
        with pytest.raises(UserError) as caught:
            require_role(connection, "bela", "sender", "admin")
    told = '"bela" is a viewer; only a sender or an admin may do this. Ask one of them.'
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x", 'There is no user "x".'),
        (
            "ana",
            'There is no user "ana". Did you mean "anna"?',
        ),
        ("; x", 'There is no user "; x", nor can there be one.'),
    ],
)
def test_a_user_who_is_not_there_is_told_how_to_be(
    database: Database, name: str, told: str
) -> None:
    add_staff(database.engine, anna="sender")
    with read(database.engine) as connection, pytest.raises(UserError) as caught:
        require_role(connection, name, "sender", "admin")
    assert str(caught.value) == told


@pytest.mark.both_databases
def test_everything_that_happens_to_a_user_is_on_record(database: Database) -> None:
    passwords = add_staff(database.engine, anna="sender", bela="admin")
    with write(database.engine) as connection:
        passwords["new"] = renew_password(connection, "anna", NOW, made())
        set_role(connection, "anna", "approver", NOW)
        disable_user(connection, "anna", NOW, by="bela")
        disable_user(connection, "anna", NOW, by="bela")
        passwords["newest"] = enable_user(connection, "anna", NOW, made())
    recorded = acts_of(database.engine)
    assert recorded == [
        ("command line", "user add", "anna", "sender"),
        ("command line", "user add", "bela", "admin"),
        ("command line", "user password", "anna", None),
        ("command line", "user role", "anna", "approver"),
        ("bela", "user disable", "anna", None),
        ("command line", "user enable", "anna", None),
    ]
    assert not [word for word in passwords.values() if word in str(recorded)]


def test_nothing_is_done_to_a_user_who_is_not_there(database: Database) -> None:
    for act in (
        lambda connection: disable_user(connection, "anna", NOW),
        lambda connection: enable_user(connection, "anna", NOW, made()),
        lambda connection: set_role(connection, "anna", "admin", NOW),
        lambda connection: set_phone(connection, "anna", "+36301234567", NOW),
        lambda connection: renew_password(connection, "anna", NOW, made()),
    ):
        with (
            pytest.raises(UserError, match='There is no user "anna"'),
            write(database.engine) as connection,
        ):
            act(connection)
    assert acts_of(database.engine) == []


@pytest.mark.both_databases
def test_a_disabled_user_may_do_nothing_and_keeps_the_name_for_good(database: Database) -> None:
    password = add_staff(database.engine, anna="sender")["anna"]
    with write(database.engine) as connection:
        set_phone(connection, "anna", "+36301234567", NOW)
        disable_user(connection, "anna", NOW)
        (anna,) = list_users(connection)
    assert (anna.disabled_at, anna.phone) == (NOW, None)
    assert verify_password(database.engine, "anna", password, hasher=CHEAP) is None
    for name in ("anna", "Anna"):
        assert refusal(database, name, "approver").startswith(
            'There was a user "anna", and names are not used again: what they wrote is theirs.'
        )
    for act in (
        lambda connection: require_role(connection, "anna", "sender", "admin"),
        lambda connection: renew_password(connection, "anna", NOW, made()),
        lambda connection: set_role(connection, "anna", "admin", NOW),
        lambda connection: phones_of(connection, ["anna"]),
    ):
        with (
            pytest.raises(UserError, match=r"is disabled and may do nothing"),
            write(database.engine) as connection,
        ):
            act(connection)


def test_who_comes_back_needs_the_new_password_and_has_the_role_of_before(
    database: Database,
) -> None:
    old = add_staff(database.engine, anna="sender")["anna"]
    with write(database.engine) as connection:
        disable_user(connection, "anna", NOW)
        new = enable_user(connection, "anna", NOW, made())
    assert verify_password(database.engine, "anna", old, hasher=CHEAP) is None
    back = verify_password(database.engine, "anna", new, hasher=CHEAP)
    assert back is not None
    assert (back.role, back.password_is_one_time, back.disabled_at) == ("sender", True, None)
    with (
        pytest.raises(UserError, match="anna is not disabled"),
        write(database.engine) as connection,
    ):
        enable_user(connection, "anna", NOW, made())
