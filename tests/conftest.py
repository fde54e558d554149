"""Fixtures for every room: a fresh database a test, on SQLite and, where it counts, PostgreSQL."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import extract_parameters

from backend.db import pool
from backend.db.transactions import open_database
from backend.staff.authentication.passwords import HASHER
from settings_environment import load_no_plugins
from tests.support.colleagues.staff import CHEAP
from tests.support.databases.database import (
    Database,
    PostgresServer,
    load_utility,
    migrated,
    postgres_server,
)
from tests.support.runs import database_matrix, examples, forked_processes, forked_workers
from tests.support.runs.compiled_statements import engine_that_shares
from tests.support.runs.lines_once import keep_lines
from tests.support.runs.log_guard import LogGuard
from tests.support.runs.memory_folder import use_memory
from tests.support.runs.routes_once import keep_routes
from tests.support.runs.surroundings import environment_kept, use_empty_folder


def pytest_addoption(parser: pytest.Parser) -> None:
    database_matrix.add_option(parser)
    examples.add_option(parser)
    forked_workers.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    examples.configure(config)
    use_memory()
    # As every command does, so that those of tests find it done.
    load_no_plugins()
    guard, patch = LogGuard(), pytest.MonkeyPatch()
    guard.install(patch)
    config.pluginmanager.register(guard)
    config.add_cleanup(patch.undo)
    forked_workers.configure(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    database_matrix.deselect_repetitions(config, items)
    examples.deselect_second_examples(config, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the collector the thousands of tests, which it would look through again and again.

    What a test leaves is looked through more seldom, too.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    if not session.config.option.collectonly:
        # The processes that are forked are there, too.
        session.config.add_cleanup(use_empty_folder())
        session.config.add_cleanup(forked_processes.begin())


@pytest.fixture(scope="session", autouse=True)
def _lines_are_published_once() -> Iterator[None]:
    """Publish the same files once a run: a line is the same for every service that has it."""
    with pytest.MonkeyPatch.context() as patch:
        keep_lines(patch)
        keep_routes(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "create_engine", engine_that_shares)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_quickly() -> Iterator[None]:
    """A hash of the standard's strength takes longer than the rest of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HASHER, "_parameters", extract_parameters(CHEAP.hash("")))
        yield


@pytest.fixture(autouse=True)
def _environment_is_kept() -> Iterator[None]:
    with environment_kept():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server a worker, started when the first test asks for it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with migrated(f"sqlite:///{path}"):
        pass
    return path


@pytest.fixture(scope="session")
def sqlite_utility(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small utility of ``tests/data/utility``, to be copied."""
    # Not beside the template, which workers may share: each would write over the others' file.
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("utility")))
    engine = open_database(f"sqlite:///{path}")
    load_utility(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with the newest schema; on each kind as the matrix has it."""
    if request.param == "sqlite":
        path = tmp_path / "records.db"
        # To copy the utility's records costs nothing; to write them takes longer than many a test.
        template = "sqlite_utility" if "utility" in request.fixturenames else "sqlite_template"
        shutil.copy(request.getfixturevalue(template), path)
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table; on each kind as the matrix has it."""
    if request.param == "sqlite":
        (tmp_path / "empty.db").touch()
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("postgres").empty_database() as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with the newest schema and nothing in it."""
    engine = open_database(database_url)
    try:
        yield Database(database_url, engine)
    finally:
        engine.dispose()


@pytest.fixture
def utility(database: Database) -> Database:
    """A fresh database with the small utility of ``tests/data/utility`` in it."""
    if database.kind == "postgresql":
        load_utility(database.engine)
    return database
