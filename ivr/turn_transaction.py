"""The transaction of one turn: records, clock and what a call needs of the utility."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from backend import service
from backend.calls import transcripts
from backend.context import CallContext, CallerTexts, IdentificationLimits
from backend.db.driver import driver_of
from backend.db.kept_connections import transaction_on
from backend.db.transactions import writers_turn
from backend.rules.desk_hours import Calendar
from backend.tariffs import Tariffs

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from backend.desks import Desks
    from backend.interface.answers import Submitted
    from backend.interface.commands import Command
    from backend.interface.queries import Answer, Query
    from ivr.dialogue.transcript import Began

CHANNEL = "ivr"


class AlreadyAnsweredError(Exception):
    """The same webhook was answered by another worker meanwhile: read its turn and repeat it."""


class AlreadyBegunError(Exception):
    """The call has begun before, or another one has the reference that was drawn for it."""


@dataclass(frozen=True)
class ServiceParts:
    """What a call needs of the utility besides its records and its line.

    ``secret`` keys the hashes under which failed identifications are counted, ``limits`` how many.
    ``texts`` is ``None`` where no messages are sent.
    """

    calendar: Calendar
    tariffs: Tariffs
    secret: bytes = field(repr=False)
    limits: IdentificationLimits
    texts: CallerTexts | None = None

    def context(
        self,
        *,
        call_sid: str,
        caller_key: str | None,
        channel: str,
        now: datetime,
        rng: Random,
        desks: Desks,
        caller: str | None = None,
    ) -> CallContext:
        """One webhook of a call or message, with what the service knows; see ``CallContext``."""
        return CallContext(
            call_sid=call_sid,
            caller_key=caller_key,
            channel=channel,
            now=now,
            rng=rng,
            secret=self.secret,
            desks=desks,
            calendar=self.calendar,
            limits=self.limits,
            caller=caller,
            tariffs=self.tariffs,
            texts=self.texts,
        )


class TurnTransaction:
    """The records and the clock, as one turn of a dialogue sees them.

    Most turns ask the records nothing; their only write is the turn itself. So the transaction is
    opened when something is first stored, or asked that may store, and everything up to the turn is
    then in it.
    ``promises`` is whether the turn tells the caller of something that was stored, ``waited`` how
    long the caller has waited for a person, where the turn tells that first.
    """

    def __init__(
        self,
        engine: Engine,
        connection: Connection,
        context: CallContext,
        *,
        is_open: bool = False,
    ) -> None:
        """``connection`` is one of ``single_statements``, or a transaction that its owner ends."""
        self.context = context
        self.promises = False
        self.waited: timedelta | None = None
        self._engine = engine
        self._connection = connection
        self._is_open = is_open
        self._transaction: AbstractContextManager[None] | None = None

    def __enter__(self) -> TurnTransaction:
        return self

    def __exit__(self, *error: Any) -> None:
        if self._transaction is not None:
            self._transaction.__exit__(*error)

    @property
    def connection(self) -> Connection:
        """The turn's transaction, opened when it is first needed."""
        self.begin()
        return self._connection

    def begin(self) -> None:
        """Open the turn's transaction, if it is not open: other writers wait from here on."""
        if not self._is_open:
            # Whether anything is promised is known only when the dialogue has gone on.
            opened = transaction_on(self._engine, self._connection)
            opened.__enter__()
            self._transaction, self._is_open = opened, True

    def now(self) -> datetime:
        return self.context.now

    def look_up(self, query: Query[Answer]) -> Answer:
        return service.answer(self._connection, query, self.context, self.begin)

    def submit(self, command: Command) -> Submitted:
        self.promises = True
        return service.submit(self.connection, command, self.context)

    def begin_call(self, began: Began, place: str, heard: str, desk: str | None) -> None:
        """Enter a new call with its first turn, which puts it through to ``desk``, if it does.

        Raises ``AlreadyBegunError`` where that cannot be.
        """
        driver = driver_of(self._connection)
        if driver.name == "sqlite":
            self.begin()
        head = transcripts.Head(
            self.context.call_sid,
            began.reference,
            began.caller_key,
            began.dialled,
            began.tree_hash,
            self.context.now,
            desk,
        )
        if not transcripts.begin_call(driver, head, place, heard):
            raise AlreadyBegunError

    def add_turn(self, number: int, place: str, heard: str, *, after: str | None) -> None:
        """Store the turn behind the one that is ``after``: what was heard at it, if there is one.

        Nothing may come after it in the turn's transaction, which it may commit. Raises
        ``AlreadyAnsweredError`` when another worker has stored it, or the call is not as it was.
        """
        turn = (self.context.call_sid, number, self.context.now, place, heard)
        driver = driver_of(self._connection)
        if self._is_open:
            # What SQLAlchemy has begun, or who has opened the transaction before, ends it.
            ends = self._transaction is not None and not self._connection.in_transaction()
            added = transcripts.add_turn(driver, *turn, after=after, ends=ends)
        else:
            with writers_turn(self._engine):
                added = transcripts.add_turn(driver, *turn, after=after)
        if not added:
            raise AlreadyAnsweredError
