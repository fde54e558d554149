"""What it costs that a turn's promise is on the disk first, on SQLite.

The turns are written as a call's are: a transaction on a kept connection, then the flush.
PostgreSQL flushes at every commit by itself, many at once; its server is not ours to measure.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple

import click
from sqlalchemy import Engine, insert

from backend.calls import transcripts
from backend.db.driver import driver_of
from backend.db.durability import flush
from backend.db.kept_connections import single_statements, transaction_on
from backend.db.tables.records import calls
from backend.db.transactions import write
from benchmarks import page
from benchmarks.turns.turn_parts import HEAD, PAGE
from service import REQUEST_THREADS
from tests.support.databases.database import migrated

TURNS = 1000
THREADS = REQUEST_THREADS["sqlite"]
"""As many as a process of the service answers with."""
CALLERS = 50
_AT = datetime(2026, 11, 21, 11, tzinfo=UTC)
_HEARD = '[["keys","1"],["answer","ChangePaymentDay",{"receipts":["12345678"]}]]'


class Times(NamedTuple):
    """Milliseconds of the median turn and of the worst in a hundred, and turns a second."""

    median: float
    p99: float
    a_second: float


def main() -> None:
    """Measure, and write the section."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for who, threads, number in (
            ("one caller", 1, 1),
            (f"{CALLERS} callers", THREADS, CALLERS),
        ):
            for durable in (False, True):
                url = f"sqlite:///{folder}/{threads}{durable}.db"
                with migrated(url) as database:
                    times = _taken(database.engine, number, threads, durable=durable)
                how = "flushed" if durable else "committed only"
                row = f"| {who}, {how} | {times.median:.2f} | {times.p99:.2f} "
                rows.append(f"{row}| {times.a_second:.0f} |")
    table = "\n".join(rows)
    section = f"""## What is promised is on the disk first

Time on the clock for one turn written to SQLite on this machine's disk: the transaction, and where
the caller is told of something stored, the flush of the log (decision 0008). {TURNS} turns;
{CALLERS} callers are answered by {THREADS} threads, as in the service. The flush comes after the
transaction, so others commit meanwhile, and one flush carries what they have committed.

| | ms | p99 | turns a second |
|---|---|---|---|
{table}

{page.conditions("sqlalchemy")}
"""
    page.put(section, PAGE, HEAD)
    click.echo(section)


def _taken(engine: Engine, callers: int, threads: int, *, durable: bool) -> Times:
    """Take the turns of so many calls, by so many threads at once."""
    sids = [f"CA{number:032x}" for number in range(callers)]
    with write(engine) as connection:
        for number, sid in enumerate(sids):
            row = {"call_sid": sid, "reference": f"{number:06d}", "tree_hash": "", "began_at": _AT}
            connection.execute(insert(calls), row)

    def take(turn: int) -> float:
        began = time.perf_counter()
        with single_statements(engine) as connection, transaction_on(engine, connection):
            sid, number = sids[turn % callers], turn // callers
            transcripts.add_turn(driver_of(connection), sid, number, _AT, "5.2 end done", _HEARD)
        if durable:
            flush(engine)
        return (time.perf_counter() - began) * 1000

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        taken = sorted(pool.map(take, range(TURNS)))
    seconds = time.perf_counter() - began
    return Times(statistics.median(taken), taken[len(taken) * 99 // 100], TURNS / seconds)


if __name__ == "__main__":
    main()
