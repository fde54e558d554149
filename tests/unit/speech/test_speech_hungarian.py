"""Hungarian days, keys, paths, telephone numbers and hours as callers hear them."""

from datetime import date, time

import pytest

from menus.slots import (
    Date,
    DateSpan,
    DayOfMonth,
    Hour,
    Hours,
    Key,
    OpenHours,
    Path,
    PhoneNumber,
    Verbatim,
)
from menus.speech import speaker
from tests.support.runs.tables import each_of

HUNGARIAN = speaker("hu")

DAYS = """
elseje elsején elsejétől elsejéig
másodika másodikán másodikától másodikáig
harmadika harmadikán harmadikától harmadikáig
negyedike negyedikén negyedikétől negyedikéig
ötödike ötödikén ötödikétől ötödikéig
hatodika hatodikán hatodikától hatodikáig
hetedike hetedikén hetedikétől hetedikéig
nyolcadika nyolcadikán nyolcadikától nyolcadikáig
kilencedike kilencedikén kilencedikétől kilencedikéig
tizedike tizedikén tizedikétől tizedikéig
tizenegyedike tizenegyedikén tizenegyedikétől tizenegyedikéig
tizenkettedike tizenkettedikén tizenkettedikétől tizenkettedikéig
tizenharmadika tizenharmadikán tizenharmadikától tizenharmadikáig
tizennegyedike tizennegyedikén tizennegyedikétől tizennegyedikéig
tizenötödike tizenötödikén tizenötödikétől tizenötödikéig
tizenhatodika tizenhatodikán tizenhatodikától tizenhatodikáig
tizenhetedike tizenhetedikén tizenhetedikétől tizenhetedikéig
tizennyolcadika tizennyolcadikán tizennyolcadikától tizennyolcadikáig
tizenkilencedike tizenkilencedikén tizenkilencedikétől tizenkilencedikéig
huszadika huszadikán huszadikától huszadikáig
huszonegyedike huszonegyedikén huszonegyedikétől huszonegyedikéig
huszonkettedike huszonkettedikén huszonkettedikétől huszonkettedikéig
huszonharmadika huszonharmadikán huszonharmadikától huszonharmadikáig
huszonnegyedike huszonnegyedikén huszonnegyedikétől huszonnegyedikéig
huszonötödike huszonötödikén huszonötödikétől huszonötödikéig
huszonhatodika huszonhatodikán huszonhatodikától huszonhatodikáig
huszonhetedike huszonhetedikén huszonhetedikétől huszonhetedikéig
huszonnyolcadika huszonnyolcadikán huszonnyolcadikától huszonnyolcadikáig
huszonkilencedike huszonkilencedikén huszonkilencedikétől huszonkilencedikéig
harmincadika harmincadikán harmincadikától harmincadikáig
harmincegyedike harmincegyedikén harmincegyedikétől harmincegyedikéig
"""
DAY_FORMS = ("", "on", "from", "until")
TABLE = [line.split() for line in DAYS.split("\n") if line]


@each_of(("day", "row"), list(enumerate(TABLE, start=1)))
def test_each_day_of_the_month_takes_its_endings(day: int, row: list[str]) -> None:
    assert [HUNGARIAN.speak(DayOfMonth(day), form) for form in DAY_FORMS] == row


def test_the_table_of_days_is_whole() -> None:
    assert len(TABLE) == 31
    assert all(len(row) == len(DAY_FORMS) for row in TABLE)


@pytest.mark.parametrize(
    ("day", "form", "words"),
    [
        (1, "the", "az elseje"),
        (2, "the", "a másodika"),
        (5, "the", "az ötödike"),
        (5, "the_on", "az ötödikén"),
        (15, "the_from", "a tizenötödikétől"),
        (27, "the", "a huszonhetedike"),
        (27, "the_until", "a huszonhetedikéig"),
    ],
)
def test_a_day_of_the_month_with_its_article(day: int, form: str, words: str) -> None:
    assert HUNGARIAN.speak(DayOfMonth(day), form) == words


MONTHS = [
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
]


@each_of(("month", "name"), list(enumerate(MONTHS, start=1)))
def test_each_month_takes_az_only_before_a_vowel(month: int, name: str) -> None:
    article = "az" if name in ("április", "augusztus", "október") else "a"
    spoken = HUNGARIAN.speak(Date(date(2026, month, 2), date(2026, 5, 4)), "the")
    assert spoken == f"{article} {name} másodika"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("", "december elseje"),
        ("on", "december elsején"),
        ("from", "december elsejétől"),
        ("until", "december elsejéig"),
        ("the_on", "a december elsején"),
    ],
)
def test_a_date_of_this_year_is_spoken_without_the_year(form: str, words: str) -> None:
    assert HUNGARIAN.speak(Date(date(2026, 12, 1), date(2026, 11, 16)), form) == words


