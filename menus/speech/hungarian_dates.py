"""Hungarian days, dates and weekly hours in words."""

from functools import lru_cache

from menus.slots import Date, DateSpan, Hours
from menus.speech.hungarian_numbers import attributive, cardinal
from menus.speech.week import ALL_DAY, MIDNIGHT, Span, day_runs, listed, week_words

_MONTHS = (
    "január",
    "február",
    "március",
    "április",
    "május",
    "június",
    "július",
    "augusztus",
    "szeptember",
    "október",
    "november",
    "december",
)
_UNITS = (
    "egyedike",
    "kettedike",
    "harmadika",
    "negyedike",
    "ötödike",
    "hatodika",
    "hetedike",
    "nyolcadika",
    "kilencedike",
)
_TENS = ("tizedike", "huszadika", "harmincadika")
_TENS_BEFORE_UNITS = ("tizen", "huszon", "harminc")

_ON = ("hétfőn", "kedden", "szerdán", "csütörtökön", "pénteken", "szombaton", "vasárnap")
_FROM = (
    "hétfőtől",
    "keddtől",
    "szerdától",
    "csütörtöktől",
    "péntektől",
    "szombattól",
    "vasárnaptól",
)
_UNTIL = ("hétfőig", "keddig", "szerdáig", "csütörtökig", "péntekig", "szombatig", "vasárnapig")

_BACK_VOWEL_NUMERALS = ("három", "hat", "nyolc", "húsz")


def day_of_month(day: int, form: str) -> str:
    """The day 1-31 named ("ötödike") or, by ``form``, on, from or until it (AkH. 295-298)."""
    name = _day_name(day)
    if not form:
        return name
    back = name.endswith("a")
    stem = name[:-1] + ("á" if back else "é")
    return stem + {"on": "n", "from": "tól" if back else "től", "until": "ig"}[form]


@lru_cache(maxsize=1024)
def date_words(date: Date, form: str) -> str:
    """Month and day in ``form``, with the year in front when it is not this year's."""
    spoken = f"{_MONTHS[date.day.month - 1]} {day_of_month(date.day.day, form)}"
    if date.day.year == date.today.year:
        return spoken
    return f"{cardinal(date.day.year)} {spoken}"


def date_span(span: DateSpan) -> str:
    """From the first day until the last: a month that both share is named once."""
    first = date_words(Date(span.first, span.today), "from")
    if (span.first.year, span.first.month) == (span.last.year, span.last.month):
        return f"{first} {day_of_month(span.last.day, 'until')}"
    # A year that both share is told once.
    told = span.first if span.first.year == span.last.year else span.today
    return f"{first} {date_words(Date(span.last, told), 'until')}"


def hour_of_day(hour: int, form: str) -> str:
    """A full hour ``from`` which, or ``by`` which, something is: "tizennégy órától"."""
    if not hour:
        return {"from": "éjféltől", "by": "éjfélre"}[form]
    return f"{attributive(hour)} {'órától' if form == 'from' else 'órára'}"


def weekly_hours(hours: Hours) -> str:
    """When the desk is open, to stand before a verb: "hétfőtől péntekig nyolctól húsz óráig"."""
    return week_words(hours, _days, _open, "és")


def _day_name(day: int) -> str:
    # The first and the second day have names of their own, which compounds do not use.
    if day <= 2:
        return ("elseje", "másodika")[day - 1]
    tens, units = divmod(day, 10)
    if not units:
        return _TENS[tens - 1]
    return (_TENS_BEFORE_UNITS[tens - 1] if tens else "") + _UNITS[units - 1]


def _days(weekdays: tuple[int, ...]) -> str:
    if len(weekdays) == 7:
        return "a hét minden napján"
    return listed(
        [
            _ON[first] if first == last else f"{_FROM[first]} {_UNTIL[last]}"
            for first, last in day_runs(weekdays)
        ],
        "és",
    )


def _open(spans: tuple[Span, ...], day_count: int) -> str:
    if spans == ALL_DAY:
        return ", éjjel-nappal" if day_count == 7 else " éjjel-nappal"
    return " " + listed([f"{_opens(span)} {_closes(span.closes)}" for span in spans], "és")


def _opens(span: Span) -> str:
    if not span.opens:
        return "éjféltől"
    hours, minutes = divmod(span.opens, 60)
    if minutes:
        return f"{attributive(hours)} óra {attributive(minutes)} perctől"
    # "nyolctól" may lean on the word "óráig" that follows only when nothing stands between.
    if span.closes % 60 or span.closes == MIDNIGHT:
        return f"{attributive(hours)} órától"
    numeral = cardinal(hours)
    return numeral + ("tól" if numeral.endswith(_BACK_VOWEL_NUMERALS) else "től")


def _closes(minute: int) -> str:
    if minute == MIDNIGHT:
        return "éjfélig"
    hours, minutes = divmod(minute, 60)
    if minutes:
        return f"{attributive(hours)} óra {attributive(minutes)} percig"
    return f"{attributive(hours)} óráig"
