"""What a Gather collects, by the nine rules of the carrier's documentation; no clock here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

KEYS = "0123456789*#"
DEFAULT_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class GatherSettings:
    """A Gather's attributes, checked; ``count`` is ``numDigits`` or None for no limit."""

    attributes: dict[str, str]
    action: str
    method: str
    timeout: float
    finish_on_key: str
    count: int | None
    action_on_empty: bool
    hears_keys: bool


def gather_settings(gather: Element, warn: Callable[[int, str], None]) -> GatherSettings:
    """Read the attributes; one that is invalid is reported to ``warn`` and keeps its default."""
    finish = gather.get("finishOnKey", "#")
    if len(finish) > 1:
        warn(13311, f"finishOnKey {finish!r} is longer than one key")
        finish = "#"
    elif finish not in KEYS:
        warn(13310, f"finishOnKey {finish!r} is not a key")
        finish = "#"
    listens_for = gather.get("input", "dtmf").split()
    if not listens_for or set(listens_for) - {"dtmf", "speech"}:
        warn(13326, f"input {gather.get('input')!r} is neither dtmf nor speech")
        listens_for = ["dtmf"]
    timeout = _positive(gather, "timeout", 13313, warn)
    return GatherSettings(
        attributes=dict(gather.attrib),
        action=gather.get("action", "").strip(),
        method=verb_method(gather, 13312, warn),
        timeout=DEFAULT_TIMEOUT if timeout is None else float(timeout),
        finish_on_key=finish,
        count=_positive(gather, "numDigits", 13314, warn),
        action_on_empty=gather.get("actionOnEmptyResult", "false").lower() == "true",
        hears_keys="dtmf" in listens_for,
    )


def verb_method(verb: Element, code: int, warn: Callable[[int, str], None]) -> str:
    """A verb's ``method``; POST unless it says GET."""
    method = verb.get("method", "POST")
    if method.upper() not in ("GET", "POST"):
        warn(code, f"method {method!r} is neither GET nor POST")
        return "POST"
    return method.upper()


def _positive(
    gather: Element, name: str, code: int, warn: Callable[[int, str], None]
) -> int | None:
    text = gather.get(name)
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    warn(code, f"{name} {text!r} is not a positive whole number")
    return None


@dataclass(slots=True)
class Collector:
    """The keys of one Gather.

    ``digits`` never holds the finishing key; ``finished_on`` is that key, or empty when the
    number of digits or the time-out ended the entry.
    """

    settings: GatherSettings
    digits: str = ""
    finished_on: str = field(default="", init=False)

    def take(self, key: str) -> bool:
        """Add a key; true when the entry is over with it."""
        if key == self.settings.finish_on_key:
            self.finished_on = key
            return True
        self.digits += key
        return len(self.digits) == self.settings.count
