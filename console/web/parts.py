"""What the console is made of, and the two kinds of transaction that a view may open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import cast

from argon2 import PasswordHasher
from flask import current_app, g, request
from sqlalchemy import Connection, Engine

from backend.db.transactions import read_only, write
from backend.desks import Desks, HungarianCalendar
from backend.interface.codes import SecondFactor
from backend.staff.authentication.identity_provider import IdentityProvider
from backend.staff.authentication.login import Desk
from backend.staff.authentication.passkeys import PasskeyChecks
from backend.staff.authentication.passwords import HASHER
from backend.staff.origin import acting_from
from ivr.lines.shown_lines import ShownLines
from messages.campaigns.policy import SendingPolicy


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What the console works with; ``secret`` is ``SECRET_KEY``, ``company`` the desk's name.

    ``desks`` and ``calendar`` are the configuration files, ``policy`` the settings of sending.
    ``proxy_hops`` is the number of proxies whose ``X-Forwarded-*`` headers count. ``provider`` is
    where people may log in besides, if anywhere; ``passkeys`` checks them, where they are offered.
    """

    engine: Engine
    clock: Callable[[], datetime]
    rng: Random
    secret: str
    second_factor: SecondFactor
    company: str
    desks: Desks
    calendar: HungarianCalendar
    policy: SendingPolicy
    lines: ShownLines
    proxy_hops: int = 0
    web_phone: str | None = None
    hasher: PasswordHasher = HASHER
    provider: IdentityProvider | None = None
    passkeys: PasskeyChecks | None = None

    @property
    def login_desk(self) -> Desk:
        """What the use cases of logging in take."""
        return Desk(self.engine, self.secret, self.rng, self.clock, self.hasher)


class WriteInReadError(RuntimeError):
    """A view opened a transaction to write in a request that only reads: a fault of the program."""


def parts() -> ConsoleParts:
    """The parts of the application that serves this request."""
    return cast(ConsoleParts, current_app.extensions["console"])


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection to look things up with; the database refuses to write over it."""
    with read_only(parts().engine) as connection:
        yield connection


@contextmanager
def acting() -> Iterator[None]:
    """Let acts tell this session and address; for use cases with transactions of their own.

    Raises ``WriteInReadError`` in a GET or HEAD.
    """
    if request.method in {"GET", "HEAD"}:
        raise WriteInReadError(f"{request.endpoint} writes in a {request.method}")
    signed = g.get("signed")
    with acting_from(signed.key if signed is not None else "", request.remote_addr or ""):
        yield


@contextmanager
def writing() -> Iterator[Connection]:
    """One write transaction. Raises ``WriteInReadError`` in a GET or HEAD."""
    with acting(), write(parts().engine) as connection:
        yield connection
