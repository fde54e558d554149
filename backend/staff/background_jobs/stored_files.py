"""Files of staff, kept in the database for a day: console and worker may be on two machines."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select

from backend.db.tables.staff import stored_file_parts, stored_files
from backend.db.transactions import read

KEPT = timedelta(hours=24)
PART_BYTES = 1 << 20
MOST_IN_NAME = 100


def packed(content: Iterable[bytes]) -> list[bytes]:
    """Bytes as they are stored: packed before the transaction, so that nobody waits for it."""
    return [zlib.compress(part, 1) for part in _parts(content)]


def store_file(
    connection: Connection, name: str, parts: list[bytes], by: str, now: datetime, rng: Random
) -> str:
    """Keep a ``packed`` file of that user; its id. Its name is cut to what a line can show."""
    file_id = rng.randbytes(16).hex()
    row = {"file_id": file_id, "name": shown_name(name), "by": by, "created_at": now}
    connection.execute(insert(stored_files), row)
    for number, part in enumerate(parts):
        packed_row = {"file_id": file_id, "part": number, "content": part}
        connection.execute(insert(stored_file_parts), packed_row)
    return file_id


def file_name(connection: Connection, file_id: str, by: str) -> str | None:
    """The name of that user's file; ``None`` when it is not kept any more, or a colleague's."""
    mine = (stored_files.c.file_id == file_id) & (stored_files.c.by == by)
    return connection.scalar(select(stored_files.c.name).where(mine))


def stored_at(connection: Connection, file_id: str) -> datetime | None:
    """Since when a file is kept; ``None`` when it is not any more."""
    kept = select(stored_files.c.created_at).where(stored_files.c.file_id == file_id)
    return connection.scalar(kept)


def content_of(connection: Connection, file_id: str) -> Iterator[bytes]:
    parts = (
        select(stored_file_parts.c.content)
        .where(stored_file_parts.c.file_id == file_id)
        .order_by(stored_file_parts.c.part)
    )
    for part in connection.execution_options(yield_per=1).scalars(parts):
        yield zlib.decompress(part)


def each_part(engine: Engine, file_id: str) -> Iterator[bytes]:
    """The bytes of a file, part by part, each over a connection of its own."""
    number = 0
    mine = (stored_file_parts.c.file_id == file_id) & (stored_file_parts.c.part == bindparam("n"))
    wanted = select(stored_file_parts.c.content).where(mine)
    while True:
        with read(engine) as connection:
            part = connection.scalar(wanted, {"n": number})
        if part is None:
            return
        yield zlib.decompress(part)
        number += 1


def discard_file(connection: Connection, file_id: str) -> None:
    """Delete a file; one that is gone already is no error."""
    connection.execute(delete(stored_file_parts).where(stored_file_parts.c.file_id == file_id))
    connection.execute(delete(stored_files).where(stored_files.c.file_id == file_id))


def discard_old_files(connection: Connection, now: datetime) -> int:
    """Delete what is older than a day; how many files."""
    old = stored_files.c.created_at < now - KEPT
    ids = select(stored_files.c.file_id).where(old)
    connection.execute(delete(stored_file_parts).where(stored_file_parts.c.file_id.in_(ids)))
    return connection.execute(delete(stored_files).where(old)).rowcount


def shown_name(name: str) -> str:
    """A file's name without folders and signs that cannot be shown."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in base if sign.isprintable()).strip(" .")
    return kept[-MOST_IN_NAME:] or "lista.csv"


def _parts(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of ``PART_BYTES``."""
    held = bytearray()
    for chunk in content:
        held += chunk
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    if held:
        yield bytes(held)
