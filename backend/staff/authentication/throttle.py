"""Login throttling: how often a password or code may be guessed, counted for all processes.

From the fifth failure of a name on there are waits of 1, 2, 4, 8 and then 15 minutes, never a lock
for good. At an address from which the name has logged in before, only the failures from there
count, so that nobody elsewhere can keep a colleague out. An address has 30 failures in 15 minutes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from backend.db.locks import lock_subjects
from backend.db.recent import within
from backend.db.tables.staff import login_failures, sessions
from backend.interface.codes import LoginProof
from common.encryption import keyed_hash

FREE_FAILURES = 4
LONGEST_WAIT = timedelta(minutes=15)
ADDRESS_FAILURES = 30
ADDRESS_WITHIN = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries to log in; kept as keyed hashes only: a typed name may be a password."""

    kind: LoginProof
    name_key: str
    address_key: str
    name: str = field(repr=False)
    address: str = field(repr=False)


def attempt(secret: str, kind: LoginProof, name: str, address: str) -> Attempt:
    """Tell attempts by name, whatever its case, and by address; ``secret`` is ``SECRET_KEY``."""
    name_key = keyed_hash(secret.encode(), "login", f"name:{name.casefold()}")
    return Attempt(
        kind, name_key, keyed_hash(secret.encode(), "login", f"address:{address}"), name, address
    )


def must_wait(connection: Connection, tried: Attempt, now: datetime) -> bool:
    """Whether this attempt comes too early to count."""
    of_name = (login_failures.c.name_key == tried.name_key) & (login_failures.c.kind == tried.kind)
    if _has_logged_in_from_there(connection, tried):
        of_name &= login_failures.c.address_key == tried.address_key
    at = login_failures.c.at
    # What lies ahead by more was written by a clock that was put back: no wait is longer.
    recent = (at > now - FORGOTTEN_AFTER) & (at < now + LONGEST_WAIT)
    counted = select(func.count(), func.max(login_failures.c.at)).where(of_name, recent)
    failures, last = connection.execute(counted).one()
    if last is not None and now < last + _wait(failures):
        return True
    of_address = (login_failures.c.address_key == tried.address_key) & within(
        at, now, ADDRESS_WITHIN
    )
    from_there = select(func.count()).select_from(login_failures).where(of_address)
    return connection.execute(from_there).scalar_one() >= ADDRESS_FAILURES


def _has_logged_in_from_there(connection: Connection, tried: Attempt) -> bool:
    """Whether one of the sessions that are kept, 90 days, was this name's from this address."""
    proven = select(sessions.c.session_key).where(
        sessions.c.name == tried.name,
        sessions.c.address == tried.address,
        sessions.c.proved_at.is_not(None),
    )
    return connection.execute(proven.limit(1)).first() is not None


def admit(connection: Connection, tried: Attempt, now: datetime) -> bool:
    """Count an attempt before it is judged; ``False`` for one that comes too early.

    So guesses that are made at once cannot all be judged before the first is counted. Who was
    right clears it. The transaction should end before a password is hashed.
    """
    lock_subjects(connection, f"login {tried.name_key}", f"login {tried.address_key}")
    if must_wait(connection, tried, now):
        return False
    note_failure(connection, tried, now)
    return True


def note_failure(connection: Connection, tried: Attempt, now: datetime) -> None:
    """Count a wrong password or code; what is a day old is deleted with it."""
    row = {
        "kind": tried.kind,
        "name_key": tried.name_key,
        "address_key": tried.address_key,
        "at": now,
    }
    connection.execute(insert(login_failures), row)
    connection.execute(delete(login_failures).where(login_failures.c.at < now - FORGOTTEN_AFTER))


def clear_failures(connection: Connection, tried: Attempt) -> None:
    """Forget the failures of a name, because it was right."""
    of_name = (login_failures.c.name_key == tried.name_key) & (login_failures.c.kind == tried.kind)
    connection.execute(delete(login_failures).where(of_name))


def _wait(failures: int) -> timedelta:
    if failures <= FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES - 1, 4)
    return min(timedelta(minutes=2**doublings), LONGEST_WAIT)
