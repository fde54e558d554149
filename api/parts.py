"""What the API is made of, and what a view gets of one request."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from backend.db.transactions import read_only, write
from backend.desks import Desks
from backend.staff.api_access.api_answers import KeptAnswer, Repeatable, keep_answer
from backend.staff.api_access.api_keys import ApiKey
from messages.campaigns.policy import SendingPolicy

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ApiParts:
    """What the API works with; ``desks`` is the configuration file, ``policy`` that of sending."""

    engine: Engine
    clock: Callable[[], datetime]
    rng: Random
    desks: Desks
    policy: SendingPolicy


@dataclass(frozen=True, slots=True)
class Call:
    """One request: whose key it is, when it came, and what is in its path.

    ``repeat`` is there for a request that changes something; ``status`` is its answer's.
    """

    parts: ApiParts
    key: ApiKey
    now: datetime
    path: Mapping[str, str]
    status: int
    repeat: Repeatable | None

    @property
    def by(self) -> str:
        """Under what name the key acts."""
        return self.key.actor

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to look things up with; the database refuses to write over it."""
        with read_only(self.parts.engine) as connection:
            yield connection

    def once(self, act: Callable[[Connection], Answer]) -> Answer:
        """Do it in one transaction with its answer, so that a repeat does nothing more."""
        with write(self.parts.engine) as connection:
            answer = act(connection)
            self.keep(connection, answer)
        return answer

    def keep(self, connection: Connection, answer: BaseModel) -> None:
        """Keep the answer in the transaction of what was done, for use cases that open their own.

        Raises ``AnsweredMeanwhileError`` where another process was faster.
        """
        if self.repeat is not None:
            kept = KeptAnswer(self.status, answer.model_dump_json())
            keep_answer(connection, self.repeat, kept, self.now)
