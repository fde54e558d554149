"""Each reason for which a row gets no message, and which comes first."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Text, delete, literal, select, union_all, update

from backend.db.tables.messages import exclusions, outbox
from backend.db.tables.records import customers, debts
from backend.db.transactions import read, write
from backend.interface.codes import StopReason
from backend.records.suppression import stop_search
from backend.records.suppression.stops import add_stop
from messages.campaigns.exclusion_reasons import OF_DEBT_STATUS, Reason
from messages.campaigns.recipients.mobile_shape import is_hungarian_mobile
from messages.campaigns.recipients.number_checks import why_not
from messages.campaigns.recipients.source import DebtRegister
from tests.support.databases.database import Database
from tests.support.databases.recipients import (
    NOW,
    VOIP_ALLOWED,
    add_customers,
    add_debts,
    add_reminder,
    chosen,
    debt,
    mobile,
    write_file,
)


def one_debt(database: Database, phone: str | None = mobile(1), status: str = "open") -> None:
    """One customer with one debt."""
    debts_of_their_own(database, (phone, status))


def debts_of_their_own(database: Database, *rows: tuple[str | None, str]) -> None:
    """Number and status of debts K-1, K-2 … of as many customers."""
    numbers = range(1, len(rows) + 1)
    add_customers(database, [f"C-{number}" for number in numbers])
    add_debts(
        database,
        [
            debt(f"K-{number}", f"C-{number}", phone, status)
            for number, (phone, status) in zip(numbers, rows, strict=True)
        ],
    )


def outcomes(database: Database, kind: str = "debt") -> list[str]:
    """What becomes of each debt of the register."""
    return list(chosen(database, DebtRegister(), kind=kind)[1].values())


def stop(database: Database, phone: str, *reasons: StopReason) -> None:
    with write(database.engine) as connection:
        for reason in reasons:
            add_stop(connection, phone, reason, "sms", NOW)


def test_a_case_that_nobody_knows_and_a_row_without_a_case_are_unknown(
    database: Database, tmp_path: Path
) -> None:
    one_debt(database)
    file = write_file(tmp_path, "K-0;06301234567", ";06301234567", "K-0;", "  ;", "K-1;")
    rows = chosen(database, file)[1]
    # The row of blanks on line 5 is no row.
    assert rows == dict.fromkeys(range(2, 5), "unknown_case") | {6: mobile(1)}
    with read(database.engine) as connection:
        kept = connection.execute(select(exclusions.c.line, exclusions.c.case_id))
        assert sorted(kept) == [(2, "K-0"), (3, ""), (4, "K-0")]


def test_the_same_case_on_a_later_line_is_a_duplicate_whatever_its_number(
    database: Database, tmp_path: Path
) -> None:
    one_debt(database, status="paid")
    file = write_file(tmp_path, "K-1;", "K-1;06301234567", "K-1;nincs")
    assert chosen(database, file)[1] == {2: "paid", 3: "duplicate", 4: "duplicate"}


def test_only_who_owes_may_be_reminded(database: Database) -> None:
    """CO-10."""
    statuses = list(OF_DEBT_STATUS)
    debts_of_their_own(database, *((mobile(place), each) for place, each in enumerate(statuses)))
    assert outcomes(database) == list(OF_DEBT_STATUS.values())
    assert outcomes(database, kind="service") == [mobile(place) for place in range(len(statuses))]


def test_a_protected_customer_is_left_to_people(database: Database) -> None:
    one_debt(database, phone="+3612345678")
    with write(database.engine) as connection:
        connection.execute(update(customers).values(protected=True))
    assert outcomes(database) == ["protected"]
    assert outcomes(database, kind="service") == ["landline"]


NUMBERS = {
    None: "no_number",
    "+36551234567": "invalid",
    "+3680123456": "toll_free",
    "+3612345678": "landline",
    "+36211234567": "voip",
    "+3690123456": "not_mobile",
    "+36381234567": "not_mobile",
    "+447911123456": "foreign",
}


def test_a_number_that_no_message_reaches_is_left_out(database: Database) -> None:
    debts_of_their_own(database, *((phone, "open") for phone in NUMBERS))
    for phone in NUMBERS:
        stop(database, phone or mobile(1), "opted_out")
    assert outcomes(database) == list(NUMBERS.values())
    assert outcomes(database, kind="service") == list(NUMBERS.values())


def test_a_bad_number_in_the_file_is_an_exclusion_and_no_flaw_of_the_file(
    database: Database, tmp_path: Path
) -> None:
    bad = {phone: reason for phone, reason in NUMBERS.items() if phone}
    bad |= dict.fromkeys(["anya", "06 30 123 4567 (anya)", "06 20/30/70 938-3838", "-"], "invalid")
    debts_of_their_own(database, *((mobile(place), "open") for place in range(len(bad))))
    file = write_file(tmp_path, *(f"K-{place};{phone}" for place, phone in enumerate(bad, 1)))
    assert list(chosen(database, file)[1].values()) == list(bad.values())


def test_voice_over_ip_gets_a_message_where_the_policy_allows_it(database: Database) -> None:
    one_debt(database, "+36211234567")
    assert chosen(database, DebtRegister(), VOIP_ALLOWED)[1] == {1: "+36211234567"}


def test_a_stopped_number_is_left_out_for_its_weightiest_stop(database: Database) -> None:
    debts_of_their_own(database, *((mobile(number), "open") for number in range(1, 5)))
    stop(database, mobile(1), "unreachable")
    stop(database, mobile(2), "unreachable", "opted_out")
    stop(database, mobile(3), "opted_out", "unreachable", "wrong_addressee")
    for number in range(1, 5):
        add_reminder(database, mobile(number), None, NOW - timedelta(hours=1))
    stopped = ["unreachable", "opted_out", "wrong_addressee"]
    assert outcomes(database) == [*stopped, "too_soon"]
    assert outcomes(database, kind="service") == [*stopped, mobile(4)]


def test_a_stop_outlives_the_number_and_every_later_import(
    database: Database, tmp_path: Path
) -> None:
    """CO-17; row 39 of the scenarios."""
    one_debt(database)
    stop(database, mobile(1), "wrong_addressee")
    with write(database.engine) as connection:
        connection.execute(update(debts).values(phone=None))
        connection.execute(update(customers).values(phone=None))
    assert outcomes(database) == ["no_number"]
    with write(database.engine) as connection:
        connection.execute(delete(debts))
    add_customers(database, ["C-2"])
    add_debts(database, [debt("K-2", "C-2", mobile(1))])
    assert outcomes(database) == ["wrong_addressee"]
    assert chosen(database, write_file(tmp_path, "K-2;06 30 000 0001"))[1] == {2: "wrong_addressee"}


@pytest.mark.both_databases
@pytest.mark.parametrize("large", [0, stop_search.LARGE], ids=["beside", "here"])
def test_stopped_numbers_of_the_list_and_of_the_records_are_found_in_either_process(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(stop_search, "LARGE", large)
    numbers = range(1, 7)
    add_customers(database, [f"C-{number}" for number in numbers])
    add_debts(database, [debt(f"K-{number}", f"C-{number}", mobile(number)) for number in numbers])
    stop(database, mobile(2), "unreachable", "wrong_addressee")
    stop(database, mobile(14), "opted_out")
    lines = (f"K-{number};{mobile(10 + number) if number > 3 else ''}" for number in numbers)
    rows = chosen(database, write_file(tmp_path, *lines))[1]
    assert {line: what for line, what in rows.items() if not what.startswith("+")} == {
        3: "wrong_addressee",
        5: "opted_out",
    }


@pytest.mark.both_databases
def test_the_database_tells_mobiles_by_the_shape_that_we_do(database: Database) -> None:
    numbers = [f"+36{prefix:02d}1234567" for prefix in range(100)]
    numbers += ["+3630123456", "+363012345678", "36301234567", "", "+36301234567\n"]
    numbers += ["x+36301234567", "+3630123456a", "+3630123456٣", "+36 301234567"]
    with read(database.engine) as connection:
        rows = union_all(
            *(select(literal(each, Text).label("phone")) for each in numbers)
        ).subquery()
        is_mobile = is_hungarian_mobile(rows.c.phone, database.kind)
        told = {
            phone: bool(fits) for phone, fits in connection.execute(select(rows.c.phone, is_mobile))
        }
    assert told == {number: why_not(number, voip_allowed=False) is None for number in numbers}


def test_one_number_and_one_customer_get_one_message(database: Database, tmp_path: Path) -> None:
    add_customers(database, ["C-1", "C-2", "C-3"])
    add_debts(
        database,
        [
            debt("K-1", "C-1", mobile(1)),
            debt("K-2", "C-2", mobile(1)),
            debt("K-3", "C-2", mobile(2)),
            debt("K-4", "C-2", mobile(3)),
            debt("K-5", "C-3", mobile(3)),
        ],
    )
    file = write_file(tmp_path, "K-1;", "K-2;", "K-3;", "K-4;", "K-5;")
    # K-2 is out for its number, so its customer gets K-3; K-4 is out, so its number is K-5's.
    assert chosen(database, file)[1] == {
        2: mobile(1),
        3: "duplicate",
        4: mobile(2),
        5: "duplicate",
        6: mobile(3),
    }


def test_a_row_that_is_out_takes_nobodys_place(database: Database, tmp_path: Path) -> None:
    add_customers(database, ["C-1", "C-2"])
    add_debts(database, [debt("K-1", "C-1", mobile(1), "paid"), debt("K-2", "C-1", mobile(1))])
    assert chosen(database, write_file(tmp_path, "K-1;", "K-2;"))[1] == {2: "paid", 3: mobile(1)}


def test_a_campaign_over_a_thousand_debtors_adds_up(database: Database, tmp_path: Path) -> None:
    """Row 35 of the scenarios."""
    odd = [f"+3612345{number:03d}" for number in range(6)]
    odd += ["+36211234567", "+36211234568", "+3680123456", "+36551234567", "+447911123456"]
    phones = [*odd, *(mobile(number) for number in range(1000 - len(odd)))]
    add_customers(database, [f"C-{number}" for number in range(1000)])
    add_debts(
        database,
        [debt(f"K-{number}", f"C-{number}", phone) for number, phone in enumerate(phones)],
    )
    file = write_file(tmp_path, *(f"K-{number}" for number in range(1000)), header="case_id")

    selection, rows = chosen(database, file)
    assert (selection.rows, selection.recipients) == (1000, 989)
    assert dict(selection.excluded) == {
        Reason.LANDLINE: 6,
        Reason.VOIP: 2,
        Reason.TOLL_FREE: 1,
        Reason.INVALID: 1,
        Reason.FOREIGN: 1,
    }
    assert Counter(rows.values())["landline"] == 6
    assert {rows[line] for line in range(13, 1002)} == set(phones[11:])
    with read(database.engine) as connection:
        assert set(connection.scalars(select(outbox.c.phone))) == set(phones[11:])

    allowed = chosen(database, file, VOIP_ALLOWED)[0]
    assert (allowed.recipients, Reason.VOIP in allowed.excluded) == (991, False)
