"""Is the caller this site's? Attempts are counted, and too many lock identification.

Whatever is wrong (an unknown id, another's serial, a site of another service) takes the same
statements and gives the same answer, and an id that does not exist is counted like one that does.
The count keeps keyed hashes only, so the table of failures names neither caller nor site.
"""

import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import Connection, and_, bindparam, delete, func, not_, select, update

from backend.context import CallContext
from backend.desk import FoundReceipt, Identified, ReadingState, RecordedRequest, Site
from backend.queries import FindReadingState, FindReceipt, Identify, IdentifyByCode
from backend.requests import verify_receipt
from backend.sites import find_reading_state, find_site, find_site_by_code
from backend.tables import identification_failures as failures

_of_this_site = and_(
    failures.c.call_sid == bindparam("sid"),
    failures.c.site_key == bindparam("site"),
    failures.c.only_asked,
)

_FAILURES = select(
    select(func.count()).where(failures.c.call_sid == bindparam("sid")).scalar_subquery(),
    select(func.count())
    .where(
        failures.c.caller_key == bindparam("caller_key"),
        failures.c.at > bindparam("caller_since", type_=failures.c.at.type),
    )
    .scalar_subquery(),
    select(func.count())
    .where(
        failures.c.site_key == bindparam("site"),
        not_(failures.c.only_asked),
        failures.c.at > bindparam("site_since", type_=failures.c.at.type),
    )
    .scalar_subquery(),
    select(func.count()).where(_of_this_site).scalar_subquery(),
)

_ADD_FAILURE = failures.insert()

_ASKED_IN_VAIN = update(failures).where(_of_this_site).values(only_asked=False)
_FORGET_ASKING = delete(failures).where(_of_this_site)


def caller_key(secret: bytes, number: str) -> str:
    """The calling number as attempts are counted by it: always the same, never the number."""
    return _keyed_hash(secret, "caller", number)


def site_key(secret: bytes, site_id: str) -> str:
    """A site as attempts are counted for it: always the same, never its id."""
    return _keyed_hash(secret, "site", site_id)


def identify(
    connection: Connection, query: Identify | IdentifyByCode, context: CallContext
) -> Identified:
    """Identify by site id and serial, or by the id alone where the rules ask for no more (PC-10).

    The district-heating line has a customer code in the id's place (ES-06). A failure is counted
    in the same transaction. From the last permitted failure on the answer is ``locked``, then also
    for the right pair, until the failures are old enough. Attempts while locked are not counted: a
    stranger cannot keep a site locked for ever.

    On PostgreSQL attempts in calls that run at the very same moment may not see one another yet.
    """
    if isinstance(query, Identify):
        site, subject = _find_by_id(connection, query, context), query.site_id
    else:
        site = find_site_by_code(connection, query.code, query.serial, query.service, context.today)
        subject = query.code
    admitted, locked = _admit(connection, context, "site", subject, proven=site is not None)
    return Identified(site if admitted else None, locked)


def find_receipt(connection: Connection, query: FindReceipt, context: CallContext) -> FoundReceipt:
    """What may be told of the request with that receipt.

    One that nobody has counts like a failed identification, so that receipts cannot be tried.
    """
    found = verify_receipt(connection, query.receipt)
    admitted, locked = _admit(
        connection, context, "receipt", query.receipt, proven=found is not None
    )
    if found is None or not admitted:
        return FoundReceipt(None, locked)
    return FoundReceipt(RecordedRequest(found.kind, found.effective_from))


def _admit(
    connection: Connection, context: CallContext, kind: str, subject: str, *, proven: bool
) -> tuple[bool, bool]:
    """Whether an attempt is let through and, if not, whether trying on is pointless."""
    key = _keyed_hash(context.secret, kind, subject)
    # That this very site was asked about is no failure while its caller proves who they are.
    of_call, of_caller, of_site, pending = _failures_before(connection, context, key)
    asked = {"sid": context.call_sid, "site": key}
    if _is_locked((of_call - pending, of_caller - pending, of_site), context):
        return False, True
    if proven:
        if pending:
            connection.execute(_FORGET_ASKING, asked)
        return True, False
    if pending:
        connection.execute(_ASKED_IN_VAIN, asked)
    else:
        connection.execute(_ADD_FAILURE, _failure(context, key, only_asked=False))
    failed = (of_call - pending + 1, of_caller - pending + 1, of_site + 1)
    return False, _is_locked(failed, context)


def _find_by_id(connection: Connection, query: Identify, context: CallContext) -> Site | None:
    read_on = query.read_on or context.today
    site = find_site(connection, query.site_id, query.service, read_on)
    return site if site is not None and _belongs(site, query.serial) else None


def ask_reading_state(
    connection: Connection, query: FindReadingState, context: CallContext
) -> ReadingState:
    """Whether the site may give readings, asked by a caller who has not proven to be its.

    The asking counts for call and caller, whether the site is there or not, and until the site is
    identified in the same call; so its state cannot be used to find out which ids exist.
    """
    key = site_key(context.secret, query.site_id)
    of_call, of_caller, _, pending = _failures_before(connection, context, key)
    if _is_locked((of_call, of_caller, 0), context):
        return ReadingState(locked=True)
    if not pending:
        connection.execute(_ADD_FAILURE, _failure(context, key, only_asked=True))
    return find_reading_state(connection, query.site_id, query.service, context.today)


def _failure(context: CallContext, key: str, *, only_asked: bool) -> dict[str, object]:
    return {
        "at": context.now,
        "call_sid": context.call_sid,
        "caller_key": context.caller_key,
        "site_key": key,
        "only_asked": only_asked,
    }


def _failures_before(connection: Connection, context: CallContext, key: str) -> Sequence[int]:
    parameters = {
        "sid": context.call_sid,
        "caller_key": context.caller_key,
        "caller_since": context.now - context.limits.caller_within,
        "site": key,
        "site_since": context.now - context.limits.site_within,
    }
    return connection.execute(_FAILURES, parameters).one()


def _is_locked(failures_so_far: Sequence[int], context: CallContext) -> bool:
    # A withheld number is nobody's in particular: it counts nothing, so it cannot lock others.
    of_call, of_caller, of_site = failures_so_far
    limits = context.limits
    return (
        of_call >= limits.per_call
        or (context.caller_key is not None and of_caller >= limits.per_caller)
        or of_site >= limits.per_site
    )


def _belongs(site: Site, serial: str | None) -> bool:
    return serial is None or any(meter.has_serial(serial) for meter in site.meters)


def _keyed_hash(secret: bytes, kind: str, value: str) -> str:
    return hmac.new(secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
