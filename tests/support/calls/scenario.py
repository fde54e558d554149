"""Calls written down as data: who calls when, which keys, what must be heard and stored."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.db.transactions import read, write
from backend.records.notices.extra_windows import add_window
from backend.records.requests.ledger import list_requests
from simulator.voice.call import SimulatedCall
from simulator.voice.dial import Outcome
from simulator.voice.events import Dialled
from tests.support.calls.telephone import CALLER, LINE_NUMBERS, Exchange
from tests.support.colleagues.staff import colleague
from tests.support.databases.records import budapest

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = Path(__file__).parents[2] / "scenarios"


@dataclass(frozen=True)
class Scenario:
    """One scenario of ``tests/scenarios``; ``case`` is its number in the domain's list.

    ``line`` is the one of ``lines.yaml`` that is called. The clock goes on as the call does, or,
    where ``time`` is "stands", only by the steps that set it.
    """

    file: str
    name: str
    at: str
    steps: list[tuple[str, Any]]
    case: int | None = None
    caller: str = CALLER
    line: str = "electricity"
    far_end: Outcome = "answered"
    time: str = "passes"
    outcome: str | None = None
    stored: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


@cache
def scenarios() -> list[Scenario]:
    """Read every scenario, once a run; a key that is not known is an error."""
    return [scenario for path in sorted(FOLDER.glob("*.yaml")) for scenario in _in_file(path)]


def _in_file(path: Path) -> Iterator[Scenario]:
    # Every process that collects tests reads these: by libyaml it takes a tenth of the time.
    for entry in yaml.load(path.read_bytes(), _Loader):  # noqa: S506 - a safe one
        given = dict(entry)
        steps = [next(iter(step.items())) for step in given.pop("call")]
        yield Scenario(path.name, given.pop("scenario"), steps=steps, **given)


class Player:
    """Plays a scenario's steps on an exchange."""

    def __init__(self, exchange: Exchange, scenario: Scenario) -> None:
        self.exchange = exchange
        self.scenario = scenario
        self.call: SimulatedCall | None = None

    def play(self) -> None:
        """Play all steps; a step that does not come out as written fails with its number."""
        self._dials(None)
        for number, (verb, argument) in enumerate(self.scenario.steps, start=1):
            try:
                getattr(self, "_" + verb.replace(" ", "_"))(argument)
            except AssertionError as problem:
                raise AssertionError(
                    f"{self.scenario}, step {number} ({verb}: {argument})\n{problem}\n"
                    f"heard so far:\n" + "\n".join(self._call.heard[-12:])
                ) from None
        self._call.hang_up()
        assert not self._call.errors, self._call.errors
        assert not self._call.warnings, self._call.warnings

    @property
    def _call(self) -> SimulatedCall:
        assert self.call is not None
        return self.call

    def _dials(self, _: None) -> None:
        if self.call is not None:
            self.call.hang_up()
        number = LINE_NUMBERS[self.scenario.line]
        self.call = self.exchange.carrier.dial(from_=self.scenario.caller, to=number)

    def _keys(self, groups: str | int) -> None:
        for group in str(groups).split():
            assert not self._call.ended, f"the call was over before {group} could be pressed"
            if group == "-":
                self._call.silence()
            else:
                self._call.type(group)

    def _types_the_receipt_of_request(self, number: int) -> None:
        with read(self.exchange.app.extensions["engine"]) as connection:
            receipts = [request.receipt for request in list_requests(connection)]
        self._call.type(receipts[number - 1])

    def _hears(self, expected: str | list[str]) -> None:
        for text in [expected] if isinstance(expected, str) else expected:
            heard = normal(self._call.last_heard)
            assert normal(text) in heard, f"not heard: {text}\nbut: {heard}"

    def _hears_not(self, unexpected: str) -> None:
        heard = normal(self._call.last_heard)
        assert normal(unexpected) not in heard, f"heard: {unexpected}\nin: {heard}"

    def _clock(self, local: str) -> None:
        self.exchange.clock.set(local)

    def _extra_window(self, span: Mapping[str, str]) -> None:
        opens, closes = date.fromisoformat(span["opens"]), date.fromisoformat(span["closes"])
        with write(self.exchange.app.extensions["engine"]) as connection:
            add_window(
                connection,
                span["area"],
                opens,
                closes,
                colleague(connection),
                now=budapest(f"{opens}T00:00"),
            )

    def _someone_else_gives(self, keys: str) -> None:
        other = self.exchange.carrier.dial(from_="anonymous", to=LINE_NUMBERS[self.scenario.line])
        for group in keys.split():
            other.type(group)
        other.hang_up()

    def _far_end(self, outcome: Outcome) -> None:
        self.exchange.far_end = outcome

    def _dialled(self, numbers: str | list[str]) -> None:
        wanted = [numbers] if isinstance(numbers, str) else numbers
        dialled = [event.number for event in self._call.events if isinstance(event, Dialled)]
        assert dialled == wanted, f"dialled: {dialled}"

    def _waits_for(self, attributes: Mapping[str, str]) -> None:
        gather = self._call.gather or {}
        assert attributes.items() <= gather.items(), f"the Gather has {gather}"

    def _hangs_up(self, _: None) -> None:
        self._call.hang_up()

    def _is_over(self, _: None) -> None:
        assert self._call.ended, "the call still goes on"


def normal(text: str) -> str:
    """Return a text without its pauses, so that scenarios read as sentences."""
    return re.sub(r"\s+", " ", text.replace("…", " ")).replace(" ,", ",").replace(" .", ".").strip()
