"""Dispatches queries and commands to the records they belong to.

Both work on a connection that the caller has opened with ``backend.database.write``: what a
webhook asks, counts and stores happens in its one transaction, or not at all.
"""

from sqlalchemy import Connection

from backend.calls import caller_profiles
from backend.context import CallContext
from backend.desks import public_holiday
from backend.interface.answers import (
    CallingNumber,
    ConnectionTariff,
    FoundReceipt,
    Identified,
    KnownCaller,
    LastReading,
    Mandate,
    Opening,
    ReadingState,
    Submitted,
    Window,
)
from backend.interface.commands import (
    ChangePartialConsumption,
    ChangePaymentDay,
    ChooseEInvoice,
    ChooseReminders,
    Command,
    RecordReadings,
    ReportWrongNumber,
    RequestCallback,
    RestartPartialBilling,
    SuspendPartialBilling,
    SwitchToSelfReading,
)
from backend.interface.queries import (
    AskCallingNumber,
    AskOpening,
    FindCaller,
    FindConnectionTariff,
    FindMandate,
    FindPreviousReadings,
    FindReadingState,
    FindReceipt,
    FindRecordedReading,
    FindUnfinished,
    FindWindows,
    Identify,
    IdentifyByCode,
    OfferText,
    Query,
    RememberLanguage,
    RememberPace,
    SendText,
)
from backend.records import (
    account_changes,
    callback_requests,
    contact_preferences,
    meter_readings,
    service_notices,
)
from backend.records.identification import ask_reading_state, find_receipt, identify
from backend.records.reading_periods import find_periods
from backend.records.sites import find_previous_readings, find_recorded

Answer = (
    ReadingState
    | Identified
    | Mandate
    | Opening
    | FoundReceipt
    | CallingNumber
    | ConnectionTariff
    | KnownCaller
    | tuple[Window, ...]
    | tuple[LastReading, ...]
    | tuple[str, ...]
    | str
    | bool
    | None
)


def answer(connection: Connection, query: Query, context: CallContext) -> Answer:
    """The answer of the type that the query's class names in ``answer``.

    Raises ``ConfigurationError`` for a desk that ``desks.yaml`` does not have.
    """
    match query:
        case Identify() | IdentifyByCode():
            return identify(connection, query, context)
        case FindReadingState():
            return ask_reading_state(connection, query, context)
        case FindReceipt():
            return find_receipt(connection, query, context)
        case FindMandate() | FindWindows() | FindRecordedReading() | FindPreviousReadings():
            return _of_an_identified_site(connection, query, context)
        case FindUnfinished():
            return caller_profiles.find_unfinished(connection, query, context)
        case _:
            return _of_the_call(connection, query, context)


def _of_the_call(
    connection: Connection,
    query: (
        AskCallingNumber
        | FindConnectionTariff
        | AskOpening
        | FindCaller
        | RememberLanguage
        | RememberPace
        | OfferText
        | SendText
    ),
    context: CallContext,
) -> Answer:
    match query:
        case AskCallingNumber():
            return callback_requests.calling_number(context)
        case FindConnectionTariff():
            return context.tariffs.connection_on(context.today)
        case AskOpening():
            return _opening(connection, query, context)
        case FindCaller():
            return caller_profiles.know_caller(connection, query, context)
        case RememberLanguage():
            return caller_profiles.remember_language(connection, query.language, context)
        case RememberPace():
            return caller_profiles.remember_pace(connection, query.slow, context)
        case OfferText() | SendText():
            return _text(connection, query, context)


def _text(connection: Connection, query: OfferText | SendText, context: CallContext) -> bool:
    desk, phone = context.texts, context.caller
    if desk is None or phone is None:
        return False
    if isinstance(query, OfferText):
        return desk.may_get(connection, phone, context.now)
    return desk.send(connection, phone, query.text, context.now)


def _opening(connection: Connection, query: AskOpening, context: CallContext) -> Opening:
    today = context.today
    if not context.desks.is_open(query.desk, context.calendar, context.now):
        rests = context.calendar.weekday(today) is None
        return Opening(open=False, reason=public_holiday(today) if rests else "")
    if service_notices.is_closed(connection, query.desk, context.now):
        return Opening(open=False, reason="closure")
    return Opening(open=True)


def _of_an_identified_site(
    connection: Connection,
    query: FindMandate | FindWindows | FindRecordedReading | FindPreviousReadings,
    context: CallContext,
) -> Answer:
    match query:
        case FindMandate():
            return account_changes.find_mandate(connection, query.customer_id)
        case FindWindows():
            return find_periods(connection, query.site_id, context.today)
        case FindRecordedReading():
            return find_recorded(connection, query.site_id, query.serial, query.window)
        case FindPreviousReadings():
            return find_previous_readings(connection, query.site_id, query.serial, query.register)


def submit(connection: Connection, command: Command, context: CallContext) -> Submitted:
    """Store what a caller confirmed; the receipts are none when the records already said so."""
    match command:
        case RecordReadings():
            receipts = meter_readings.record_readings(connection, command, context)
        case ChangePaymentDay():
            receipts = account_changes.change_payment_day(connection, command, context)
        case ChangePartialConsumption():
            receipts = account_changes.change_partial_consumption(connection, command, context)
        case SuspendPartialBilling() | RestartPartialBilling():
            receipts = account_changes.change_partial_billing(connection, command, context)
        case SwitchToSelfReading():
            receipts = account_changes.ask_for_self_reading(connection, command, context)
        case ChooseEInvoice():
            receipts = contact_preferences.choose_e_invoice(connection, command, context)
        case ChooseReminders():
            receipts = contact_preferences.choose_reminders(connection, command, context)
        case ReportWrongNumber():
            receipts = contact_preferences.report_wrong_number(connection, command, context)
        case RequestCallback():
            receipts = callback_requests.request_callback(connection, command, context)
    return Submitted(receipts)
