"""Where the time of each kind of turn goes: processor time by part, on both databases."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import click

from backend.calls import transcripts
from benchmarks import page
from benchmarks.turns import turn
from carrier.signature import SignatureCheck
from ivr import call_handler, turn_middleware
from ivr.dialogue.engine import Running
from ivr.kept_dialogues import KeptDialogues
from ivr.turn_transaction import TurnTransaction
from ivr.twiml import TwimlRenderer
from settings import HERE
from web_server.request_buffering import respond

PAGE = HERE / "docs" / "performance.md"
ROUNDS = 7
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "form": ((turn_middleware, "form_fields"), (turn_middleware, "first_values")),
    "signature": ((SignatureCheck, "fits"),),
    "read": ((transcripts, "read_turns"),),
    "dialogue": ((Running, "go_on"), (KeptDialogues, "take_waiting"), (KeptDialogues, "keep")),
    "records": (
        (TurnTransaction, "look_up"),
        (TurnTransaction, "submit"),
    ),
    "write": (
        (TurnTransaction, "begin_call"),
        (TurnTransaction, "add_turn"),
        (TurnTransaction, "__exit__"),
    ),
    "flush": ((call_handler, "flush"),),
    "render": ((TwimlRenderer, "document"),),
}
REST = "rest"


class Stopwatch:
    """Processor time by part, in microseconds; what a part calls of another is the other's."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time counts for that part."""

        def run(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            self._inner.append(0.0)
            try:
                return function(*given, **named)
            finally:
                took = time.process_time() - began
                self.spent[part] += (took - self._inner.pop()) * 1e6
                if self._inner:
                    self._inner[-1] += took

        return run


@contextmanager
def measured_parts() -> Iterator[Stopwatch]:
    """Time the parts of all turns that are taken in this block."""
    watch = Stopwatch()
    with ExitStack() as patches:
        for part, functions in PARTS.items():
            for owner, name in functions:
                timed = watch.timed(part, getattr(owner, name))
                patches.enter_context(patch.object(owner, name, timed))
        yield watch


def main() -> None:
    """Measure, and write the section."""
    with turn.prepared() as (calls, measured), measured_parts() as watch:
        tables = "\n\n".join(_table(each, calls[0], watch) for each in measured[1:])
    section = f"""## Where a turn's time goes

Processor time of the application a request, in microseconds: the median of {ROUNDS} rounds of
{turn.CALLS} calls side by side (path 5.3.1), as in [benchmarks.md](benchmarks.md); the clocks
themselves add a tenth. "read" is of turns that were not kept, "dialogue" goes on with one that was,
"records" is everything that is asked or stored besides the turn, "write" the turn and the commit,
"rest" the middleware, the connection and what lies between the parts.

{tables}

{page.conditions("sqlalchemy", "psycopg")}
"""
    page.put(section, PAGE, HEAD)
    click.echo(section)


HEAD = """# Performance

The tables are written by `make bench`; what was decided is in
[0010](decisions/0010-hot-path.md), [0079](decisions/0079-turn-middleware.md),
[0096](decisions/0096-cost-of-a-turn.md), [0120](decisions/0120-kept-dialogues.md) and
[0125](decisions/0125-own-processors.md).
"""


def _table(contestant: turn.Contestant, steps: list[turn.Step], watch: Stopwatch) -> str:
    parts = (*PARTS, REST)
    costs: dict[str, list[list[float]]] = defaultdict(list)
    for number in range(ROUNDS + 1):
        for step in (each for each in steps if each.is_counted):
            watch.spent.clear()
            first = (1000 + number) * turn.CALLS
            requests = [turn.environ_of(step, first + each) for each in range(turn.CALLS)]
            before = time.process_time()
            for request in requests:
                respond(contestant.application, request)
            whole = (time.process_time() - before) * 1e6
            contestant.clock.pass_by(turn.SECONDS_A_TURN)
            spent = [watch.spent[part] for part in PARTS]
            if number > 0:
                costs[step.kind].append([*spent, whole - sum(spent), whole])
    rows = [
        f"| {kind} | {' | '.join(f'{_usual(column):.0f}' for column in zip(*each, strict=True))} |"
        for kind, each in costs.items()
    ]
    head = f"| {contestant.name} | {' | '.join((*parts, 'whole'))} |"
    return "\n".join([head, "|---" * (len(parts) + 2) + "|", *rows])


def _usual(column: tuple[float, ...]) -> float:
    return statistics.median(column) / turn.CALLS


if __name__ == "__main__":
    main()
