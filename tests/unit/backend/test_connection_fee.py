"""The connection fee: every worked number, and both readings of what the answers leave open."""

from dataclasses import astuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from backend.interface.answers import ConnectionTariff
from backend.rules.connection_fee import connection_fee
from tests.support.runs.tables import each_of

TARIFF = ConnectionTariff(
    free_amperes=32,
    forints_per_ampere=3_900,
    free_overhead_metres=30,
    forints_per_overhead_metre=1_300,
    free_cable_metres=15,
    forints_per_cable_metre=6_000,
    vat_percent=27,
)


@each_of(
    ("amperes", "overhead", "cable", "net", "gross"),
    [
        (32, 0, 0, 0, 0),
        (33, 0, 0, 3_900, 4_953),
        (48, 30, 0, 62_400, 79_248),
        (48, 31, 0, 63_700, 80_899),
        (48, 45, 0, 81_900, 104_013),
        (48, 0, 15, 62_400, 79_248),
        (48, 0, 16, 68_400, 86_868),
        (75, 42, 0, 183_300, 232_791),
        (96, 0, 40, 399_600, 507_492),
        (32, 45, 0, 0, 0),
    ],
)
def test_the_worked_numbers_come_out(
    amperes: int, overhead: int, cable: int, net: int, gross: int
) -> None:
    assert astuple(connection_fee(TARIFF, amperes, overhead, cable)) == (net, gross)


def test_a_utility_may_charge_every_ampere() -> None:
    tariff = msgspec.structs.replace(TARIFF, all_amperes=True)
    assert connection_fee(tariff, 48, 0, 0).net == 187_200
    assert connection_fee(tariff, 32, 0, 0).net == 0


def test_a_utility_may_charge_a_long_line_of_a_small_connection() -> None:
    tariff = msgspec.structs.replace(TARIFF, line_fee_within_free_amperes=True)
    assert astuple(connection_fee(tariff, 32, 45, 0)) == (19_500, 24_765)
    assert connection_fee(tariff, 16, 30, 15).net == 0


def test_tax_is_rounded_to_the_nearest_forint() -> None:
    odd = msgspec.structs.replace(TARIFF, forints_per_ampere=1)
    assert [connection_fee(odd, 32 + more, 0, 0).gross for more in (1, 2, 50)] == [1, 3, 64]


@given(st.integers(0, 2_000), st.integers(0, 9_999), st.integers(0, 9_999))
def test_more_never_costs_less_and_tax_never_lowers_it(
    amperes: int, overhead: int, cable: int
) -> None:
    fee = connection_fee(TARIFF, amperes, overhead, cable)
    assert 0 <= fee.net <= fee.gross
    for more in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        larger = connection_fee(TARIFF, amperes + more[0], overhead + more[1], cable + more[2])
        assert larger.net >= fee.net
