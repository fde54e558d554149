"""What a new or larger connection costs, for information (rules TE-22 to TE-26)."""

from __future__ import annotations

from backend.interface.answers import ConnectionTariff
from backend.interface.queries import FindConnectionTariff
from backend.rules.connection_fee import connection_fee as fee_of
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Choice, WholeNumber
from menus.slots import Count, Money

MOST_AMPERES = 2_000
MOST_METRES = 9_999
OVERHEAD = "1"
CABLE = "2"


async def connection_fee(call: Call) -> None:
    """Tell the rates and the free limits, ask what is wanted, and tell the estimate."""
    call.leave_form()  # There is nothing to record, and so nothing that could be lost.
    tariff = await call.look_up(FindConnectionTariff())
    if tariff is None:
        return call.say("connection_fee.unknown")
    rate = Money(tariff.forints_per_ampere)
    call.say("connection_fee.per_ampere", free=Count(tariff.free_amperes), rate=rate)
    amperes = await call.ask("connection_fee.amperes", WholeNumber(1, MOST_AMPERES))
    overhead, cable = 0, 0
    if amperes > tariff.free_amperes or tariff.line_fee_within_free_amperes:
        _tell_rates_of_the_line(call, tariff)
        kind = await call.ask("connection_fee.line", Choice(OVERHEAD + CABLE))
        metres = await call.ask("connection_fee.metres", WholeNumber(0, MOST_METRES))
        overhead, cable = (metres, 0) if kind == OVERHEAD else (0, metres)
    fee = fee_of(tariff, amperes, overhead, cable)
    if fee.net == 0:
        return call.say("connection_fee.free")
    return call.say("connection_fee.estimate", net=Money(fee.net), gross=Money(fee.gross))


def _tell_rates_of_the_line(call: Call, tariff: ConnectionTariff) -> None:
    always = tariff.line_fee_within_free_amperes
    call.say(
        "connection_fee.per_metre_always" if always else "connection_fee.per_metre",
        free_overhead=Count(tariff.free_overhead_metres),
        overhead=Money(tariff.forints_per_overhead_metre),
        free_cable=Count(tariff.free_cable_metres),
        cable=Money(tariff.forints_per_cable_metre),
    )
