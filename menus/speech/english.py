"""How English speaks every kind of slot value."""

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
from menus.speech.english_dates import (
    date_span,
    date_words,
    day_of_month,
    hour_of_day,
    weekly_hours,
)
from menus.speech.english_numbers import cardinal, digit_by_digit
from menus.speech.groups import digit_groups, phone_groups, rest_between, without_rests
from menus.speech.kinds import TableSpeaker

_SIGNS = {"*": "star", "#": "hash"}


def with_article(spoken: str) -> str:
    """Prefixes "the", unless the words hold it already ("the fifth", "on the fifth")."""
    return spoken if "the " in spoken else f"the {spoken}"


def _digits(value: Digits, _form: str) -> str:
    return rest_between(digit_by_digit(group) for group in digit_groups(value.digits))


def _key(value: Key, _form: str) -> str:
    return _SIGNS.get(value.key) or digit_by_digit(value.key)


def _path(value: Path, _form: str) -> str:
    return " point ".join(cardinal(int(number)) for number in value.path.split("."))


def _phone(value: PhoneNumber, _form: str) -> str:
    printed = phone_groups(value.e164)
    groups = [digit_by_digit(group) for group in printed.groups]
    if printed.area is None:
        groups[0] = f"plus {groups[0]}"
        return rest_between(groups)
    return rest_between(["zero six", digit_by_digit(printed.area), *groups])


def _place(value: Verbatim, _form: str) -> str:
    return without_rests(value.text)


def _number(value: Number | Count, _form: str) -> str:
    return cardinal(value.value)


def _money(value: Money, _form: str) -> str:
    return f"{cardinal(value.forints)} {'forint' if abs(value.forints) == 1 else 'forints'}"


def _day_of_month(value: DayOfMonth, form: str) -> str:
    return day_of_month(value.day, form)


def _date_span(value: DateSpan, _form: str) -> str:
    return date_span(value)


def _hour(value: Hour, form: str) -> str:
    return hour_of_day(value.hour, form)


def _hours(value: Hours, _form: str) -> str:
    return weekly_hours(value)


ENGLISH = TableSpeaker(
    language="en",
    locale="en-GB",
    spelling={
        Digits: _digits,
        Number: _number,
        Count: _number,
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
