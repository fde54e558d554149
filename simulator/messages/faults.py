"""Faults on demand: what goes wrong, for whom, and how often."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from random import Random
from typing import Any, Self

LONGEST_SECONDS = 600.0


class FaultsError(ValueError):
    """A fault that cannot be: names it, the value and what is wanted."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """Strikes a message to one of ``recipients``, else the ``next`` so many, else by chance.

    ``next`` counts down as it strikes. Raises ``FaultsError`` for values out of range.
    """

    probability: float = 0.0
    recipients: tuple[str, ...] = ()
    next: int = 0

    def __post_init__(self) -> None:
        _require(_within(self.probability, 0, 1), "probability", self.probability, "from 0 to 1")
        _require(_whole(self.next) and self.next >= 0, "next", self.next, "0 or more")
        known = isinstance(self.recipients, list | tuple | set | frozenset)
        known = known and all(isinstance(number, str) for number in self.recipients)
        _require(known, "recipients", self.recipients, "a list of numbers")
        self.recipients = tuple(self.recipients)

    def strikes(self, recipient: str, rng: Random) -> bool:
        """Decide for one message; ``rng`` is drawn from only when a probability is set."""
        if recipient in self.recipients:
            return True
        if self.next:
            self.next -= 1
            return True
        return self.probability > 0 and rng.random() < self.probability


@dataclass(slots=True, kw_only=True)
class TimedFault(Fault):
    """A fault that takes ``seconds``."""

    seconds: float = 5.0

    def __post_init__(self) -> None:
        Fault.__post_init__(self)
        wanted = f"from 0 to {LONGEST_SECONDS:.0f}"
        _require(_within(self.seconds, 0, LONGEST_SECONDS), "seconds", self.seconds, wanted)


@dataclass(slots=True, kw_only=True)
class CodedFault(Fault):
    """A fault that carries a ``code`` of Twilio's dictionary."""

    code: int

    def __post_init__(self) -> None:
        Fault.__post_init__(self)
        known = _whole(self.code) and 10_000 <= self.code <= 99_999
        _require(known, "code", self.code, "a number of five digits")


@dataclass(slots=True, kw_only=True)
class StatusFault(Fault):
    """A fault that is an HTTP ``status``."""

    status: int = 500

    def __post_init__(self) -> None:
        Fault.__post_init__(self)
        _require(self.status in (500, 503), "status", self.status, "500 or 503")


@dataclass(slots=True, kw_only=True)
class Faults:
    """Every fault there is; each rests until it is given somebody to strike.

    Of the request, nothing created: ``too_many`` (429), ``error_before`` (500 or 503),
    ``cut_before`` (the connection ends without an answer), ``refuse`` (with a code of choice).
    Of the answer, the message created: ``cut_after``, ``error_after`` (500), ``slow`` (answered
    after so many seconds), ``accept_and_never_answer`` (the connection is held open for so many
    seconds at most, then ends without an answer).
    Of the delivery: ``fail_delivery`` (failed or undelivered with a code), ``stuck_in_sent`` (no
    final status ever). Of its receipts: ``receipts_late``, ``receipts_doubled``,
    ``receipts_reordered`` (the final one comes first), ``receipts_lost``; the message's status,
    as the API shows it, moves on undisturbed.
    """

    too_many: Fault = field(default_factory=Fault)
    error_before: StatusFault = field(default_factory=StatusFault)
    cut_before: Fault = field(default_factory=Fault)
    refuse: CodedFault = field(default_factory=lambda: CodedFault(code=21612))
    cut_after: Fault = field(default_factory=Fault)
    error_after: Fault = field(default_factory=Fault)
    slow: TimedFault = field(default_factory=TimedFault)
    accept_and_never_answer: TimedFault = field(default_factory=lambda: TimedFault(seconds=30.0))
    fail_delivery: CodedFault = field(default_factory=lambda: CodedFault(code=30005))
    stuck_in_sent: Fault = field(default_factory=Fault)
    receipts_late: TimedFault = field(default_factory=TimedFault)
    receipts_doubled: Fault = field(default_factory=Fault)
    receipts_reordered: Fault = field(default_factory=Fault)
    receipts_lost: Fault = field(default_factory=Fault)

    @classmethod
    def from_json(cls, given: object) -> Self:
        """Read an object of faults by name; what is left out rests, with its default settings.

        Raises ``FaultsError``.
        """
        faults = cls()
        known = [each.name for each in fields(cls)]
        for name, settings in _object(given, "faults").items():
            if name not in known:
                raise FaultsError(f"{name}: there is no such fault, only {', '.join(known)}")
            default = getattr(faults, name)
            settings = {**asdict(default), **_object(settings, name)}
            try:
                setattr(faults, name, type(default)(**settings))
            except TypeError:
                unknown = sorted(set(settings) - set(asdict(default)))
                raise FaultsError(f"{name}: has no setting {', '.join(unknown)}") from None
            except FaultsError as error:
                raise FaultsError(f"{name}: {error}") from None
        return faults

    def as_json(self) -> dict[str, Any]:
        """Every fault by name with all its settings; ``next`` shows what is left of it."""
        return asdict(self)


CUTTING = ("accept_and_never_answer", "cut_before", "cut_after")
"""The faults that end a connection without an answer; not every server can be made to."""


def _object(given: object, name: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise FaultsError(f"{name}: an object is wanted, not {given!r}")
    return given


def _require(holds: bool, name: str, value: object, wanted: str) -> None:
    if not holds:
        raise FaultsError(f"{name}: {wanted} is wanted, not {value!r}")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _within(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
