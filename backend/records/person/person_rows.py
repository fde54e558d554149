"""Which rows of the records are about one person: a customer, or whoever has a number."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, Table, and_, false, or_, select

from backend.db.tables.messages import exclusions, inbound_messages, outbox, stops, tasks
from backend.db.tables.personal_columns import MAY_MENTION
from backend.db.tables.records import (
    callers,
    calls,
    customers,
    debts,
    identification_failures,
    metadata,
    meters,
    proven_callers,
    readings,
    requests,
    sites,
    turns,
    windows,
)
from backend.db.tables.staff import stored_file_parts
from backend.records.identification import caller_key, site_key
from backend.records.suppression.stop_keys import stop_keys
from common.errors import RecordsError

_GAP = r"[ ()./-]{0,3}"
"""What people write between the digits of a number."""


class PersonError(RecordsError):
    """Nobody is known by that, or their data cannot be erased as things are."""


@dataclass(frozen=True)
class Person:
    """Everything by which the records know somebody.

    Of a customer the numbers are those on record; of a number alone there is no customer, because
    it may be on record by mistake.
    """

    customer_id: str | None
    phones: frozenset[str]
    sites: frozenset[str]
    serials: frozenset[str]
    cases: frozenset[str]
    receipts: frozenset[str]
    calls: frozenset[str]
    caller_keys: frozenset[str]
    site_keys: frozenset[str]
    stop_keys: frozenset[str]
    words: frozenset[str]
    """What names them in a text: ids, numbers, name, address, invoices."""

    def is_mentioned(self, text: str) -> bool:
        """Whether a text names them, a number in whatever spelling."""
        return self._named.search(text) is not None

    @cached_property
    def _named(self) -> re.Pattern[str]:
        numbers = (
            rf"(?:\+?36|0036|06)?{_GAP}{_GAP.join(phone.removeprefix('+36'))}"
            for phone in sorted(self.phones)
        )
        told = "|".join((*map(re.escape, sorted(self.words)), *numbers))
        return re.compile(rf"(?<!\w)(?:{told})(?!\w)") if told else re.compile(r"(?!)")


def find_person(
    connection: Connection, customer_id: str | None, phone: str | None, secret: bytes
) -> Person:
    """Who the customer, or the number (E.164), is. Raises ``PersonError`` when nobody is known."""
    found = connection.execute(
        select(customers).where(customers.c.customer_id == customer_id)
    ).one_or_none()
    known = select(requests.c.receipt).where(requests.c.customer_id == customer_id)
    receipts = frozenset(connection.scalars(known)) if customer_id else frozenset()
    if customer_id is not None and found is None and not receipts:
        raise PersonError("The records have no customer with this id.")
    cases = connection.execute(select(debts).where(debts.c.customer_id == customer_id)).all()
    owned = frozenset(
        connection.scalars(select(sites.c.site_id).where(sites.c.customer_id == customer_id))
    )
    serials = connection.scalars(select(meters.c.serial).where(meters.c.site_id.in_(owned)))
    phones = {phone, found and found.phone, *(case.phone for case in cases)} - {None}
    serials_ = frozenset(serials)
    words = {customer_id, *owned, *serials_}
    if found is not None:
        words |= {found.name, found.address, found.email, *(found.invoice_numbers or "").split()}
    keys = frozenset(caller_key(secret, number) for number in phones)
    asked = select(requests.c.call_sid).where(
        requests.c.receipt.in_(receipts), requests.c.call_sid.is_not(None)
    )
    called = select(calls.c.call_sid).where(
        or_(calls.c.caller_key.in_(keys), calls.c.call_sid.in_(asked))
    )
    stopped = stop_keys(connection)
    return Person(
        customer_id,
        frozenset(phones),
        owned,
        serials_,
        frozenset(case.case_id for case in cases),
        receipts,
        frozenset(connection.scalars(called)),
        keys,
        frozenset(site_key(secret, site_id) for site_id in owned),
        frozenset(stopped.of(number) for number in phones),
        frozenset(word for word in words if word),
    )


def rows_about(person: Person) -> Mapping[Table, ColumnElement[bool]]:
    """The condition of the person's rows in each table that can have some."""
    mine, phones, owned = person.customer_id, person.phones, person.sites
    number_only = mine is None
    to_them = outbox.c.phone.in_(phones)
    return {
        customers: customers.c.phone.in_(phones)
        if number_only
        else customers.c.customer_id == mine,
        sites: sites.c.site_id.in_(owned),
        windows: windows.c.site_id.in_(owned),
        meters: meters.c.site_id.in_(owned),
        debts: debts.c.phone.in_(phones) if number_only else debts.c.customer_id == mine,
        requests: requests.c.data["phone"].as_string().in_(phones)
        if number_only
        else or_(
            requests.c.receipt.in_(person.receipts),
            requests.c.site_id.in_(owned),
            requests.c.data["phone"].as_string().in_(phones),
        ),
        readings: false()
        if number_only
        else or_(readings.c.site_id.in_(owned), readings.c.receipt.in_(person.receipts)),
        calls: calls.c.call_sid.in_(person.calls),
        turns: turns.c.call_sid.in_(person.calls),
        callers: callers.c.caller_key.in_(person.caller_keys),
        proven_callers: or_(
            proven_callers.c.caller_key.in_(person.caller_keys),
            proven_callers.c.site_key.in_(person.site_keys),
        ),
        identification_failures: or_(
            identification_failures.c.caller_key.in_(person.caller_keys),
            identification_failures.c.site_key.in_(person.site_keys),
        ),
        # A number may be two customers': what was meant for the other is not theirs.
        outbox: to_them
        if number_only
        else or_(outbox.c.customer_id == mine, and_(to_them, outbox.c.customer_id.is_(None))),
        exclusions: exclusions.c.case_id.in_(person.cases),
        inbound_messages: inbound_messages.c.phone.in_(phones),
        tasks: or_(tasks.c.phone.in_(phones), tasks.c.subject.in_([*owned, *filter(None, [mine])])),
        stops: stops.c.phone_key.in_(person.stop_keys),
    }


def mentions(connection: Connection, person: Person) -> Iterator[tuple[Table, tuple[str, ...]]]:
    """The texts and files that name the person: table and key; of a file its own key."""
    for name, columns in MAY_MENTION.items():
        table = metadata.tables[name]
        if table is stored_file_parts:
            yield from _files(connection, person)
            continue
        keys = [column.name for column in table.primary_key]
        names = columns.split()
        for row in connection.execute(select(*(table.c[each] for each in (*keys, *names)))):
            texts = (
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for value in row[len(keys) :]
                if value is not None
            )
            if any(map(person.is_mentioned, texts)):
                yield table, tuple(row[: len(keys)])


def _files(connection: Connection, person: Person) -> Iterator[tuple[Table, tuple[str, ...]]]:
    parts = select(stored_file_parts).order_by(
        stored_file_parts.c.file_id, stored_file_parts.c.part
    )
    file_id, before = "", ""
    for part in connection.execute(parts, execution_options={"yield_per": 1}):
        content = zlib.decompress(part.content).decode("utf-8", "replace")
        # What names somebody may stand across two parts.
        told = content if part.file_id != file_id else before + content
        file_id, before = part.file_id, content[-200:]
        if person.is_mentioned(told):
            yield metadata.tables["stored_files"], (part.file_id,)
