"""The tables of what is different for a while: outages, desks that are closed, extra windows."""

from sqlalchemy import Column, Date, Table, Text

from backend.db.tables.column_types import UtcDateTime
from backend.db.tables.records import RowNumber, metadata, one_of
from backend.interface.codes import NoticeKind

notices = Table(
    "notices",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("place_hu", Text, nullable=False),
    Column("place_en", Text, nullable=False),
    Column("begins", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("created_by", Text, nullable=False),
    one_of("kind", *NoticeKind),
)
"""``area`` is the beginning of the postcodes that it is about, several joined by a comma, or ``*``.

``ends`` is when supply is expected back; ``closed_at`` is when it was told to be over.
"""

desk_closures = Table(
    "desk_closures",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("desk", Text, nullable=False),
    Column("begins", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
)

extra_windows = Table(
    "extra_windows",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("area", Text, nullable=False),
    Column("opens", Date, nullable=False),
    Column("closes", Date, nullable=False),
    Column("created_by", Text, nullable=False),
)
