"""How Hungarian speaks every kind of slot value."""

from menus.slots import (
    Count,
    Date,
    DateSpan,
    DayOfMonth,
    Digits,
    Hour,
    Hours,
    Key,
    Money,
    Number,
    Path,
    PhoneNumber,
    Verbatim,
)
from menus.speech.groups import digit_groups, phone_groups, rest_between, without_rests
from menus.speech.hungarian_dates import (
    date_span,
    date_words,
    day_of_month,
    hour_of_day,
    weekly_hours,
)
from menus.speech.hungarian_numbers import (
    attributive,
    cardinal,
    digit_by_digit,
    named,
    with_article,
)
from menus.speech.kinds import TableSpeaker


def _digits(value: Digits, _form: str) -> str:
    return rest_between(digit_by_digit(group) for group in digit_groups(value.digits))


def _key(value: Key, form: str) -> str:
    if value.key in "*#":
        star = value.key == "*"
        if not form:
            return "csillag" if star else "kettőskereszt"
        return "a csillagot" if star else "a kettőskeresztet"
    name = named(int(value.key))
    if form == "press":
        return with_article(f"{name} gombot")
    if form == "short":
        # Nought is pressed by its name: "a nullát", beside "az egyest" and the others.
        return with_article("nullát" if value.key == "0" else f"{name}t")
    return name


def _path(value: Path, form: str) -> str:
    *menus, last = (int(number) for number in value.path.split("."))
    ending = named(last) if form == "menu" else cardinal(last)
    spoken = " pont ".join([*(cardinal(number) for number in menus), ending])
    return with_article(spoken) if form == "menu" else spoken


def _phone(value: PhoneNumber, _form: str) -> str:
    printed = phone_groups(value.e164)
    groups = [digit_by_digit(group) for group in printed.groups]
    if printed.area is None:
        groups[0] = f"plusz {groups[0]}"
        return rest_between(groups)
    return rest_between(["nulla hat", cardinal(int(printed.area)), *groups])


def _place(value: Verbatim, _form: str) -> str:
    return without_rests(value.text)


def _number(value: Number, form: str) -> str:
    return named(value.value) if form == "named" else cardinal(value.value)


def _count(value: Count, _form: str) -> str:
    return attributive(value.value)


def _money(value: Money, _form: str) -> str:
    # "kettő forint", not "két forint": an amount must not be misheard as "hét".
    return f"{cardinal(value.forints)} forint"


def _day_of_month(value: DayOfMonth, form: str) -> str:
    return day_of_month(value.day, form)


def _date_span(value: DateSpan, _form: str) -> str:
    return date_span(value)


def _hour(value: Hour, form: str) -> str:
    return hour_of_day(value.hour, form)


def _hours(value: Hours, _form: str) -> str:
    return weekly_hours(value)


HUNGARIAN = TableSpeaker(
    language="hu",
    locale="hu-HU",
    spelling={
        Digits: _digits,
        Number: _number,
        Count: _count,
        Money: _money,
        Date: date_words,
        DateSpan: _date_span,
        Hour: _hour,
        DayOfMonth: _day_of_month,
        Key: _key,
        Path: _path,
        PhoneNumber: _phone,
        Hours: _hours,
        Verbatim: _place,
    },
    article=with_article,
)
