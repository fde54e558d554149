"""Identification of callers: attempts are counted, and too many lock it.

Whatever is wrong (an unknown id, another's serial, a site of another service) takes the same
statements and gives the same answer, and an id that does not exist is counted like one that does.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from backend.context import Begin, CallContext, already_begun
from backend.interface.answers import FoundReceipt, Identified, ReadingState, RecordedRequest, Site
from backend.interface.queries import FindReadingState, FindReceipt, Identify, IdentifyByCode
from backend.records.attempts import Attempt
from backend.records.requests.ledger import verify_receipt
from backend.records.requests.replaced_requests import is_replaced
from backend.records.sites import find_reading_state, find_site_ahead, find_site_by_code
from common.encryption import keyed_hash


def caller_key(secret: bytes, number: str) -> str:
    """The calling number as attempts are counted by it: always the same, never the number."""
    return keyed_hash(secret, "caller", number)


def site_key(secret: bytes, site_id: str) -> str:
    """A site as attempts are counted for it: always the same, never its id."""
    return keyed_hash(secret, "site", site_id)


def identify(
    connection: Connection,
    query: Identify | IdentifyByCode,
    context: CallContext,
    begin: Begin = already_begun,
) -> Identified:
    """Identify by site id and serial, or by the id alone where the rules ask for no more (PC-10).

    The district-heating line has a customer code in the id's place (ES-06). A failure is counted
    in the same transaction, and so is an id that is told of without a proof. From the last
    permitted failure on the answer is ``locked``, then also for the right pair, until the failures
    are old enough; a site that others have locked stays open to its own customer's number and to
    numbers that have proven it before. A success lets the call begin anew. Attempts while locked
    are not counted: a stranger cannot keep a site locked for ever.

    The site is read first, on PostgreSQL together with the attempts, which are counted in the
    transaction that ``begin`` begins then. There attempts in calls that run at the very same moment
    may not see one another yet.
    """
    if isinstance(query, Identify):
        found, subject = _find_by_id(connection, query, context), query.site_id
        proves = query.serial is not None
    else:
        by_code = find_site_by_code(connection, query, context.today)
        found, subject, proves = (lambda: by_code), query.code, True
    begin()
    attempt = Attempt(connection, context, "site", subject)
    before = attempt.before()
    lock = before.lock(context)
    if lock == "site" and attempt.is_of_a_known_caller():
        lock = None
    if lock is not None or (not proves and before.has_asked_enough(context)):
        return Identified(None, locked=True)
    site = found()
    if site is None:
        return Identified(None, locked=_is_final(attempt, attempt.note_failure(before)))
    if not proves:
        attempt.note_asking(before)
    attempt.note_success(before, proven=proves)
    return Identified(site)


def find_receipt(connection: Connection, query: FindReceipt, context: CallContext) -> FoundReceipt:
    """What may be told of the request with that receipt.

    One that nobody has counts like a failed identification, so that receipts cannot be tried.
    """
    attempt = Attempt(connection, context, "receipt", query.receipt)
    before = attempt.before()
    if before.lock(context) is not None:
        return FoundReceipt(None, locked=True)
    found = verify_receipt(connection, query.receipt)
    if found is None:
        return FoundReceipt(None, locked=attempt.note_failure(before) is not None)
    attempt.note_success(before, proven=True)
    replaced = is_replaced(connection, found)
    return FoundReceipt(RecordedRequest(found.kind, found.effective_from, replaced))


def ask_reading_state(
    connection: Connection, query: FindReadingState, context: CallContext
) -> ReadingState:
    """Whether the site may give readings, asked by a caller who has not proven to be its.

    The asking counts for the caller, whether the site is there or not, and until the site is
    identified in the same call; so its state cannot be used to find out which ids exist. It is no
    failure. Who has asked enough is told nothing more: the site seems not to be there, and its
    caller may still identify.
    """
    attempt = Attempt(connection, context, "site", query.site_id)
    before = attempt.before()
    if before.lock(context) in {"call", "caller"}:
        return ReadingState(locked=True)
    if before.has_asked_enough(context):
        return ReadingState()
    attempt.note_asking(before)
    return find_reading_state(connection, query.site_id, query.service, context.today)


def _is_final(attempt: Attempt, lock: str | None) -> bool:
    """Whether trying on is pointless after that failure."""
    return lock is not None and not (lock == "site" and attempt.is_of_a_known_caller())


def _find_by_id(
    connection: Connection, query: Identify, context: CallContext
) -> Callable[[], Site | None]:
    read_on = query.read_on or context.today
    found = find_site_ahead(connection, query.site_id, query.service, read_on)

    def site_of_the_serial() -> Site | None:
        site = found()
        return site if site is not None and _belongs(site, query.serial) else None

    return site_of_the_serial


def _belongs(site: Site, serial: str | None) -> bool:
    return serial is None or any(meter.has_serial(serial) for meter in site.meters)
