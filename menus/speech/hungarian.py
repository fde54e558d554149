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
from menus.speech.groups import digit_groups, phone_words, rest_between, without_rests
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
from menus.speech.kinds import Speaker


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
    return phone_words(
        value.e164, "plusz", "nulla hat", lambda area: cardinal(int(area)), digit_by_digit
    )


def _number(value: Number, form: str) -> str:
    return named(value.value) if form == "named" else cardinal(value.value)


def _count(value: Count, _form: str) -> str:
    return attributive(value.value)


def _money(value: Money, _form: str) -> str:
    # "kettő forint", not "két forint": an amount must not be misheard as "hét".
    return f"{cardinal(value.forints)} forint"


HUNGARIAN = Speaker(
    language="hu",
    locale="hu-HU",
    spelling={
        Digits: lambda value, _: rest_between(map(digit_by_digit, digit_groups(value.digits))),
        Number: _number,
        Count: _count,
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
