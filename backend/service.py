"""Dispatches queries and commands to the handlers that answer or store them.

Both work on a connection that the caller has opened with ``backend.db.transactions.write``: what a
webhook counts and stores happens in its one transaction, or not at all. Of a query that transaction
may begin later, when the answer no longer only reads: other writers wait so much less.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Connection

from backend.calls import caller_profiles
from backend.context import Begin, CallContext, already_begun
from backend.interface import commands, queries
from backend.interface.answers import ConnectionTariff, Submitted
from backend.interface.queries import Answer, Query
from backend.records import identification, sites
from backend.records.notices import desk_opening
from backend.records.requests import (
    account_changes,
    callback_requests,
    meter_readings,
    reading_periods,
)
from backend.records.suppression import contact_preferences


def _connection_tariff(
    _connection: Connection, _query: queries.FindConnectionTariff, context: CallContext
) -> ConnectionTariff | None:
    return context.tariffs.connection_on(context.today)


def _may_get_texts(connection: Connection, _query: queries.OfferText, context: CallContext) -> bool:
    if context.texts is None or context.caller is None:
        return False
    return context.texts.may_get(connection, context.caller, context.now)


def _send_text(connection: Connection, query: queries.SendText, context: CallContext) -> bool:
    if context.texts is None or context.caller is None:
        return False
    return context.texts.send(connection, context.caller, query.text, context.now)


HANDLERS: Mapping[type, Callable[..., Any]] = {
    queries.AskCallingNumber: callback_requests.calling_number,
    queries.AskOpening: desk_opening.ask_opening,
    queries.FindCaller: caller_profiles.know_caller,
    queries.FindConnectionTariff: _connection_tariff,
    queries.FindMandate: account_changes.find_mandate,
    queries.FindPreviousReadings: sites.find_previous_readings,
    queries.FindReadingState: identification.ask_reading_state,
    queries.FindReceipt: identification.find_receipt,
    queries.FindRecordedReading: sites.find_recorded,
    queries.FindUnfinished: caller_profiles.find_unfinished,
    queries.FindWindows: reading_periods.find_periods,
    queries.Identify: identification.identify,
    queries.IdentifyByCode: identification.identify,
    queries.OfferText: _may_get_texts,
    queries.RememberLanguage: caller_profiles.remember_language,
    queries.RememberPace: caller_profiles.remember_pace,
    queries.SendText: _send_text,
    commands.ChangePartialConsumption: account_changes.change_partial_consumption,
    commands.ChangePaymentDay: account_changes.change_payment_day,
    commands.ChooseEInvoice: contact_preferences.choose_e_invoice,
    commands.ChooseReminders: contact_preferences.choose_reminders,
    commands.RecordHotWater: meter_readings.record_readings,
    commands.RecordReadings: meter_readings.record_readings,
    commands.ReportWrongNumber: contact_preferences.report_wrong_number,
    commands.RequestCallback: callback_requests.request_callback,
    commands.RestartPartialBilling: account_changes.change_partial_billing,
    commands.SuspendPartialBilling: account_changes.change_partial_billing,
    commands.SwitchToSelfReading: account_changes.ask_for_self_reading,
}
"""A command's handler returns the receipts of what it stored."""

ONLY_READ = frozenset({queries.AskOpening, queries.FindCaller, queries.FindConnectionTariff})
"""Queries that need no transaction: they store nothing, and read by prepared statements only."""

READ_FIRST = frozenset({queries.Identify, queries.IdentifyByCode})
"""Queries whose handlers begin the transaction themselves: before, they read as those above do."""


def answer(
    connection: Connection,
    query: Query[Answer],
    context: CallContext,
    begin: Begin = already_begun,
) -> Answer:
    """The answer, of the type that the query's class names.

    ``begin`` begins the transaction on the connection, where that has not been done. Raises
    ``ConfigurationError`` for a desk that ``desks.yaml`` does not have.
    """
    kind = type(query)
    if kind in READ_FIRST:
        return cast("Answer", HANDLERS[kind](connection, query, context, begin))
    if kind not in ONLY_READ:
        begin()
    return cast("Answer", HANDLERS[kind](connection, query, context))


def submit(connection: Connection, command: commands.Command, context: CallContext) -> Submitted:
    """Store what a caller confirmed; the receipts are none when the records already said so."""
    return Submitted(HANDLERS[type(command)](connection, command, context))
