"""Every query and command has a handler that takes it and gives the answer that it names."""

from typing import Any, get_args, get_type_hints

from backend.interface.commands import Command
from backend.interface.queries import Query, answer_type
from backend.service import HANDLERS
from tests.support.runs.tables import each_of

QUERIES = tuple(Query.__subclasses__())
COMMANDS = get_args(Command)


def test_what_has_a_handler_is_every_query_and_every_command() -> None:
    assert set(HANDLERS) == {*QUERIES, *COMMANDS}


@each_of("query", QUERIES)
def test_a_query_is_answered_with_the_type_that_it_names(query: type[Query[Any]]) -> None:
    taken, returned = _signature(query)
    assert query in taken
    assert returned == answer_type(query)


@each_of("command", COMMANDS)
def test_a_command_is_answered_with_receipts(command: type) -> None:
    taken, returned = _signature(command)
    assert any(issubclass(command, each) for each in taken)
    assert returned == tuple[str, ...]


def _signature(asked: type) -> tuple[tuple[type, ...], object]:
    hints = get_type_hints(HANDLERS[asked])
    returned = hints.pop("return")
    # The connection, the question and its context; who begins the transaction has a way to do so.
    _, taken, *_ = hints.values()
    return get_args(taken) or (taken,), returned
