"""What a new or larger electric connection costs (rules TE-22 to TE-25), for information.

The exact cost is told only after the application (TE-26).
"""

from dataclasses import dataclass

from backend.interface.answers import ConnectionTariff


@dataclass(frozen=True, slots=True)
class ConnectionFee:
    """Whole forints without and with value added tax."""

    net: int
    gross: int


def connection_fee(
    tariff: ConnectionTariff, amperes: int, overhead_metres: int, cable_metres: int
) -> ConnectionFee:
    """The fee of a connection with that many amperes in all phases together.

    Up to the free amperes it costs nothing (TE-22). Above them each further ampere is charged
    (TE-23), and each metre of the line beyond its free length (TE-24, TE-25); the tariff says
    whether all amperes are, and whether a line is charged below them, too.
    """
    beyond = max(0, amperes - tariff.free_amperes)
    charged = amperes if beyond and tariff.all_amperes else beyond
    net = charged * tariff.forints_per_ampere
    if beyond or tariff.line_fee_within_free_amperes:
        net += _line_fee(tariff, overhead_metres, cable_metres)
    return ConnectionFee(net, _with_vat(net, tariff.vat_percent))


def _line_fee(tariff: ConnectionTariff, overhead_metres: int, cable_metres: int) -> int:
    overhead = max(0, overhead_metres - tariff.free_overhead_metres)
    cable = max(0, cable_metres - tariff.free_cable_metres)
    return overhead * tariff.forints_per_overhead_metre + cable * tariff.forints_per_cable_metre


def _with_vat(net: int, percent: int) -> int:
    # Half a forint and more is rounded up.
    return (net * (100 + percent) + 50) // 100
