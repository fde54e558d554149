"""Every column of the records is classified: whose it is, and under which heading it is told."""

from collections import Counter

from backend.db.tables import api as api_tables
from backend.db.tables import messages as message_tables
from backend.db.tables import notices as notice_tables
from backend.db.tables import staff as staff_tables
from backend.db.tables.personal_columns import ABOUT_PEOPLE, MAY_MENTION, OF_STAFF, OF_THE_SERVICE
from backend.db.tables.records import metadata

ALL_TABLES = (api_tables, message_tables, notice_tables, staff_tables)


def test_every_column_is_classified_once() -> None:
    assert ALL_TABLES
    classified = Counter(
        (name, column)
        for name, told in ABOUT_PEOPLE.items()
        for column in (*told.columns, *told.technical.split())
    )
    for others in (MAY_MENTION, OF_STAFF, OF_THE_SERVICE):
        classified.update(
            (name, column) for name, all_ in others.items() for column in all_.split()
        )
    there = {
        (table.name, column.name) for table in metadata.sorted_tables for column in table.columns
    }
    assert set(classified) == there
    assert max(classified.values()) == 1
