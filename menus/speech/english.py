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
from menus.speech.groups import digit_groups, phone_words, rest_between, without_rests
from menus.speech.kinds import Speaker

_SIGNS = {"*": "star", "#": "hash"}


def with_article(spoken: str) -> str:
    """Prefixes "the", unless the words hold it already ("the fifth", "on the fifth")."""
    return spoken if "the " in spoken else f"the {spoken}"


def _key(value: Key, _form: str) -> str:
    return _SIGNS.get(value.key) or digit_by_digit(value.key)


def _path(value: Path, _form: str) -> str:
    return " point ".join(cardinal(int(number)) for number in value.path.split("."))


def _phone(value: PhoneNumber, _form: str) -> str:
    return phone_words(value.e164, "plus", "zero six", digit_by_digit, digit_by_digit)


def _number(value: Number | Count, _form: str) -> str:
    return cardinal(value.value)


def _money(value: Money, _form: str) -> str:
    return f"{cardinal(value.forints)} {'forint' if abs(value.forints) == 1 else 'forints'}"


ENGLISH = Speaker(
    language="en",
    locale="en-GB",
    spelling={
        Digits: lambda value, _: rest_between(map(digit_by_digit, digit_groups(value.digits))),
        Number: _number,
        Count: _number,
        Money: _money,
        Date: date_words,
        DateSpan: lambda value, _: date_span(value),
        Hour: lambda value, form: hour_of_day(value.hour, form),
        DayOfMonth: lambda value, form: day_of_month(value.day, form),
        Key: _key,
        Path: _path,
        PhoneNumber: _phone,
        Hours: lambda value, _: weekly_hours(value),
        Verbatim: lambda value, _: without_rests(value.text),
    },
    article=with_article,
)
