"""Hungarian numerals in words, and the article that goes before them."""

_UNITS = ("", "egy", "kettő", "három", "négy", "öt", "hat", "hét", "nyolc", "kilenc")
_TENS = (
    "",
    "tíz",
    "húsz",
    "harminc",
    "negyven",
    "ötven",
    "hatvan",
    "hetven",
    "nyolcvan",
    "kilencven",
)
_TENS_BEFORE_UNITS = {"tíz": "tizen", "húsz": "huszon"}
_SCALES = ("", "ezer", "millió", "milliárd", "billió", "billiárd")

_NAMED = {
    "nulla": "nullás",
    "egy": "egyes",
    "kettő": "kettes",
    "három": "hármas",
    "négy": "négyes",
    "öt": "ötös",
    "hat": "hatos",
    "hét": "hetes",
    "nyolc": "nyolcas",
    "kilenc": "kilences",
    "tíz": "tízes",
    "húsz": "húszas",
    "harminc": "harmincas",
    "negyven": "negyvenes",
    "ötven": "ötvenes",
    "hatvan": "hatvanas",
    "hetven": "hetvenes",
    "nyolcvan": "nyolcvanas",
    "kilencven": "kilencvenes",
    "száz": "százas",
    "ezer": "ezres",
    "millió": "milliós",
    "milliárd": "milliárdos",
    "billió": "billiós",
    "billiárd": "billiárdos",
}

_VOWELS = frozenset("aáeéiíoóöőuúüű")


def digit_by_digit(digits: str) -> str:
    """Each digit as a word; two is always "kettő", which cannot be misheard as "hét"."""
    return " ".join(_UNITS[int(digit)] or "nulla" for digit in digits)


def cardinal(value: int) -> str:
    """The numeral as it stands alone, two as "kettő"; for numbers nearer to zero than 10**18.

    Up to 2000 it is one word, above that groups of three figures are hyphenated (AkH. 289).
    One hundred and one thousand after a higher group are "egyszáz" and "egyezer", which are
    harder to miss by ear than the bare "száz" and "ezer".
    """
    if value < 0:
        return f"mínusz {cardinal(-value)}"
    groups: list[str] = []
    for power in reversed(range(len(_SCALES))):
        group = value // 1000**power % 1000
        if group:
            groups.append(_scaled(group, _SCALES[power], leads=not groups))
    return ("-" if value > 2000 else "").join(groups) or "nulla"


def attributive(value: int) -> str:
    """The numeral before a noun: as cardinal, but a final two is "két"."""
    return _before_noun(cardinal(value))


def named(value: int) -> str:
    """The -as/-es name of a figure: "egyes", "tizenkettes", "húszas", "kétezres"."""
    words = cardinal(value)
    ending = max((known for known in _NAMED if words.endswith(known)), key=len)
    return words.removesuffix(ending) + _NAMED[ending]


def with_article(spoken: str) -> str:
    """Prefixes "az" before a vowel and "a" elsewhere, unless an article stands there already."""
    if spoken.startswith(("a ", "az ")):
        return spoken
    return f"{'az' if spoken[0] in _VOWELS else 'a'} {spoken}"


def _before_noun(words: str) -> str:
    return words.removesuffix("kettő") + "két" if words.endswith("kettő") else words


def _scaled(group: int, scale: str, *, leads: bool) -> str:
    if leads and group == 1 and scale == "ezer":
        return scale
    words = _below_thousand(group, leads=leads)
    return _before_noun(words) + scale if scale else words


def _below_thousand(group: int, *, leads: bool) -> str:
    hundreds, rest = divmod(group, 100)
    tens, units = divmod(rest, 10)
    many = "" if leads and hundreds == 1 else _before_noun(_UNITS[hundreds])
    ten = _TENS[tens]
    if units:
        ten = _TENS_BEFORE_UNITS.get(ten, ten)
    return (f"{many}száz" if hundreds else "") + ten + _UNITS[units]
