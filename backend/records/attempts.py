"""Attempts to identify: what was tried before, which limit it meets, and what colleagues hear.

Keys are keyed hashes, so the counts name neither caller nor site. All withheld numbers count as
one caller with a limit of its own.
"""

import logging
from datetime import timedelta
from typing import Literal, NamedTuple

from sqlalchemy import (
    Connection,
    Insert,
    and_,
    bindparam,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.records import customers, proven_callers, sites
from backend.db.tables.records import identification_failures as failures
from backend.db.transactions import upsert
from backend.interface.codes import TaskKind
from backend.records.work_list.tasks import open_task
from common.encryption import keyed_hash

logger = logging.getLogger(__name__)

Kind = Literal["site", "receipt"]
Lock = Literal["call", "caller", "site"]

WITHHELD = "withheld"
"""The caller under which all calls without a number are counted."""

SITE_REST = timedelta(hours=1)
"""A site with too many failures lets strangers try once in so long, and locks nobody out longer."""

_OF_CALL = failures.c.call_sid == bindparam("sid")
_OF_CALLER = failures.c.caller_key == bindparam("caller")
_OF_SITE = failures.c.site_key == bindparam("site")
_FAILED = not_(failures.c.only_asked)
_ASKED_IN_CALL = and_(_OF_CALL, _OF_SITE, failures.c.only_asked)
_at = failures.c.at.type

_BEFORE = Prepared(
    select(
        *(
            select(func.count()).where(*conditions).scalar_subquery()
            for conditions in (
                (_OF_CALL, _FAILED, not_(failures.c.cleared)),
                (_OF_CALLER, _FAILED, failures.c.at > bindparam("caller_since", type_=_at)),
                (_OF_SITE, _FAILED, failures.c.at > bindparam("site_since", type_=_at)),
                (_OF_SITE, _FAILED, failures.c.at > bindparam("site_latest", type_=_at)),
                (
                    _OF_CALLER,
                    failures.c.only_asked,
                    failures.c.at > bindparam("asked_since", type_=_at),
                ),
                (_ASKED_IN_CALL,),
            )
        )
    )
)
_ADD = Prepared(failures.insert(), "at", "call_sid", "caller_key", "site_key", "only_asked")
_ASKED_IN_VAIN = update(failures).where(_ASKED_IN_CALL).values(only_asked=False)
_FORGET_ASKING = Prepared(delete(failures).where(_ASKED_IN_CALL))
_CLEAR_CALL = Prepared(update(failures).where(_OF_CALL, _FAILED).values(cleared=True))


def _note_proven(dialect: str) -> Insert:
    row = upsert(dialect, proven_callers)
    pair = ("caller_key", "site_key")
    return row.on_conflict_do_update(index_elements=pair, set_={"at": row.excluded.at})


_NOTE_PROVEN = Prepared(_note_proven, "caller_key", "site_key", "at")

_OF_SUBJECT = or_(
    sites.c.site_id == bindparam("subject"), customers.c.customer_id == bindparam("subject")
)
_KNOWN_HERE = select(
    or_(
        exists().where(
            proven_callers.c.caller_key == bindparam("caller"),
            proven_callers.c.site_key == bindparam("site"),
        ),
        exists(
            select(customers.c.customer_id)
            .outerjoin(sites, sites.c.customer_id == customers.c.customer_id)
            .where(
                customers.c.phone == bindparam("number"),
                _OF_SUBJECT,
            )
        ),
    )
)
_CUSTOMER = (
    select(customers.c.phone)
    .outerjoin(sites, sites.c.customer_id == customers.c.customer_id)
    .where(_OF_SUBJECT)
    .limit(1)
)


class Before(NamedTuple):
    """What was tried before: failures of the call, the caller and the site, ids only asked about.

    ``site_lately`` are the site's failures of the last ``SITE_REST``. ``in_call`` is whether this
    very site was asked about in this call.
    """

    of_call: int
    of_caller: int
    of_site: int
    site_lately: int
    asked: int
    in_call: int

    def lock(self, context: CallContext) -> Lock | None:
        """Which limit of failed attempts is used up, if any."""
        limits = context.limits
        if self.of_call >= limits.per_call:
            return "call"
        if self.of_caller >= (limits.unproven if _withheld(context) else limits.per_caller):
            return "caller"
        return "site" if self.of_site >= limits.per_site and self.site_lately else None

    def has_asked_enough(self, context: CallContext) -> bool:
        """Whether no further id is told of that its caller does not prove."""
        return not self.in_call and self.asked >= context.limits.unproven

    def and_a_failure(self) -> "Before":
        """The same with one failure more."""
        more = (self.of_call + 1, self.of_caller + 1, self.of_site + 1, self.site_lately + 1)
        return Before(*more, self.asked, 0)


class Attempt:
    """One attempt to be let in, with the subject (a site id, customer code or receipt) it names."""

    def __init__(
        self, connection: Connection, context: CallContext, kind: Kind, subject: str
    ) -> None:
        self._connection = connection
        self._context = context
        self._kind = kind
        self._subject = subject
        self._caller = context.caller_key or WITHHELD
        self._keys = {
            "sid": context.call_sid,
            "site": keyed_hash(context.secret, kind, subject),
            "caller": self._caller,
        }

    def before(self) -> Before:
        """What was tried before within the limits' times."""
        limits, now = self._context.limits, self._context.now
        within = limits.unproven_within if _withheld(self._context) else limits.caller_within
        since = {
            "caller_since": now - within,
            "site_since": now - limits.site_within,
            "site_latest": now - SITE_REST,
            "asked_since": now - limits.unproven_within,
        }
        (counts,) = _BEFORE.rows(self._connection, **self._keys, **since)
        return Before(*counts)

    def is_of_a_known_caller(self) -> bool:
        """Whether this number is on the customer's record, or has proven this site before.

        Others' failures at the site do not shut such a caller out.
        """
        if self._context.caller_key is None or self._kind != "site":
            return False
        wanted = {**self._keys, "number": self._context.caller, "subject": self._subject}
        wanted.pop("sid")
        return bool(self._connection.execute(_KNOWN_HERE, wanted).scalar_one())

    def note_failure(self, before: Before) -> Lock | None:
        """Count a failure; the lock that it closes, which colleagues are told of."""
        if before.in_call:
            self._connection.execute(_ASKED_IN_VAIN, self._keys_of_call())
        else:
            self._add(only_asked=False)
        after = before.and_a_failure()
        if after.of_site >= self._context.limits.per_site:
            self._tell_of_locked_site()
        lock = after.lock(self._context)
        if lock == "caller":
            who = "withheld numbers are" if _withheld(self._context) else "a number is"
            logger.warning(
                "call %s: %s locked",
                self._context.call_sid,
                who,
                extra={"event": "identification_locked"},
            )
        return lock

    def note_asking(self, before: Before) -> None:
        """Count that an id was asked about without a proof, once a call."""
        if not before.in_call:
            self._add(only_asked=True)

    def note_success(self, before: Before, *, proven: bool) -> None:
        """Let the call begin anew; with a proof this caller is known at the site from now on."""
        if before.of_call:
            _CLEAR_CALL.later(self._connection, sid=self._context.call_sid)
        if not proven or self._kind != "site":
            return
        if before.in_call:
            _FORGET_ASKING.later(self._connection, **self._keys_of_call())
        if self._context.caller_key is not None:
            _NOTE_PROVEN.later(
                self._connection,
                caller_key=self._caller,
                site_key=self._keys["site"],
                at=self._context.now,
            )

    def _keys_of_call(self) -> dict[str, str]:
        return {"sid": self._keys["sid"], "site": self._keys["site"]}

    def _add(self, *, only_asked: bool) -> None:
        _ADD.later(
            self._connection,
            at=self._context.now,
            call_sid=self._context.call_sid,
            caller_key=self._caller,
            site_key=self._keys["site"],
            only_asked=only_asked,
        )

    def _tell_of_locked_site(self) -> None:
        """Open a task, once, when there is such a site; a stranger cannot make one of any id."""
        found = self._connection.execute(_CUSTOMER, {"subject": self._subject}).one_or_none()
        if self._kind != "site" or found is None:
            return
        opened = open_task(
            self._connection,
            TaskKind.IDENTIFICATION_LOCKED,
            found.phone or "",
            self._context.now,
            subject=self._subject,
        )
        if opened:
            logger.warning(
                "call %s: a site is locked, see its task",
                self._context.call_sid,
                extra={"event": "site_locked"},
            )


def _withheld(context: CallContext) -> bool:
    return context.caller_key is None
