"""The service of those days: the real one, by a clock that is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random

from flask import Flask
from sqlalchemy import Engine

from app import create_app
from cli.history.clock import SetClock
from settings import Settings


@dataclass(frozen=True, slots=True)
class PastService:
    """The service with its settings, its clock and the generator that all chance comes from."""

    settings: Settings
    app: Flask
    clock: SetClock
    rng: Random

    @property
    def engine(self) -> Engine:
        engine: Engine = self.app.extensions["engine"]
        return engine


@contextmanager
def past_service(settings: Settings, until: datetime) -> Iterator[PastService]:
    """Build it; its clock stands at ``until``, by whose day everything is drawn."""
    clock = SetClock(until)
    rng = Random(until.toordinal())  # noqa: S311 - the same day gives the same past
    service = PastService(settings, create_app(settings, clock=clock, rng=rng), clock, rng)
    try:
        yield service
    finally:
        service.engine.dispose()
