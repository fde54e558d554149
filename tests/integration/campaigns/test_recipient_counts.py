"""Whatever comes in, each row is judged once and as a person with pencil and paper would."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from backend.db.tables.messages import campaigns, exclusions, outbox, stops
from backend.db.tables.records import customers, debts
from backend.db.transactions import write
from backend.interface.codes import StopReason
from backend.records.suppression.stops import add_stop
from messages.campaigns.exclusion_reasons import OF_DEBT_STATUS
from messages.campaigns.recipients import duplicates
from messages.campaigns.recipients.source import RecipientsFile
from tests.support.databases.database import Database
from tests.support.databases.recipients import (
    NOW,
    add_customers,
    add_debts,
    add_reminder,
    chosen,
    debt,
    mobile,
)
from tests.support.runs.examples import examples

CASES = [f"K-{number}" for number in range(12)]
CUSTOMERS = [f"C-{number}" for number in range(6)]
PROTECTED = CUSTOMERS[:1]
PHONES = [mobile(number) for number in range(5)]
ODD = {"+3612345678": "landline", "+3680123456": "toll_free", "+36211234567": "voip"}
WRONG = {"nincs": "invalid", "+447911123456": "foreign"}

phones = st.sampled_from([*PHONES * 3, *ODD, None])
debt_rows = st.fixed_dictionaries(
    {},
    optional={
        case: st.tuples(
            st.sampled_from(CUSTOMERS), phones, st.sampled_from(["open"] * 6 + ["paid", "assigned"])
        )
        for case in CASES
    },
)
file_rows = st.lists(
    st.tuples(
        st.sampled_from([*CASES, "", "K-?"]),
        st.one_of(st.just(""), phones.map(lambda phone: phone or ""), st.sampled_from(list(WRONG))),
        # A row without any value is no row.
    ).filter(any),
    min_size=1,
    max_size=14,
)
stop_rows = st.dictionaries(
    st.sampled_from(PHONES), st.sampled_from(["opted_out", "unreachable"]), max_size=1
)
reminder_rows = st.lists(
    st.tuples(
        st.sampled_from(PHONES), st.sampled_from(CUSTOMERS), st.sampled_from([1, 10, 20, 40])
    ),
    max_size=3,
)


@dataclass(frozen=True)
class World:
    """What the records hold and what the file asks for."""

    debts: Mapping[str, tuple[str, str | None, str]]
    file: list[tuple[str, str]]
    stops: dict[str, StopReason]
    reminders: list[tuple[str, str, int]]
    spellings: Sequence[str] = ("+36{}{}{}",)
    """In which the file writes its Hungarian numbers, one after the other."""
    columns: tuple[str, ...] = ("case_id", "phone")
    """In the file's order."""


SPELLINGS = ["+36{}{}{}", "06 {} {} {}", "06-{}/{}-{}", "0036 {} {}-{}", "(06 {}) {} {}"]

worlds = st.builds(
    World,
    debt_rows,
    file_rows,
    stop_rows,
    reminder_rows,
    st.lists(st.sampled_from(SPELLINGS), min_size=1, max_size=3),
    st.permutations(["case_id", "phone"]).map(tuple),
)


def by_hand(world: World) -> list[str]:
    """Each row's number or reason, one row after the other."""
    seen: set[str] = set()
    taken: set[str] = set()
    results = []
    for case, written in world.file:
        customer, phone, status = world.debts.get(case, ("", None, ""))
        phone = written or phone
        results.append(_judge(world, case, customer, phone, status, seen, taken))
        seen.add(case)
        if results[-1] == phone:
            taken |= {phone, customer}
    return results


def _judge(
    world: World,
    case: str,
    customer: str,
    phone: str | None,
    status: str,
    seen: set[str],
    taken: set[str],
) -> str:
    lately = [days for to, whom, days in world.reminders if to == phone or whom == customer]
    against: Sequence[tuple[bool, str]] = [
        (case not in world.debts, "unknown_case"),
        (case in seen, "duplicate"),
        (status in OF_DEBT_STATUS, OF_DEBT_STATUS.get(status, "")),
        (customer in PROTECTED, "protected"),
        (phone is None, "no_number"),
        (phone in ODD | WRONG, (ODD | WRONG).get(phone or "", "")),
        (phone in world.stops, world.stops.get(phone or "", "")),
        (sum(days < 7 for days in lately) >= 1, "too_soon"),
        (sum(days < 30 for days in lately) >= 2, "too_soon"),
        (phone in taken or customer in taken, "duplicate"),
    ]
    return next((reason for holds, reason in against if holds), phone or "")


def spelled(phone: str, spelling: str) -> str:
    """A Hungarian number as that person writes it, anything else as it is."""
    digits = phone.removeprefix("+36")
    if digits == phone:
        return phone
    area = 1 if digits.startswith("1") else 2
    return spelling.format(digits[:area], digits[area : area + 3], digits[area + 3 :])


def build(database: Database, world: World) -> None:
    with write(database.engine) as connection:
        for table in (exclusions, outbox, campaigns, stops, debts, customers):
            connection.execute(delete(table))
        for phone, reason in world.stops.items():
            add_stop(connection, phone, reason, "sms", NOW)
    add_customers(database, PROTECTED, protected=True)
    add_customers(database, CUSTOMERS[1:])
    if world.debts:
        add_debts(database, [debt(case, *row) for case, row in world.debts.items()])
    for phone, customer, days in world.reminders:
        add_reminder(database, phone, customer, NOW - timedelta(days=days))


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_every_row_is_judged_once_and_as_by_hand(
    database: Database, tmp_path: Path, world: World
) -> None:
    build(database, world)
    path = tmp_path / "recipients.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, world.columns)
        writer.writeheader()
        for (case, phone), spelling in zip(world.file, cycle(world.spellings), strict=False):
            writer.writerow({"case_id": case, "phone": spelled(phone, spelling)})

    selection, rows = chosen(database, RecipientsFile(path))
    assert selection.rows == len(world.file)
    assert list(rows.values()) == by_hand(world)
    reached = [what for what in rows.values() if what.startswith("+")]
    assert len(set(reached)) == len(reached) == selection.recipients


chains = st.lists(
    st.tuples(st.sampled_from(PHONES), st.sampled_from(CUSTOMERS[1:])), min_size=6, max_size=12
)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=chains, many=st.sampled_from([1, duplicates.MANY]))
def test_of_rows_that_hang_together_the_first_that_can_be_is_in(
    database: Database, tmp_path: Path, pairs: list[tuple[str, str]], many: int
) -> None:
    rows = {
        case: (customer, phone, "open")
        for case, (phone, customer) in zip(CASES, pairs, strict=False)
    }
    world = World(rows, [(case, "") for case in rows], {}, [])
    build(database, world)
    path = tmp_path / "recipients.csv"
    path.write_text("\n".join(["case_id", *rows]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "MANY", many)
        assert list(chosen(database, RecipientsFile(path))[1].values()) == by_hand(world)
