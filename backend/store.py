"""The records' counter: answers a dialogue's questions and takes in what it submits.

Both work on a connection that the caller has opened with ``backend.database.write``: what a
webhook asks, counts and stores happens in its one transaction, or not at all.
"""

from sqlalchemy import Connection

from backend import changes, readings
from backend.context import CallContext
from backend.desk import (
    AskOpening,
    ChangePartialConsumption,
    ChangePaymentDay,
    Command,
    FindMandate,
    FindReadingState,
    FindRecordedReading,
    Identified,
    Identify,
    Mandate,
    Opening,
    Query,
    ReadingState,
    RecordReadings,
    RestartPartialBilling,
    Submitted,
    SuspendPartialBilling,
    SwitchToSelfReading,
)
from backend.identification import ask_reading_state, identify
from backend.sites import has_recorded_reading

Answer = ReadingState | Identified | Mandate | Opening | bool | None


def answer(connection: Connection, query: Query, context: CallContext) -> Answer:
    """The answer of the type that the query's class names in ``answer``.

    Raises ``ConfigurationError`` for a desk that ``desks.yaml`` does not have.
    """
    match query:
        case Identify():
            return identify(connection, query, context)
        case FindReadingState():
            return ask_reading_state(connection, query, context)
        case FindMandate():
            return changes.find_mandate(connection, query.customer_id)
        case FindRecordedReading():
            return has_recorded_reading(connection, query.site_id, query.serial, query.window_opens)
        case AskOpening():
            return Opening(context.desks.is_open(query.desk, context.calendar, context.now))


def submit(connection: Connection, command: Command, context: CallContext) -> Submitted:
    """Store what a caller confirmed; the receipts are none when the records already said so."""
    match command:
        case RecordReadings():
            receipts = readings.record_readings(connection, command, context)
        case ChangePaymentDay():
            receipts = changes.change_payment_day(connection, command, context)
        case ChangePartialConsumption():
            receipts = changes.change_partial_consumption(connection, command, context)
        case SuspendPartialBilling() | RestartPartialBilling():
            receipts = changes.change_partial_billing(connection, command, context)
        case SwitchToSelfReading():
            receipts = changes.ask_for_self_reading(connection, command, context)
    return Submitted(receipts)
