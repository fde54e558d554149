"""Recording what a caller read off a meter: the last reading in a window counts, all are kept."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.records import meters, readings
from backend.interface.commands import RecordReadings, RegisterReading
from backend.records.requests.ledger import add_request_of
from common.errors import RecordsError

REPLACEMENT = "replacement"
"""The flag of a reading that takes the place of an earlier one of the same window."""

# The rows of the meter are the lock: two sets for one meter cannot both think to be the first.
_LOCK_METER = Prepared(
    select(meters.c.register, meters.c.digits)
    .where(
        meters.c.site_id == bindparam("site_id"),
        meters.c.serial == bindparam("serial"),
    )
    .order_by(meters.c.register)
    .with_for_update()
)
_VALID = Prepared(
    select(readings.c.register, readings.c.receipt).where(
        readings.c.site_id == bindparam("site_id"),
        readings.c.serial == bindparam("serial"),
        readings.c.read_on.between(bindparam("opens"), bindparam("closes")),
        readings.c.superseded_at.is_(None),
    )
)
_SUPERSEDE = Prepared(
    update(readings)
    .where(readings.c.receipt == bindparam("earlier"))
    .values(superseded_at=bindparam("at"), superseded_by=bindparam("later"))
)
_ADD = Prepared(
    readings.insert(),
    *("receipt", "site_id", "serial", "register", "window_opens", "value", "read_on"),
)


class RefusedReadingError(RecordsError):
    """The set does not fit the meter that it names; no dialogue should have let it through."""


def record_readings(
    connection: Connection, command: RecordReadings, context: CallContext
) -> tuple[str, ...]:
    """Store all registers of one meter and return a receipt for each, in the command's order.

    The reading's day is the one that the caller heard. A register that has a reading in this
    window gets the new one, flagged ``replacement``, and the earlier one stays as history; what
    was given in another window stays valid. No receipt comes, and nothing is stored, when the
    valid readings are others than those that the command ``replaces``.
    Raises ``RefusedReadingError`` for a register or value that the meter cannot show.
    """
    meter = {"site_id": command.site_id, "serial": command.serial}
    digits = {row.register: row.digits for row in _LOCK_METER.rows(connection, **meter)}
    for reading in command.readings:
        if not 0 <= reading.value < 10 ** digits.get(reading.register, 0):
            raise RefusedReadingError(
                f"The meter has no register {reading.register} that can show this value."
            )
    window = {**meter, "opens": command.window.opens, "closes": command.window.closes}
    earlier = {row.register: row.receipt for row in _VALID.rows(connection, **window)}
    if command.replaces is not None and set(earlier.values()) != set(command.replaces):
        return ()
    return tuple(
        _record(connection, command, reading, earlier, context) for reading in command.readings
    )


def _record(
    connection: Connection,
    command: RecordReadings,
    reading: RegisterReading,
    earlier: Mapping[str, str],
    context: CallContext,
) -> str:
    replaced = earlier.get(reading.register)
    data = {"serial": command.serial, "register": reading.register, "value": reading.value}
    flags = reading.flags if replaced is None else (*reading.flags, REPLACEMENT)
    receipt = add_request_of(connection, context, command, data, command.read_on, flags)
    if replaced is not None:
        _SUPERSEDE.later(connection, earlier=replaced, later=receipt, at=context.now)
    _ADD.later(
        connection,
        receipt=receipt,
        site_id=command.site_id,
        serial=command.serial,
        register=reading.register,
        window_opens=command.window.opens,
        value=reading.value,
        read_on=command.read_on,
    )
    return receipt
