"""Logging in by an identity provider: the provider proves who it is, we know who they are here."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from backend.db.tables.messages import users
from backend.db.tables.staff import identities
from backend.db.transactions import read, write
from backend.staff.audit import record_act
from backend.staff.authentication.identity_provider import (
    Arrival,
    Flow,
    IdentityProvider,
    ProvenIdentity,
    ProviderError,
    ProviderFault,
)
from backend.staff.authentication.login import Desk
from backend.staff.authentication.second_factor import has_factor
from backend.staff.authentication.sessions import Session, Way, begin_session, prove
from backend.staff.authentication.throttle import Attempt, attempt, must_wait, note_failure

BY_PROVIDER = "provider"
"""The detail of an act that says by which way somebody came, or did not."""

_CONSOLE = "console"
"""Who acts where nobody is known: an identity that no administrator has linked."""

_CLOCKS_DIFFER = timedelta(minutes=1)


def identify(
    desk: Desk, provider: IdentityProvider, flow: Flow, arrival: Arrival, address: str
) -> ProvenIdentity:
    """Who has come back from the provider. Raises ``ProviderError``.

    Failures count for the network address as those of passwords do, so that nobody can make us ask
    the provider without end.
    """
    now = desk.clock()
    # By a name that is never met again: only the address is to wait.
    tried = attempt(desk.secret, "code", f"{BY_PROVIDER}:{flow.state}", address)
    with read(desk.engine) as connection:
        if must_wait(connection, tried, now):
            raise ProviderError(ProviderFault.WAIT, "too many failures")
    try:
        return provider.identity(flow, arrival)
    except ProviderError as error:
        if error.fault is not ProviderFault.CANCELLED:
            with write(desk.engine) as connection:
                _note_failure(connection, tried, _CONSOLE, error.fault, now)
        raise


def log_in_by_provider(desk: Desk, proven: ProvenIdentity, address: str) -> str:
    """The ``sid`` of a new session of the user who is linked to that identity.

    A second factor of ours is owed, unless the provider has seen one. Raises ``ProviderError`` for
    an identity that is not linked, or whose user is disabled: both look the same.
    """
    now = desk.clock()
    with write(desk.engine) as connection:
        name = _user_of(connection, proven)
        if name is None:
            record_act(
                connection, _CONSOLE, "login failure", BY_PROVIDER, ProviderFault.UNLINKED, now
            )
        else:
            sid = desk.new_sid()
            proved = proven.with_factor or not has_factor(connection, name)
            way = Way.PROVIDER_WITH_FACTOR if proven.with_factor else Way.PROVIDER
            begin_session(connection, sid, name, address, now, proved=proved, way=way)
            record_act(connection, name, "login", name, BY_PROVIDER, now)
    if name is None:
        raise ProviderError(ProviderFault.UNLINKED, "nobody is linked")
    return sid


def prove_by_provider(
    desk: Desk, session: Session, proven: ProvenIdentity, asked_at: datetime
) -> str:
    """The new ``sid`` of a session whose user has proved at the provider once more who they are.

    Raises ``ProviderError`` for another person, for a proof from before ``asked_at``, and where a
    second factor of ours is in use that the provider has not replaced.
    """
    now = desk.clock()
    at = proven.authenticated_at
    with write(desk.engine) as connection:
        same = _user_of(connection, proven) == session.name
        enough = proven.with_factor or not session.has_factor
        fresh = at is not None and asked_at - _CLOCKS_DIFFER <= at
        if same and enough and fresh:
            sid = desk.new_sid()
            prove(connection, session, sid, now)
            return sid
        record_act(connection, session.name, "login failure", session.name, BY_PROVIDER, now)
    raise ProviderError(
        ProviderFault.ANSWER if same else ProviderFault.OTHER_PERSON,
        "not proved anew" if same else "another person",
    )


def _user_of(connection: Connection, proven: ProvenIdentity) -> str | None:
    found = (
        select(users.c.name)
        .join(identities, identities.c.name == users.c.name)
        .where(
            identities.c.issuer == proven.issuer,
            identities.c.subject == proven.subject,
            users.c.disabled_at.is_(None),
        )
    )
    return connection.execute(found).scalar_one_or_none()


def _note_failure(
    connection: Connection, tried: Attempt, by: str, detail: str, now: datetime
) -> None:
    note_failure(connection, tried, now)
    record_act(connection, by, "login failure", BY_PROVIDER, detail, now)
