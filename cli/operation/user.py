"""``zoldszam user``: who may write, approve and send messages."""

from datetime import UTC, datetime
from random import SystemRandom

import click

from backend.interface.codes import Role
from backend.staff.administration import (
    add_user,
    disable_user,
    enable_user,
    renew_password,
    set_role,
)
from backend.staff.authentication.identities import link_identity, unlink_identity
from backend.staff.authentication.passwords import new_password
from backend.staff.users import User, list_users, set_phone
from cli.support.arguments import Utf8
from cli.support.common import clock, table, telephone_in_plan
from cli.support.database import database_option, reading, writing
from common.phone_numbers import masked_phone

issuer_option = click.option(
    "--issuer",
    type=Utf8(),
    envvar="OIDC_ISSUER",
    required=True,
    metavar="URL",
    help="The identity provider; also the variable OIDC_ISSUER.",
)


@click.group("user")
def user_group() -> None:
    """Manage who works with messages.

    A viewer looks, a sender writes campaigns, an approver approves those of others, an admin may
    do all, but approves nothing of their own either.
    """


@user_group.command("add")
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice(tuple(map(str, Role))), help="What they may do."
)
@click.option(
    "--phone",
    callback=telephone_in_plan,
    metavar="NUMBER",
    help="Where rehearsals of campaigns go.",
)
@database_option
def add_command(name: str, role: str, phone: str | None, database: str) -> None:
    """Add a user, and print a one-time password alone on the last line."""
    made = new_password(SystemRandom())
    with writing(database) as connection:
        password = add_user(connection, name, role, phone, datetime.now(UTC), made)
    click.echo(f"{name} is added as {role}. The one-time password, which is not shown again:")
    click.echo(password)


@user_group.command("list")
@database_option
def list_command(database: str) -> None:
    """List the users with their roles."""
    with reading(database) as connection:
        found = list_users(connection)
    if not found:
        click.echo("There are no users. Add one: zoldszam user add NAME --role admin")
        return
    rows = [
        (user.name, user.role, _phone(user), clock(user.created_at), _password(user))
        for user in found
    ]
    click.echo(table(("name", "role", "phone", "added", "password"), rows))


@user_group.command("remove")
@click.argument("name")
@database_option
def remove_command(name: str, database: str) -> None:
    """Disable a user for as long as nobody enables them. Their name stays theirs.

    What they did stays on record, and nobody can be added under that name; their telephone
    number is deleted.
    """
    with writing(database) as connection:
        disable_user(connection, name, datetime.now(UTC))
    click.echo(f"{name} is disabled. Should they come back: zoldszam user enable {name}")


@user_group.command("enable")
@click.argument("name")
@database_option
def enable_command(name: str, database: str) -> None:
    """Let a disabled user come back, with a one-time password alone on the last line."""
    made = new_password(SystemRandom())
    with writing(database) as connection:
        password = enable_user(connection, name, datetime.now(UTC), made)
    click.echo(f"{name} is enabled. The one-time password, which is not shown again:")
    click.echo(password)


@user_group.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(tuple(map(str, Role))))
@database_option
def role_command(name: str, role: str, database: str) -> None:
    """Give a user another role. What they wrote before, they still cannot approve."""
    with writing(database) as connection:
        set_role(connection, name, role, datetime.now(UTC))
    click.echo(f"{name} is {role} from now on.")


@user_group.command("phone")
@click.argument("name")
@click.argument("number", callback=telephone_in_plan)
@database_option
def phone_command(name: str, number: str, database: str) -> None:
    """Say where rehearsals for a user go. NUMBER is in any usual Hungarian spelling."""
    with writing(database) as connection:
        set_phone(connection, name, number, datetime.now(UTC))
    click.echo(f"Rehearsals for {name} go to that number from now on.")


@user_group.command("password")
@click.argument("name")
@database_option
def password_command(name: str, database: str) -> None:
    """Give a user a new one-time password, and print it alone on the last line."""
    made = new_password(SystemRandom())
    with writing(database) as connection:
        password = renew_password(connection, name, datetime.now(UTC), made)
    click.echo(f"The old password of {name} is void. The one-time one, which is not shown again:")
    click.echo(password)


@user_group.command("link")
@click.argument("name")
@click.argument("subject")
@issuer_option
@database_option
def link_command(name: str, subject: str, issuer: str, database: str) -> None:
    """Let a user log in to the console by the identity provider.

    SUBJECT is their unchanging identifier there (``sub``); who is refused at login is shown it.
    """
    with writing(database) as connection:
        link_identity(connection, name, issuer, subject, datetime.now(UTC))
    click.echo(f"{name} can log in by {issuer} from now on.")


@user_group.command("unlink")
@click.argument("name")
@issuer_option
@database_option
def unlink_command(name: str, issuer: str, database: str) -> None:
    """Let nobody come in as that user by the identity provider; their sessions end."""
    with writing(database) as connection:
        unlink_identity(connection, name, issuer, datetime.now(UTC))
    click.echo(f"{name} cannot log in by {issuer} any more.")


def _phone(user: User) -> str:
    return masked_phone(user.phone) if user.phone else ""


def _password(user: User) -> str:
    if user.disabled_at is not None:
        return f"disabled {clock(user.disabled_at)}"
    return "one-time" if user.password_is_one_time else "own"
