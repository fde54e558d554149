"""The customers of the past, apart from the dozen that a newcomer tries things on."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from backend.db.sqlite.sqlite_engine import make_private_folder
from backend.imports.demo_data import write_rows
from backend.imports.file_formats import CUSTOMERS, DEBTS, METERS, SITES, WINDOWS

PEOPLE = 180
_HEAT_FROM = 150
"""From this one on they are customers of district heating."""
_OPERATORS = ("20", "30", "70", "30", "20")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with one site and one meter, whose call can settle something."""

    number: int

    @property
    def is_of_heat(self) -> bool:
        return self.number >= _HEAT_FROM

    @property
    def customer_id(self) -> str:
        """With the letter U at district heating (rule ES-06)."""
        return f"U{91_000 + self.number}" if self.is_of_heat else str(91_000 + self.number)

    @property
    def site_id(self) -> str:
        """What a caller of electricity types."""
        return str(20_300_000 + self.number)

    @property
    def serial(self) -> str:
        return str((70_020_000 if self.is_of_heat else 48_300_000) + self.number)

    @property
    def last_value(self) -> int:
        return 200 + self.number if self.is_of_heat else 4_000 + self.number * 233

    @property
    def case_id(self) -> str:
        return f"ESET-{1_000 + self.number}"

    @property
    def phone(self) -> str:
        operator = _OPERATORS[self.number % len(_OPERATORS)]
        return f"+36{operator}{1_000 + self.number:07}"

    @property
    def has_debt(self) -> bool:
        return self.number % 6 != 0

    @property
    def debt_phone(self) -> str:
        """The number that the case has: a few have a landline or none."""
        if self.number % 37 == 11:
            return f"+361234{5_000 + self.number}"
        return "" if self.number % 41 == 13 else self.phone

    @property
    def debt_status(self) -> str:
        for divisor, rest, status in ((23, 5, "paid"), (29, 7, "disputed"), (31, 9, "agreed")):
            if self.number % divisor == rest:
                return status
        return "open"


def people() -> list[Person]:
    """All of them, in the order of their numbers."""
    return [Person(number) for number in range(PEOPLE)]


def write_people(folder: Path, today: date) -> None:
    """Write the five CSV files for the ordinary import; windows are open in the days before."""
    make_private_folder(folder)
    everybody = people()
    read_on = (today - timedelta(days=38)).isoformat()
    write_rows(folder, CUSTOMERS, map(_customer, everybody))
    write_rows(folder, SITES, map(_site, everybody))
    write_rows(folder, WINDOWS, (_window(person, today) for person in everybody))
    write_rows(folder, METERS, (_meter(person, read_on) for person in everybody))
    write_rows(folder, DEBTS, (_debt(person, today) for person in everybody if person.has_debt))


def _customer(person: Person) -> tuple[str, ...]:
    number = person.number
    day = str(1 + number % 27)
    language = "en" if number % 17 == 4 else "hu"
    protected = "yes" if number % 43 == 21 else "no"
    contact = ("", person.phone, language, "yes", day, protected, "")
    return (person.customer_id, f"Minta Ügyfél {13 + number}", _address(person), *contact)


def _site(person: Person) -> tuple[str, ...]:
    service, kwh = "electricity", str(120 + person.number % 30 * 10)
    if person.is_of_heat:
        service, kwh = "heat", ""
    place = (person.site_id, person.customer_id, service, _address(person))
    return (*place, "self_reading", kwh, "active")


def _window(person: Person, today: date) -> tuple[str, ...]:
    opens = today - timedelta(days=8 - person.number % 3)
    closes = today + timedelta(days=2)
    return (person.site_id, opens.isoformat(), closes.isoformat())


def _meter(person: Person, read_on: str) -> tuple[str, ...]:
    register, label = ("1.8.0", "általános mérő")
    digits, average, amperes = "5", "8", "32"
    if person.is_of_heat:
        register, label, average, amperes = "hot_water", "melegvízmérő", "0.1", ""
    kept = (person.serial, person.site_id, register, label, digits, str(person.last_value))
    return (*kept, read_on, average, amperes)


def _debt(person: Person, today: date) -> tuple[str, ...]:
    since = today - timedelta(days=18 + person.number % 60)
    case = (person.case_id, person.customer_id, person.debt_phone, person.debt_status)
    return (*case, since.isoformat())


def _address(person: Person) -> str:
    return f"1000 Mintaváros, Minta tér {1 + person.number}."
