"""Faults: whom they strike, how they are written as JSON, what is no fault."""

from random import Random
from typing import Any

import pytest

from simulator.messages import CodedFault, Fault, Faults, FaultsError, TimedFault
from tests.support.runs.tables import each_of

NUMBER, OTHER = "+36301234567", "+36209876543"


def rng() -> Random:
    return Random(1)  # noqa: S311 - the same draws in every run


def test_a_fault_rests_by_itself() -> None:
    assert not any(Fault().strikes(NUMBER, rng()) for _ in range(100))


def test_a_fault_of_some_numbers_strikes_them_always_and_nobody_else() -> None:
    fault = Fault(recipients=(NUMBER,))
    assert [fault.strikes(each, rng()) for each in (NUMBER, OTHER, NUMBER)] == [
        True,
        False,
        True,
    ]


def test_a_fault_of_the_next_two_strikes_twice() -> None:
    fault = Fault(next=2)
    assert [fault.strikes(NUMBER, rng()) for _ in range(4)] == [True, True, False, False]
    assert fault.next == 0


def test_a_fault_by_chance_strikes_its_share_and_repeats_with_its_seed() -> None:
    fault, draws = Fault(probability=0.25), rng()
    struck = [fault.strikes(NUMBER, draws) for _ in range(1000)]
    assert 200 < sum(struck) < 300
    draws = rng()
    assert struck == [fault.strikes(NUMBER, draws) for _ in range(1000)]


def test_faults_read_back_what_they_are_written_as() -> None:
    faults = Faults(
        refuse=CodedFault(code=21610, recipients=(NUMBER,)),
        slow=TimedFault(probability=0.5, seconds=0.25),
        receipts_lost=Fault(next=3),
    )
    assert Faults.from_json(faults.as_json()) == faults


def test_what_is_left_out_rests_with_its_usual_settings() -> None:
    faults = Faults.from_json({"fail_delivery": {"next": 1}})
    assert faults == Faults(fail_delivery=CodedFault(code=30005, next=1))


@each_of(
    ("given", "complaint"),
    [
        ([], "faults: an object is wanted"),
        ({"thunder": {}}, "thunder: there is no such fault, only too_many, error_before"),
        ({"slow": 3}, "slow: an object is wanted, not 3"),
        ({"slow": {"probability": 1.5}}, "slow: probability: from 0 to 1 is wanted, not 1.5"),
        ({"slow": {"probability": "1"}}, "probability"),
        ({"slow": {"next": -1}}, "slow: next: 0 or more is wanted, not -1"),
        ({"slow": {"next": True}}, "next"),
        ({"slow": {"recipients": NUMBER}}, "slow: recipients: a list of numbers is wanted"),
        ({"slow": {"recipients": [36301234567]}}, "recipients"),
        ({"slow": {"seconds": 601}}, "slow: seconds: from 0 to 600 is wanted, not 601"),
        ({"slow": {"code": 21610}}, "slow: has no setting code"),
        ({"refuse": {"code": 7}}, "refuse: code: a number of five digits is wanted, not 7"),
        ({"error_before": {"status": 404}}, "error_before: status: 500 or 503 is wanted, not 404"),
    ],
)
def test_what_is_no_fault_is_refused_by_name_value_and_hint(given: Any, complaint: str) -> None:
    with pytest.raises(FaultsError) as refused:
        Faults.from_json(given)
    assert complaint in str(refused.value)
