"""The recipients of a campaign: chosen beside the records, then stored with it in one transaction.

Until ``Selection.store`` nobody waits for anybody: the rows are read and judged in temporary
tables. ``store`` alone holds the turn to write, and copies what is there already.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, Engine, Insert, func, insert, literal, select, union

from backend.db.durability import flush
from backend.db.failures import telling_failures
from backend.db.sqlite.sqlite_engine import READ_ONLY
from backend.db.tables.messages import campaigns, exclusions, outbox
from backend.db.transactions import write, writers_turn
from backend.interface.codes import MessageKind
from backend.records.suppression.stop_keys import stop_keys
from common.csv_files.reading import Progress
from messages.campaigns.exclusion_reasons import Reason
from messages.campaigns.outbox_states import COUNTS_AS_REMINDED
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.judging import judge
from messages.campaigns.recipients.source import Source
from messages.campaigns.recipients.temp_tables import judged, set_up


class Selection:
    """Who of a source gets the message, and why the others do not.

    ``rows`` is ``recipients`` and all of ``excluded`` together. The counts stay when the block of
    ``selected`` has ended; the methods need it.
    """

    name: str
    """The file's name, or ``debt register``."""
    rows: int
    recipients: int
    excluded: Mapping[Reason, int]

    def __init__(
        self, engine: Engine, connection: Connection, name: str, progress: Progress
    ) -> None:
        self._engine = engine
        self._connection = connection
        self._progress = progress
        rows = connection.execute(select(func.count()).select_from(judged)).scalar_one()
        # Grouped are the few only: SQLite sorts what it groups.
        by_reason = select(judged.c.reason, func.count()).where(judged.c.reason.is_not(None))
        counts: dict[str, int] = dict(connection.execute(by_reason.group_by(judged.c.reason)).all())
        self.name = name
        self.rows = rows
        self.recipients = rows - sum(counts.values())
        self.excluded = MappingProxyType(
            {reason: counts[reason.value] for reason in Reason if reason.value in counts}
        )

    def reminded_with(self, message: str, since: datetime) -> int:
        """How many recipients may have got exactly this text since then, at whatever number."""
        reached = (
            select(outbox.c.phone, outbox.c.customer_id)
            .join_from(campaigns, outbox)
            .where(
                campaigns.c.message == message,
                campaigns.c.rehearsal_of.is_(None),
                outbox.c.attempted_at >= since,
                outbox.c.state.in_(COUNTS_AS_REMINDED),
            )
            .subquery()
        )
        lines = union(
            *(
                select(judged.c.line)
                .join_from(judged, reached, same)
                .where(judged.c.reason.is_(None))
                for same in (
                    reached.c.phone == judged.c.phone,
                    reached.c.customer_id == judged.c.customer_id,
                )
            )
        ).subquery()
        with telling_failures(), _beside_the_writers(self._connection):
            return self._connection.execute(select(func.count()).select_from(lines)).scalar_one()

    def left_out(self) -> Iterator[tuple[int, str, str]]:
        """Line, case and reason of every row that gets no message, in the order of the source."""
        rows = (
            select(judged.c.line, judged.c.case_id, judged.c.reason)
            .where(judged.c.reason.is_not(None))
            .order_by(judged.c.line)
        )
        with telling_failures(), _beside_the_writers(self._connection):
            batches = self._connection.execution_options(yield_per=1000)
            yield from batches.execute(rows)

    def store(self, write_campaign: Callable[[Connection], str]) -> str:
        """Store the campaign with its outbox and exclusions, all or nothing; returns its id.

        ``write_campaign`` inserts the campaign's row in the same transaction and returns its id.
        Raises ``RecordsError`` when the disk is full.
        """
        connection = self._connection
        self._progress("storing", 0, 2)
        connection.execution_options(**{READ_ONLY: False})
        with telling_failures(), writers_turn(self._engine), connection.begin():
            campaign_id = write_campaign(connection)
            connection.execute(_to_outbox(campaign_id))
            self._progress("storing", 1, 2)
            connection.execute(_to_exclusions(campaign_id))
        flush(self._engine)
        self._progress("storing", 2, 2)
        return campaign_id


@contextmanager
def selected(
    engine: Engine,
    source: Source,
    policy: SendingPolicy,
    now: datetime,
    progress: Progress = lambda _name, _done, _total: None,
    kind: str = MessageKind.DEBT,
) -> Iterator[Selection]:
    """Read and judge all rows of the source; nothing is stored yet.

    ``progress`` is told of bytes while a file is read, then of steps named ``judging`` and
    ``storing``. Memory stays the same however many rows there are. Raises
    ``RecipientsRefusedError`` with everything that is wrong with the source.
    """
    wanted = MessageKind(kind)
    with write(engine) as connection:
        keys = stop_keys(connection)
    with engine.connect() as connection:
        # The temporary tables end with this connection, which the pool does not get back.
        connection.detach()
        with telling_failures(), _beside_the_writers(connection):
            set_up(connection)
            source.stage(connection, progress)
            judge(connection, policy, wanted, now, keys, progress)
            selection = Selection(engine, connection, source.name, progress)
        yield selection


@contextmanager
def _beside_the_writers(connection: Connection) -> Iterator[None]:
    connection.execution_options(**{READ_ONLY: True})
    with connection.begin():
        yield


def _to_outbox(campaign_id: str) -> Insert:
    names = ["line", "case_id", "customer_id", "phone", "phone_is_of_case"]
    rows = select(literal(campaign_id), *(judged.c[name] for name in names))
    # They lie in the order of their numbers, in which the unique index grows at its end.
    rows = rows.where(judged.c.reason.is_(None))
    return insert(outbox).from_select(["campaign_id", *names], rows)


def _to_exclusions(campaign_id: str) -> Insert:
    names = ["line", "case_id", "reason"]
    rows = select(literal(campaign_id), *(judged.c[name] for name in names))
    rows = rows.where(judged.c.reason.is_not(None)).order_by(judged.c.line)
    return insert(exclusions).from_select(["campaign_id", *names], rows)
