"""Written forms of what a tree says: names of node kinds, hours, telephone numbers, figures.

Sentences are for the ear; here are the words around them on a drawing or a printed guide, and what
stands in a message in their place.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from menus.slots import Count, DayOfMonth, Digits, Hours, Money, Number, PhoneNumber, SlotValue
from menus.speech.groups import phone_groups
from menus.speech.hungarian_dates import day_of_month as hungarian_day
from menus.speech.week import ALL_DAY, MIDNIGHT, Span, day_runs, told_week
from menus.tree import Form, Goto, Hangup, Info, Menu, Node, Transfer

_ACCOUNT = (16, 24)
_EIGHT = re.compile(r"\d{8}")
_TO = "\u2060–\u2060"
"""From one to the other, on one line."""


@dataclass(frozen=True, slots=True)
class Written:
    """One language's words. ``kinds`` name what an option is, ``services`` what the line is for."""

    language: str
    own_name: str
    kinds: Mapping[type[Node], str]
    services: Mapping[str, str]
    weekdays: tuple[str, ...]
    clock: str
    all_day: str
    call: str
    printed_path: str
    more: str
    drawing_title: str
    drawing_description: str
    day: Callable[[int, str], str]
    forints: str
    thousands: str
    numbered: str

    def figure(self, value: SlotValue, form: str = "") -> str | None:
        """A published figure as people write it in the form that a sentence asks for.

        "1-jétől", "3." for the third post office, "4500 forint"; ``None`` for what is written in
        words.
        """
        article, form = form.startswith("the"), form.removeprefix("the").removeprefix("_")
        if article:
            return None
        match value:
            case DayOfMonth(day=day):
                return self.day(day, form)
            case Money(forints=amount):
                return self.forints.format(self._grouped(amount))
            case Number(value=whole) if form == "named":
                return self.numbered.format(whole)
            case _:
                return None if form else printed(value)

    def _grouped(self, amount: int) -> str:
        # Four figures stand together in both languages (AkH. 289).
        return str(amount) if amount < 10_000 else f"{amount:,}".replace(",", self.thousands)

    def hours(self, hours: Hours) -> str:
        """A desk's weekly hours, such as "hétfő–péntek 8.00–20.00"."""
        told = (
            f"{self._days(shared.weekdays)} {self._spans(shared.spans)}"
            for shared in told_week(hours)
        )
        return "; ".join(told)

    def _days(self, weekdays: tuple[int, ...]) -> str:
        return ", ".join(
            self.weekdays[first] + (_TO + self.weekdays[last] if last > first else "")
            for first, last in day_runs(weekdays)
        )

    def _spans(self, spans: Iterable[Span]) -> str:
        if tuple(spans) == ALL_DAY:
            return self.all_day
        return ", ".join(
            f"{self._time(span.opens)}{_TO}{self._time(span.closes)}" for span in spans
        )

    def _time(self, minutes: int) -> str:
        return self.clock.format(minutes // 60 if minutes < MIDNIGHT else 24, minutes % 60)


def phone(e164: str) -> str:
    """A telephone number in writing: a Hungarian one as it is dialled at home, "06 80 202 938"."""
    printed = phone_groups(e164)
    start = ["06", printed.area] if printed.area is not None else ["+"]
    return " ".join([*start, *printed.groups]).replace("+ ", "+")


def printed(value: SlotValue) -> str | None:
    """A figure as it is printed; ``None`` for what is written in words.

    An account number stands in groups of eight, as banks print it.
    """
    match value:
        case PhoneNumber(e164=e164):
            return phone(e164)
        case Digits(digits=digits):
            return "-".join(_EIGHT.findall(digits)) if len(digits) in _ACCOUNT else digits
        case Number(value=whole) | Count(value=whole):
            return str(whole)
        case _:
            return None


def _hungarian_day(day: int, form: str) -> str:
    """ "1-jétől", "27-éig" (AkH. 295-298): the spoken day tells the vowels."""
    spoken = hungarian_day(day, form)
    stem = hungarian_day(day, "")[:-1]
    return f"{day}-{'j' if day == 1 else ''}{spoken[len(stem) :]}"


def _english_day(day: int, form: str) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{form} the {day}{ending}".lstrip()


HUNGARIAN = Written(
    language="hu",
    own_name="Magyar",
    kinds={
        Menu: "menü",
        Form: "ügyintézés gombokkal",
        Info: "tájékoztató",
        Transfer: "ügyintéző",
        Goto: "ugrás",
        Hangup: "búcsú",
    },
    services={"electricity": "villamos energia", "heat": "távhő"},
    weekdays=("hétfő", "kedd", "szerda", "csütörtök", "péntek", "szombat", "vasárnap"),
    clock="{}.{:02}",
    all_day="egész nap",
    call="A hívás kezdete",
    printed_path="kinyomtatott útvonal",
    more="további {}",
    drawing_title="Telefonos menü: {}",
    drawing_description=(
        "A telefonos menü fája balról jobbra. A vonalakon a menüpontok száma áll; a keretek alakja "
        "és felirata mutatja, hogy menü, ügyintézés, tájékoztató vagy ügyintéző következik. "
        "Csillag és vastag keret jelöli a kinyomtatott útvonalakat."
    ),
    day=_hungarian_day,
    forints="{} forint",
    thousands=" ",
    numbered="{}.",
)

ENGLISH = Written(
    language="en",
    own_name="English",
    kinds={
        Menu: "menu",
        Form: "self-service",
        Info: "information",
        Transfer: "agent",
        Goto: "leads to",
        Hangup: "farewell",
    },
    services={"electricity": "electricity", "heat": "district heating"},
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    clock="{:02}:{:02}",
    all_day="all day",
    call="The call begins",
    printed_path="printed path",
    more="{} more",
    drawing_title="Telephone menu: {}",
    drawing_description=(
        "The tree of the telephone menu from left to right. The numbers of the items stand on the "
        "lines; the shape and the label of a frame tell whether it is a menu, self-service, "
        "information or an agent. A star and a thick frame mark printed paths."
    ),
    day=_english_day,
    forints="{} forints",
    thousands=",",
    numbered="{}",
)

_LANGUAGES: Mapping[str, Written] = MappingProxyType({"hu": HUNGARIAN, "en": ENGLISH})


def written(language: str) -> Written:
    """The words of a language; English ones for a language that nobody has written here."""
    return _LANGUAGES.get(language, ENGLISH)
