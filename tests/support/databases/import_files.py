"""The back office's files, spoilt and imported, and what is then in the records."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.tables.records import customers, debts, meters, sites, windows
from backend.db.transactions import read
from backend.imports.importer import ImportRefusedError, import_directory
from tests.support.databases.database import Database

RECORDS = (customers, sites, windows, meters, debts)


def contents(database: Database) -> list[list[tuple[Any, ...]]]:
    with read(database.engine) as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in RECORDS
        ]


def count(database: Database) -> int:
    return sum(map(len, contents(database)))


def replace(path: Path, old: str, new: str, encoding: str = "utf-8") -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding=encoding)


def only(folder: Path, name: str, *lines: str) -> Path:
    """A folder with that file alone."""
    target = folder / "only"
    target.mkdir(exist_ok=True)
    (target / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def refused(database: Database, folder: Path) -> list[str]:
    before = contents(database)
    with pytest.raises(ImportRefusedError) as caught:
        import_directory(database.engine, folder)
    assert contents(database) == before
    assert str(caught.value).endswith("\nNothing was imported.")
    return [str(each) for each in caught.value.problems]


def value(database: Database, column: Any, key: Any, wanted: str | date) -> Any:
    with read(database.engine) as connection:
        return connection.execute(select(column).where(key == wanted)).scalar_one()
