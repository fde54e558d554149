"""Staging tables of an import: the files' rows with their line numbers.

They live in one connection, beside the records and not in them, and go with it. Here the rows are
compared with one another and with the records, and from here they are merged.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from backend.db.bulk_insert import insert_batches
from backend.db.driver import driver_of
from backend.db.tables.records import debts, meters, sites, windows
from backend.db.transactions import upserting
from backend.imports.file_formats import FILES, ImportFile
from backend.interface.answers import serial_digits
from backend.interface.codes import DebtStatus
from common.csv_files.problems import Problems, quoted
from common.csv_files.reading import Batch

CACHE_KIB = 32_768
"""Of SQLite while it imports, and of a sort or a join on PostgreSQL."""


def _staging_table(file: ImportFile) -> Table:
    columns = [Column(column.name, file.table.c[column.name].type) for column in file.columns]
    return Table(
        f"staging_{file.table.name}",
        MetaData(),
        Column("line", Integer, nullable=False),
        *columns,
        prefixes=["TEMPORARY"],
    )


_STAGED = {file.table.name: _staging_table(file) for file in FILES}


def create(connection: Connection) -> None:
    """Make the empty tables; the connection must not go back to a pool with them."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA cache_size = -{CACHE_KIB}"))
    else:
        connection.execute(text(f"SET work_mem = {CACHE_KIB}"))
    for table in _STAGED.values():
        table.create(connection)


def fill(connection: Connection, file: ImportFile, batches: Iterable[Batch]) -> int:
    """Stage a file's rows and return how many there were."""
    table = _STAGED[file.table.name]
    names = [column.name for column in file.columns]
    columns = ([batch.lines, *(batch.values[name] for name in names)] for batch in batches)
    return insert_batches(connection, table, ["line", *names], columns)


def index(connection: Connection, file: ImportFile, problems: Problems) -> None:
    """Index the staged rows by their keys; complain of those whose key an earlier line has."""
    table = _STAGED[file.table.name]
    name, keys = f"ix_{table.name}", ", ".join(file.key)
    try:
        # An index of filled tables is made in one sort, in which the same key twice is found.
        with connection.begin_nested():
            connection.execute(text(f"CREATE UNIQUE INDEX {name} ON {table.name} ({keys})"))
    except IntegrityError:
        connection.execute(text(f"CREATE INDEX {name} ON {table.name} ({keys})"))
        _find_duplicates(connection, file, problems)
    if connection.dialect.name == "sqlite" and file.reference is not None:
        # So that what they refer to is looked up in its order; by chance costs much more.
        columns = f"{file.reference}, line"
        connection.execute(text(f"CREATE INDEX {name}_reference ON {table.name} ({columns})"))
    # Without this PostgreSQL would take the table for a small one and compare row by row.
    connection.execute(text(f"ANALYZE {table.name}"))


def _find_duplicates(connection: Connection, file: ImportFile, problems: Problems) -> None:
    table = _STAGED[file.table.name]
    keys = [table.c[name] for name in file.key]
    numbered = select(
        table.c.line, *keys, func.min(table.c.line).over(partition_by=keys).label("first")
    ).subquery()
    twice = select(numbered).where(numbered.c.line > numbered.c.first).order_by(numbered.c.line)
    for line, *values, first in connection.execute(twice):
        problems.add(
            f"{file.name}:{line}: {', '.join(file.key)}",
            f"{quoted(', '.join(map(str, values)))} is there already on line {first}. "
            "Keep one of them.",
            line=line,
            column=file.key[-1],
        )


