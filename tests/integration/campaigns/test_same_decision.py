"""Selection judges all rows at once, the check before sending one at a time; both decide alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, update

from backend.db.tables.messages import campaigns, exclusions, outbox, stops
from backend.db.tables.records import customers, debts
from backend.db.transactions import write
from backend.interface.codes import MessageKind, StopReason
from backend.records.suppression.stops import add_stop
from messages.campaigns.campaign import find_campaign
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.outbox import claim
from messages.campaigns.planning.drafting import Draft
from messages.campaigns.recipients.number_checks import read_number
from messages.campaigns.template_library import find_template
from messages.delivery.pre_send_check import Denied, Permit, pre_send_check
from tests.support.databases.database import Database
from tests.support.databases.recipients import (
    NOW,
    POLICY,
    VOIP_ALLOWED,
    add_customers,
    add_debts,
    add_reminder,
    campaign_row,
    chosen,
    debt,
    mobile,
    write_file,
)
from tests.support.databases.records import DESKS
from tests.support.runs.examples import examples

CASES = [f"K-{number}" for number in range(8)]
CUSTOMERS = [f"C-{number}" for number in range(4)]
PHONES = [*(mobile(number) for number in range(4)), "+3612345678", "+36211234567"]
TODAY = date(2026, 11, 23)
TEMPLATES = {MessageKind.DEBT: "debt_contact_1", MessageKind.SERVICE: "reading_window_open"}

a_debt = st.tuples(
    st.sampled_from(CUSTOMERS),
    st.sampled_from([*PHONES, None]),
    st.sampled_from(["open"] * 5 + ["paid", "disputed", "agreed", "proceedings", "assigned"]),
    st.sampled_from([TODAY, TODAY, date(2026, 1, 1), TODAY + timedelta(days=1), date(2027, 10, 1)]),
)


@dataclass(frozen=True)
class Records:
    """What the records say at one moment: debts by case, stops, who is protected."""

    debts: Mapping[str, tuple[str, str | None, str, date]]
    stops: Mapping[str, StopReason]
    protected: frozenset[str]


all_records = st.builds(
    Records,
    st.fixed_dictionaries({}, optional=dict.fromkeys(CASES, a_debt)),
    st.dictionaries(
        st.sampled_from(PHONES),
        st.sampled_from(["opted_out", "unreachable", "wrong_addressee"]),
        max_size=2,
    ),
    st.frozensets(st.sampled_from(CUSTOMERS), max_size=1),
)
reminders = st.lists(
    st.tuples(
        st.sampled_from(PHONES), st.sampled_from(CUSTOMERS), st.sampled_from([1, 7, 10, 29, 30])
    ),
    max_size=3,
)
files = st.lists(
    st.tuples(st.sampled_from([*CASES, "K-?"]), st.sampled_from(["", "", *PHONES, "nincs"])),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
)


def put(database: Database, records: Records) -> None:
    """Let the records be so from now on."""
    with write(database.engine) as connection:
        for table in (stops, debts):
            connection.execute(delete(table))
        for phone, reason in records.stops.items():
            add_stop(connection, phone, reason, "sms", NOW)
        is_protected = customers.c.customer_id.in_(records.protected)
        connection.execute(update(customers).values(protected=is_protected))
    if records.debts:
        add_debts(database, [debt(case, *row) for case, row in records.debts.items()])


def begin(database: Database, sent: list[tuple[str, str, int]]) -> None:
    """Empty the records but for customers and reminders sent so many days ago."""
    with write(database.engine) as connection:
        for table in (exclusions, outbox, campaigns, stops, debts, customers):
            connection.execute(delete(table))
    add_customers(database, CUSTOMERS)
    for phone, customer, days in sent:
        add_reminder(database, phone, customer, NOW - timedelta(days=days))


class UndoneError(Exception):
    """Ends a transaction that is only tried."""


def checked(
    database: Database, records: Records, case: str, written: str, kind: MessageKind, *, voip: bool
) -> str | None:
    """Why the check before sending denies the row that the file's line makes of these records."""
    customer, phone = records.debts.get(case, (None, None))[:2]
    row = {"case_id": case, "customer_id": customer, "line": 2}
    row["phone"] = read_number(written) if written else phone or ""
    row["phone_is_of_case"] = row["phone"] == phone or not written
    verdict: list[Permit | Denied] = []
    try:
        with write(database.engine) as connection:
            verdict.append(_verdict(connection, row, kind, voip=voip))
            raise UndoneError
    except UndoneError:
        pass
    return verdict[0].reason if isinstance(verdict[0], Denied) else None


