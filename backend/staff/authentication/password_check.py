"""Verifies passwords: apart from ``users``, which most commands need without any hashing."""

from argon2 import PasswordHasher
from sqlalchemy import Engine, select, update

from backend.db.tables.messages import users
from backend.db.transactions import read, write
from backend.staff.authentication.passwords import HASHER, matches
from backend.staff.users import User, user_of


def verify_password(
    engine: Engine, name: str, password: str, *, hasher: PasswordHasher = HASHER
) -> User | None:
    """The user whose name and password these are, or ``None``, in the same time.

    A disabled user is none.

    No transaction is open while the password is hashed. A hash that was made with other
    parameters than today's is renewed.
    """
    with read(engine) as connection:
        row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    known = None if row is None or row.disabled_at is not None else row.password_hash
    if not matches(known, password, hasher) or row is None:
        return None
    if hasher.check_needs_rehash(row.password_hash):
        renewed = hasher.hash(password)
        with write(engine) as connection:
            # Unless the password was changed meanwhile.
            same = (users.c.name == name) & (users.c.password_hash == row.password_hash)
            connection.execute(update(users).where(same).values(password_hash=renewed))
    return user_of(row)