def find_overlaps(connection: Connection, file: ImportFile, problems: Problems) -> None:
    """Complain of windows of one site that share a day, which would make two windows open.

    One complaint a window that begins within another, in one pass over the sorted windows: to
    compare each with each would take minutes for thousands of one site.
    """
    table = _STAGED[file.table.name]
    reached = func.max(table.c.closes).over(
        partition_by=table.c.site_id, order_by=table.c.opens, groups=(None, -1)
    )
    windows = select(table.c.line, table.c.site_id, table.c.opens, reached.label("reached"))
    each = windows.subquery()
    within = select(each).where(each.c.reached >= each.c.opens).order_by(each.c.line)
    for line, site_id, opens, _ in connection.execute(within).all():
        if problems.are_enough:
            problems.count += 1
            continue
        other = connection.scalar(
            select(func.min(table.c.line)).where(
                table.c.site_id == site_id, table.c.opens < opens, table.c.closes >= opens
            )
        )
        complaint = (
            f"{quoted(opens)} lies in the window of the same site on line {other}. "
            "Correct one of the two."
        )
        problems.add_at(file.name, line, "opens", complaint)


def find_alike_serials(connection: Connection, warnings: Problems) -> None:
    """Warn of meters of one customer whose serials differ by what a keypad does not have (MR-04).

    Callers type the digits alone, so ``A-48213377`` and ``B-48213377`` are one meter to them.
    """
    staged, known = _STAGED[meters.name], _STAGED[sites.name]
    owner = func.coalesce(known.c.customer_id, sites.c.customer_id, staged.c.site_id)
    owned = (
        select(owner.label("owner"), staged.c.line, staged.c.serial)
        .outerjoin_from(staged, known, known.c.site_id == staged.c.site_id)
        .outerjoin(sites, sites.c.site_id == staged.c.site_id)
        .cte("owned")
    )
    several = (
        select(owned.c.owner)
        .group_by(owned.c.owner)
        .having(func.min(owned.c.serial) != func.max(owned.c.serial))
    )
    rows = (
        select(owned.c.owner, owned.c.line, owned.c.serial)
        .where(owned.c.owner.in_(several))
        .order_by(owned.c.owner, owned.c.line)
    )
    for _, theirs in groupby(connection.execute(rows), key=itemgetter(0)):
        first: dict[str, tuple[str, int]] = {}
        for _, line, serial in theirs:
            digits = serial_digits(serial)
            earlier, place = first.setdefault(digits, (serial, line))
            if digits and earlier != serial:
                complaint = (
                    f"{quoted(serial)} is typed like {quoted(earlier)} on line {place}, a meter of "
                    "the same customer. Callers cannot tell them apart by telephone."
                )
                warnings.add_at("meters.csv", line, "serial", complaint)


def count_missing_cases(connection: Connection) -> int:
    """How many open cases of the records the staged ``debts.csv`` does not have."""
    count = select(func.count()).select_from(debts).where(_is_missing())
    return int(connection.execute(count).scalar_one())


def close_missing_cases(connection: Connection) -> None:
    """Close the open cases that the staged ``debts.csv`` does not have."""
    connection.execute(update(debts).where(_is_missing()).values(status=DebtStatus.CLOSED))


def _is_missing() -> ColumnElement[bool]:
    staged = _STAGED[debts.name]
    return and_(debts.c.status == "open", ~exists().where(staged.c.case_id == debts.c.case_id))


def find_lost_references(connection: Connection, file: ImportFile, problems: Problems) -> None:
    """Complain of rows that refer to what is neither in the files nor in the records."""
    if file.refers_to is None or file.reference is None:
        return
    table = _STAGED[file.table.name]
    wanted = table.c[file.reference]
    known = file.refers_to.c[file.reference]
    staged = _STAGED[file.refers_to.name].c[file.reference]
    lost = (
        select(table.c.line, wanted)
        .where(~exists().where(known == wanted), ~exists().where(staged == wanted))
        .order_by(table.c.line)
    )
    for line, value in connection.execute(lost):
        complaint = (
            f"{quoted(value)} is neither in {file.refers_to.name}.csv nor in the records. "
            "Add it there, or correct it here."
        )
        problems.add_at(file.name, line, file.reference, complaint)


