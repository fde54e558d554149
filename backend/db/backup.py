"""Copies of the records in a file: SQLite by its own backup, PostgreSQL by its own programs.

A copy is of one moment, and the service may run meanwhile. A file is for its owner only, and
appears under its name only when it is whole.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, inspect

from backend.db.durability import flush_names
from backend.db.schema import describe, require_newest, upgrade
from backend.db.sqlite.sqlite_engine import make_private_file
from backend.db.sqlite.writers_turn import SUFFIX
from backend.db.transactions import open_database, read
from common.errors import RecordsError

_BESIDE = ("-wal", "-journal")
"""What SQLite keeps beside a file while it works, and finds again after a crash."""


class BackupError(RecordsError):
    """A copy cannot be made or taken back; what was there is as it was."""


def back_up(engine: Engine, file: Path) -> None:
    """Write all records of this moment into a new file. Raises ``BackupError``."""
    require_newest(engine)
    with _written_whole(file) as part:
        if engine.dialect.name == "sqlite":
            _copy(Path(str(engine.url.database)), part)
            _require_sound(part)
        else:
            _run(engine, "pg_dump", "--format=custom", "--no-owner", f"--file={part}")


def restore(url: str, file: Path) -> None:
    """Make the records of a backup those at ``url``, in the newest schema.

    Where SQLite's file is there already, or PostgreSQL has tables, nothing is done. Raises
    ``BackupError``; ``NotMigratedError`` for a backup of a newer program.
    """
    if not file.is_file():
        raise BackupError(f'There is no file "{file}".')
    engine = open_database(url)
    try:
        if engine.dialect.name == "sqlite":
            _restore_sqlite(Path(str(engine.url.database)), file)
        else:
            with read(engine) as connection:
                if inspect(connection).get_table_names():
                    raise BackupError(
                        f"The database {describe(engine)} has tables. Make an empty one and name "
                        "it in DATABASE_URL."
                    )
            options = ("--single-transaction", "--exit-on-error", "--no-owner")
            _run(engine, "pg_restore", *options, str(file))
            upgrade(engine)
    finally:
        engine.dispose()


def _restore_sqlite(target: Path, file: Path) -> None:
    _require_sound(file)
    with _written_whole(target) as part:
        for rest in _BESIDE:
            # SQLite would write what it holds of the old records into the new ones.
            if (beside := target.with_name(target.name + rest)).exists():
                raise BackupError(
                    f'"{beside}" is there: it is part of the old records. Move it away with them.'
                )
        _copy(file, part)
        copied = open_database(f"sqlite:///{part}")
        try:
            upgrade(copied)
        finally:
            # Its log goes into the file as the last connection is closed.
            copied.dispose()


@contextmanager
def _written_whole(file: Path) -> Iterator[Path]:
    """A private file beside the named one, which gets that name at the end of the block."""
    if file.exists():
        raise BackupError(f'"{file}" is there already. Move it away, or name another file.')
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    make_private_file(part)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)
        flush_names(str(file))
    finally:
        for rest in ("", "-shm", *_BESIDE, SUFFIX):
            with suppress(FileNotFoundError):
                part.with_name(part.name + rest).unlink()


def _copy(source: Path, target: Path) -> None:
    # In one step, from one view of the file: writers go on meanwhile.
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as origin,
        closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy)
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _require_sound(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            problems = [row for (row,) in copy.execute("PRAGMA integrity_check") if row != "ok"]
            has_schema = copy.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(f'"{file}" is no backup of SQLite: {error}.') from error
    if problems:
        raise BackupError(f'"{file}" is damaged: {problems[0]}.')
    if not has_schema:
        raise BackupError(f'"{file}" holds no records of this program.')


def _run(engine: Engine, program: str, *options: str) -> None:
    """Run a program of PostgreSQL on the database."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"{program} is not here: install the client programs of PostgreSQL, in the server's "
            f"version, or run where they are: {program} {' '.join(options)}"
        )
    with _address(engine) as address:
        done = subprocess.run(  # noqa: S603 - an address and options of ours
            [found, f"--dbname={address}", *options], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise BackupError(f"{program} failed: {' '.join(done.stderr.split())}")


@contextmanager
def _address(engine: Engine) -> Iterator[str]:
    """The address for a program; its password stands in a private file, not in its command line."""
    url = engine.url.set(drivername="postgresql", password=None)
    if engine.url.password is None:
        yield url.render_as_string(hide_password=False)
        return
    with TemporaryDirectory() as folder:
        file = Path(folder, "password")
        make_private_file(file)
        escaped = re.sub(r"([\\:])", r"\\\1", str(engine.url.password))
        file.write_text(f"*:*:*:*:{escaped}\n", "utf-8")
        named = url.update_query_dict({"passfile": str(file)})
        yield named.render_as_string(hide_password=False)
