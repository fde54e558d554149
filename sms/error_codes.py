"""What the carrier's codes mean: a table that a deployment can replace, and a safe default."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from backend.interface.codes import StopReason
from common.yaml_sections import Section

Kind = Literal["permanent", "transient", "configuration", "in_doubt"]

SHIPPED = Path(__file__).with_name("carrier_codes.yaml")

_STOPS: tuple[StopReason, ...] = (StopReason.UNREACHABLE, StopReason.OPTED_OUT)
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What to do about a code; ``stop`` is why its number gets no message any more, if so."""

    kind: Kind
    stop: StopReason | None
    sentence: str


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The meanings of all codes that are known."""

    meanings: Mapping[int, CodeMeaning]

    def find(self, code: int | None, http_status: int | None = None) -> CodeMeaning:
        """The meaning of a code, or else of the HTTP status of the answer that it came in.

        An unknown code is ``permanent`` when the carrier has refused or failed the message. A
        refusal without any code is not the carrier's but of something on the way to it, so it
        tells nothing of the number: ``configuration``. What may have been taken is ``in_doubt``:
        nothing unknown is ever sent again by itself.
        """
        known = None if code is None else self.meanings.get(code)
        return known or CodeMeaning(_kind(code, http_status), None, _sentence(code, http_status))


def load_codes(path: Path | None = None) -> CodeTable:
    """The table in a file, or the shipped one.

    Raises ``ConfigurationError`` that names the file, the place, the value and the hint.
    """
    root = Section.load(path or SHIPPED).only("kinds", "stops")
    kinds = root.section("kinds").only(*get_args(Kind))
    meanings: dict[int, CodeMeaning] = {}
    for kind in get_args(Kind):
        group = kinds.section(kind)
        for key in group:
            code = _code(group, key, key)
            if code in meanings:
                raise group.wrong(key, key, "is there twice. Leave it under one kind.")
            meanings[code] = CodeMeaning(kind, None, group.text(key))
    for code, reason in _stops(root.section("stops").only(*_STOPS), meanings):
        meanings[code] = CodeMeaning("permanent", reason, meanings[code].sentence)
    return CodeTable(meanings)


def _stops(
    section: Section, meanings: Mapping[int, CodeMeaning]
) -> Iterator[tuple[int, StopReason]]:
    seen: set[int] = set()
    for reason in _STOPS:
        for value in section.texts(reason):
            code = _code(section, reason, value)
            if code not in meanings or meanings[code].kind != "permanent":
                complaint = "is not among the permanent codes. Write it there, or take it out."
                raise section.wrong(reason, value, complaint)
            if code in seen:
                raise section.wrong(reason, value, "is there twice. Leave it once.")
            seen.add(code)
            yield code, reason


def _code(section: Section, key: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
        raise section.wrong(key, value, "is no code of the carrier. Write its number, like 21614.")
    return int(value)


def _kind(code: int | None, http_status: int | None) -> Kind:
    match http_status:
        case 401 | 403 | 404 | 405:
            # Of the last two: the account or the address is wrong, whoever the message is for.
            return "configuration"
        case 408 if code is None:
            # Who waited in vain may have passed the request on.
            return "in_doubt"
        case 429:
            return "transient"
        case None:
            return "permanent"
        case status if 400 <= status < 500:
            return "configuration" if code is None else "permanent"
        case _:
            return "in_doubt"


def _sentence(code: int | None, http_status: int | None) -> str:
    if code is not None:
        return f"The carrier gives code {code}, which is not in the table of codes."
    if http_status is not None:
        return (
            f"The answer was HTTP status {http_status} without the carrier's code. Something on "
            "the way refuses, such as a proxy, or TWILIO_API_URL is wrong."
        )
    return "The carrier gives no reason."