def leave_references_to_us(connection: Connection) -> None:
    """Let SQLite not look up what each row refers to; must be called outside of a transaction.

    ``find_lost_references`` has looked for all rows at once, in the order of what they refer to, in
    the transaction that merges them.
    """
    if connection.dialect.name == "sqlite":
        driver_of(connection).connection.execute("PRAGMA foreign_keys = OFF")


def merge(connection: Connection, file: ImportFile, *, indexed: bool) -> None:
    """Take the staged rows over: new ones are added, known ones changed where they differ.

    Nobody else adds rows meanwhile: the caller holds the lock of the records. ``indexed`` is
    whether the table has its indexes and foreign keys.
    """
    _take_out_the_obsolete(connection, file)
    if connection.dialect.name == "postgresql":
        _change_known(connection, file)
        _add_new(connection, file, indexed=indexed)
    else:
        _add_or_change(connection, file)


def _change_known(connection: Connection, file: ImportFile) -> None:
    table, staged = file.table, _STAGED[file.table.name]
    others = _others(file)
    differs = [table.c[name].is_distinct_from(staged.c[name]) for name in others]
    connection.execute(
        update(table)
        .where(*_same_key(file), or_(*differs))
        .values({name: staged.c[name] for name in others})
    )


def _add_new(connection: Connection, file: ImportFile, *, indexed: bool) -> None:
    """Add what is not there: ``ON CONFLICT`` costs PostgreSQL a tenth more for each row."""
    names, rows = _staged_rows(file)
    rows = rows.where(~exists().where(*_same_key(file)))
    if indexed and file.reference is not None:
        # So that what they refer to is looked up in its order; by chance costs much more.
        rows = rows.order_by(_STAGED[file.table.name].c[file.reference])
    connection.execute(insert(file.table).from_select(names, rows))


def _staged_rows(file: ImportFile) -> tuple[list[str], Select[Any]]:
    staged = _STAGED[file.table.name]
    names = [column.name for column in file.columns]
    return names, select(*(staged.c[name] for name in names)).where(staged.c.line > 0)


def _add_or_change(connection: Connection, file: ImportFile) -> None:
    """Do both in one statement: SQLite would look every row up twice."""
    table = file.table
    names, rows = _staged_rows(file)
    # In the order of their keys, in which they are looked up and added.
    rows = rows.order_by(*(_STAGED[table.name].c[name] for name in file.key))
    upsert = upserting(connection, table).from_select(names, rows)
    others = _others(file)
    differs = [table.c[name].is_distinct_from(upsert.excluded[name]) for name in others]
    connection.execute(
        upsert.on_conflict_do_update(
            index_elements=file.key,
            set_={name: upsert.excluded[name] for name in others},
            where=or_(*differs),
        )
    )


def _others(file: ImportFile) -> list[str]:
    return [column.name for column in file.columns if column.name not in file.key]


def _same_key(file: ImportFile) -> list[ColumnElement[bool]]:
    staged = _STAGED[file.table.name]
    return [staged.c[name] == file.table.c[name] for name in file.key]


def _take_out_the_obsolete(connection: Connection, file: ImportFile) -> None:
    table, staged = file.table, _STAGED[file.table.name]
    if table is windows:
        # A window that was moved: the new one takes the place of those that it overlaps. No two of
        # the new ones overlap, so of those that begin before its end the last one decides.
        last = (
            select(staged.c.closes)
            .where(staged.c.site_id == table.c.site_id, staged.c.opens <= table.c.closes)
            .order_by(staged.c.opens.desc())
            .limit(1)
            .scalar_subquery()
        )
        theirs = table.c.site_id.in_(select(staged.c.site_id))
        connection.execute(delete(table).where(theirs, last >= table.c.opens, ~_is_staged(file)))
    elif file.complete_for is not None:
        named = staged.c[file.complete_for] == table.c[file.complete_for]
        connection.execute(delete(table).where(exists().where(named), ~_is_staged(file)))


def _is_staged(file: ImportFile) -> ColumnElement[bool]:
    return exists().where(*_same_key(file))