def _verdict(
    connection: Connection, row: dict[str, object], kind: MessageKind, *, voip: bool
) -> Permit | Denied:
    template = find_template(connection, TEMPLATES[kind], now=NOW)
    facts = desk_facts(DESKS, kind)
    message = Draft("probe", template, facts).message()
    made = campaign_row(kind.value, template=template.name, message=message, state="running")
    connection.execute(insert(campaigns), made)
    campaign_id = made["campaign_id"]
    connection.execute(insert(outbox), {"campaign_id": campaign_id, **row})
    (claimed,) = claim(connection, campaign_id, "probe", 1, NOW, timedelta(minutes=1))
    campaign = find_campaign(connection, campaign_id)
    policy = VOIP_ALLOWED if voip else POLICY
    [(_, verdict)] = pre_send_check(connection, [claimed], campaign, facts, policy, NOW)
    assert isinstance(verdict, Permit | Denied)
    return verdict


def select_all(
    database: Database, folder: Path, file: list[tuple[str, str]], kind: MessageKind, *, voip: bool
) -> dict[tuple[str, str], str]:
    """What a selection makes of each line: the number, or the reason against it."""
    source = write_file(folder, *(f"{case};{phone}" for case, phone in file))
    outcomes = chosen(database, source, VOIP_ALLOWED if voip else POLICY, kind)[1]
    return {file[line - 2]: what for line, what in outcomes.items()}


several = settings(
    max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
kinds = st.sampled_from([MessageKind.DEBT, MessageKind.DEBT, MessageKind.SERVICE])


@several
@given(now=all_records, sent=reminders, file=files, kind=kinds, voip=st.booleans())
def test_a_row_is_selected_if_and_only_if_the_check_permits_it_at_the_same_moment(
    database: Database,
    tmp_path: Path,
    now: Records,
    sent: list[tuple[str, str, int]],
    file: list[tuple[str, str]],
    kind: MessageKind,
    voip: bool,
) -> None:
    begin(database, sent)
    put(database, now)
    for (case, written), what in select_all(database, tmp_path, file, kind, voip=voip).items():
        reason = checked(database, now, case, written, kind, voip=voip)
        if what == "duplicate":
            # Another row of the same campaign is for this number or customer.
            assert reason is None
        else:
            assert reason == (None if what.startswith("+") else what)


@several
@given(before=all_records, now=all_records, sent=reminders, file=files, kind=kinds)
def test_after_any_change_the_check_decides_as_a_fresh_selection_would(
    database: Database,
    tmp_path: Path,
    before: Records,
    now: Records,
    sent: list[tuple[str, str, int]],
    file: list[tuple[str, str]],
    kind: MessageKind,
) -> None:
    begin(database, sent)
    put(database, before)
    first = select_all(database, tmp_path, file, kind, voip=False)
    put(database, now)
    fresh = select_all(database, tmp_path, file, kind, voip=False)
    for (case, written), phone in first.items():
        if not phone.startswith("+") or fresh[case, written] == "duplicate":
            continue
        own_customer, own_phone = before.debts[case][:2]
        customer, its_phone = now.debts.get(case, (None, None))[:2]
        # Neither to a number that the case has no longer, nor to another customer.
        same = customer == own_customer and (phone != own_phone or phone == its_phone)
        reason = checked(database, before, case, written, kind, voip=False)
        assert (reason is None) == (same and fresh[case, written] == phone)
