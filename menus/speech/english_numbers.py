"""British English numerals in words."""

_BELOW_TWENTY = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = (
    "",
    "",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
)
_SCALES = ("", " thousand", " million", " billion", " trillion", " quadrillion")

_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def digit_by_digit(digits: str) -> str:
    """Each digit as a word; nought is "zero", never "oh"."""
    return " ".join(_BELOW_TWENTY[int(digit)] for digit in digits)


def cardinal(value: int) -> str:
    """The numeral with the British "and", without commas; nearer to zero than 10**18."""
    if value < 0:
        return f"minus {cardinal(-value)}"
    if value == 0:
        return _BELOW_TWENTY[0]
    groups: list[str] = []
    for power in reversed(range(len(_SCALES))):
        group = value // 1000**power % 1000
        if group:
            joint = "and " if groups and not power and group < 100 else ""
            groups.append(joint + _below_thousand(group) + _SCALES[power])
    return " ".join(groups)


def ordinal(value: int) -> str:
    """The ordinal of 1 to 99: "first", "twentieth", "thirty-first"."""
    words = cardinal(value)
    tens, hyphen, last = words.rpartition("-")
    if last in _IRREGULAR_ORDINALS:
        return tens + hyphen + _IRREGULAR_ORDINALS[last]
    return words.removesuffix("y") + "ieth" if words.endswith("y") else f"{words}th"


def year(value: int) -> str:
    """A year as it is said: "two thousand and twenty-seven", "nineteen ninety-eight"."""
    century, rest = divmod(value, 100)
    if not 11 <= century <= 19:
        return cardinal(value)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _below_thousand(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    if not hundreds:
        return _below_hundred(rest)
    spoken = f"{_BELOW_TWENTY[hundreds]} hundred"
    return f"{spoken} and {_below_hundred(rest)}" if rest else spoken


def _below_hundred(rest: int) -> str:
    if rest < 20:
        return _BELOW_TWENTY[rest]
    tens, units = divmod(rest, 10)
    return f"{_TENS[tens]}-{_BELOW_TWENTY[units]}" if units else _TENS[tens]
