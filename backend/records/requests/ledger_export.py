"""Handing requests over to the back office: each in some file, none lost, repeats harmless."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, bindparam, select, update

from backend.db.tables.records import requests
from backend.db.transactions import write
from backend.records.requests.ledger import Request
from common.csv_files.writing import write_csv
from common.errors import RecordsError
from common.private_files import private

COLUMNS = tuple(Request.__dataclass_fields__)

_WAITING = (
    select(requests.c.number, *(requests.c[name] for name in COLUMNS))
    .where(requests.c.exported_at.is_(None))
    .order_by(requests.c.number)
    .with_for_update()
)
_MARK = (
    update(requests)
    .where(requests.c.number == bindparam("handed_over"))
    .values(exported_at=bindparam("now"))
)


class FileExistsAlreadyError(RecordsError):
    """The file was written by an earlier hand-over, which must not be overwritten."""


def hand_over(engine: Engine, file: Path, now: datetime) -> int:
    """Write what was not handed over yet, mark it, and return how many requests that is.

    No file is written when there is nothing. The file is complete under its name before anything
    is marked: after a crash between the two, the same receipts come again in the next file, which
    a back office knows by their numbers. Raises ``FileExistsAlreadyError``, and ``RecordsError``
    when the file cannot be written; nothing is marked then.
    """
    with write(engine) as connection:
        rows = connection.execute(_WAITING).all()
        if not rows:
            return 0
        if file.exists():
            raise FileExistsAlreadyError(
                f'"{file}" is there already and may not have been fetched yet. Name another file.'
            )
        try:
            _write_file(file, rows)
        except OSError as error:
            raise RecordsError(
                f'"{file}" cannot be written: {error.strerror}. Name another file.'
            ) from error
        connection.execute(_MARK, [{"handed_over": row.number, "now": now} for row in rows])
        return len(rows)


def _write_file(file: Path, rows: Sequence[Any]) -> None:
    unfinished = file.with_name(f".{file.name}.unfinished")
    # What a crash has left may have been made by an earlier release, for more than its owner.
    unfinished.unlink(missing_ok=True)
    with open(unfinished, "x", encoding="utf-8", newline="\r\n", opener=private) as stream:
        write_csv(stream, COLUMNS, ([getattr(row, name) for name in COLUMNS] for row in rows))
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.rename(file)