@pytest.mark.parametrize(
    ("day", "form", "words"),
    [
        (date(2027, 1, 1), "from", "kétezer-huszonhét január elsejétől"),
        (date(2027, 1, 1), "", "kétezer-huszonhét január elseje"),
        (date(2025, 12, 31), "until", "kétezer-huszonöt december harmincegyedikéig"),
        (date(1998, 3, 5), "the", "az ezerkilencszázkilencvennyolc március ötödike"),
    ],
)
def test_a_date_of_another_year_says_the_year(day: date, form: str, words: str) -> None:
    assert HUNGARIAN.speak(Date(day, date(2026, 11, 16)), form) == words


@each_of(
    ("key", "name", "press", "short"),
    [
        ("0", "nullás", "a nullás gombot", "a nullát"),
        ("1", "egyes", "az egyes gombot", "az egyest"),
        ("2", "kettes", "a kettes gombot", "a kettest"),
        ("3", "hármas", "a hármas gombot", "a hármast"),
        ("4", "négyes", "a négyes gombot", "a négyest"),
        ("5", "ötös", "az ötös gombot", "az ötöst"),
        ("6", "hatos", "a hatos gombot", "a hatost"),
        ("7", "hetes", "a hetes gombot", "a hetest"),
        ("8", "nyolcas", "a nyolcas gombot", "a nyolcast"),
        ("9", "kilences", "a kilences gombot", "a kilencest"),
        ("*", "csillag", "a csillagot", "a csillagot"),
        ("#", "kettőskereszt", "a kettőskeresztet", "a kettőskeresztet"),
    ],
)
def test_each_key_has_its_name_and_its_accusatives(
    key: str, name: str, press: str, short: str
) -> None:
    assert HUNGARIAN.speak(Key(key)) == name
    assert HUNGARIAN.speak(Key(key), "press") == press
    assert HUNGARIAN.speak(Key(key), "short") == short


@each_of(
    ("path", "form", "words"),
    [
        ("5.3", "", "öt pont három"),
        ("5.3", "the", "az öt pont három"),
        ("5.3", "menu", "az öt pont hármas"),
        ("2.1.1.2", "menu", "a kettő pont egy pont egy pont kettes"),
        ("2.1.1.2", "the_menu", "a kettő pont egy pont egy pont kettes"),
        ("2", "menu", "a kettes"),
        ("1.0", "menu", "az egy pont nullás"),
        ("1.8.12", "menu", "az egy pont nyolc pont tizenkettes"),
        ("4.20", "menu", "a négy pont húszas"),
    ],
)
def test_a_menu_path_is_spoken_digit_by_digit(path: str, form: str, words: str) -> None:
    assert HUNGARIAN.speak(Path(path), form) == words


@pytest.mark.parametrize(
    ("e164", "words"),
    [
        ("+3680202938", "nulla hat,| nyolcvan,| kettő nulla kettő,| kilenc három nyolc"),
        ("+3612382919", "nulla hat,| egy,| kettő három nyolc,| kettő kilenc egy kilenc"),
        ("+3646535535", "nulla hat,| negyvenhat,| öt három öt,| öt három öt"),
        ("+36209383838", "nulla hat,| húsz,| kilenc három nyolc,| három nyolc három nyolc"),
        ("+36709785611", "nulla hat,| hetven,| kilenc hét nyolc,| öt hat egy egy"),
        (
            "+442079460000",
            "plusz négy négy,| kettő nulla hét,| kilenc négy hat,| nulla nulla nulla nulla",
        ),
        ("+36112", "plusz három hat,| egy egy kettő"),
    ],
)
def test_a_telephone_number_is_spoken_in_its_printed_groups(e164: str, words: str) -> None:
    assert HUNGARIAN.speak(PhoneNumber(e164)) == words


def test_a_place_is_spoken_as_it_stands_but_cannot_make_the_voice_rest() -> None:
    assert (
        HUNGARIAN.speak(Verbatim("Zug|lóban,  a XIV. kerületben ")) == "Zuglóban, a XIV. kerületben"
    )


EIGHT, FOURTEEN, TWENTY, MIDNIGHT = time(8), time(14), time(20), time(0)
WORKDAYS = (0, 1, 2, 3, 4)


@each_of(
    ("week", "words"),
    [
        ([OpenHours(WORKDAYS, EIGHT, TWENTY)], "hétfőtől péntekig nyolctól húsz óráig"),
        (
            [OpenHours((2,), EIGHT, TWENTY), OpenHours((4, 0, 1, 3), EIGHT, FOURTEEN)],
            (
                "hétfőn, kedden, csütörtökön és pénteken nyolctól tizennégy óráig,"
                " és szerdán nyolctól húsz óráig"
            ),
        ),
        (
            [OpenHours(WORKDAYS, time(8, 30), time(16, 30))],
            "hétfőtől péntekig nyolc óra harminc perctől tizenhat óra harminc percig",
        ),
        (
            [OpenHours((0, 1), EIGHT, time(12, 2))],
            "hétfőn és kedden nyolc órától tizenkét óra két percig",
        ),
        (
            [OpenHours((0, 1, 2, 5), time(12), time(22))],
            "hétfőtől szerdáig és szombaton tizenkettőtől huszonkét óráig",
        ),
        (
            [OpenHours((3,), time(13), time(18)), OpenHours((3,), time(8), time(12))],
            "csütörtökön nyolctól tizenkét óráig és tizenháromtól tizennyolc óráig",
        ),
        (
            [OpenHours((3,), time(8), time(12)), OpenHours((3,), time(11), time(18))],
            "csütörtökön nyolctól tizennyolc óráig",
        ),
        ([OpenHours((5,), time(6), MIDNIGHT)], "szombaton hat órától éjfélig"),
        ([OpenHours((5,), MIDNIGHT, time(2))], "szombaton éjféltől két óráig"),
        ([OpenHours((5,), time(0, 30), time(2))], "szombaton nulla óra harminc perctől két óráig"),
        ([OpenHours((5, 6), MIDNIGHT, MIDNIGHT)], "szombaton és vasárnap éjjel-nappal"),
        (
            [OpenHours(tuple(range(7)), time(7), time(19))],
            "a hét minden napján héttől tizenkilenc óráig",
        ),
        (
            [OpenHours(tuple(range(7)), MIDNIGHT, MIDNIGHT)],
            "a hét minden napján, éjjel-nappal",
        ),
        (
            [OpenHours((4, 5, 6), time(10), time(11))],
            "péntektől vasárnapig tíztől tizenegy óráig",
        ),
    ],
)
def test_weekly_hours_are_told_day_by_day_in_few_words(week: list[OpenHours], words: str) -> None:
    assert HUNGARIAN.speak(Hours(tuple(week))) == words


OPENING_HOURS = [
    "egytől",
    "kettőtől",
    "háromtól",
    "négytől",
    "öttől",
    "hattól",
    "héttől",
    "nyolctól",
    "kilenctől",
    "tíztől",
    "tizenegytől",
    "tizenkettőtől",
    "tizenháromtól",
    "tizennégytől",
    "tizenöttől",
    "tizenhattól",
    "tizenhéttől",
    "tizennyolctól",
    "tizenkilenctől",
    "húsztól",
    "huszonegytől",
    "huszonkettőtől",
]


def test_each_opening_hour_takes_the_ending_of_its_vowels() -> None:
    spoken = [
        HUNGARIAN.speak(Hours((OpenHours((6,), time(hour), time(23)),))).split()[1]
        for hour in range(1, 23)
    ]
    assert spoken == OPENING_HOURS


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((2026, 12, 20), (2026, 12, 26), "december huszadikától huszonhatodikáig"),
        ((2026, 11, 28), (2026, 12, 4), "november huszonnyolcadikától december negyedikéig"),
        ((2027, 1, 5), (2027, 2, 6), "kétezer-huszonhét január ötödikétől február hatodikáig"),
        (
            (2026, 12, 28),
            (2027, 1, 3),
            "december huszonnyolcadikától kétezer-huszonhét január harmadikáig",
        ),
    ],
)
def test_a_span_of_days_names_a_shared_month_and_year_once(
    first: tuple[int, int, int], last: tuple[int, int, int], words: str
) -> None:
    span = DateSpan(date(*first), date(*last), date(2026, 11, 16))
    assert HUNGARIAN.speak(span) == words


def test_hours_of_the_day_have_endings_and_midnight_a_name() -> None:
    assert HUNGARIAN.speak(Hour(14), "from") == "tizennégy órától"
    assert HUNGARIAN.speak(Hour(22), "by") == "huszonkét órára"
    assert [HUNGARIAN.speak(Hour(0), form) for form in ("from", "by")] == ["éjféltől", "éjfélre"]


def test_the_country_code_of_a_foreign_number_stands_alone() -> None:
    assert HUNGARIAN.speak(PhoneNumber("+3531234567")).startswith("plusz három öt három,|")
    assert HUNGARIAN.speak(PhoneNumber("+4912345678")).startswith("plusz négy kilenc,|")
