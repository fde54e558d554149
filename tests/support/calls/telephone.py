"""Calls for tests: the simulated carrier on the real webhooks, with real signatures.

A scenario's clock stands where it was put; a call's transcript is read back from the store at every
turn, because that is the only place where the service keeps it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Engine, select

from app import create_app
from backend.db.tables.records import turns
from common.timezone import BUDAPEST
from settings import Settings
from simulator.carrier import Carrier
from simulator.transport import WsgiTransport
from simulator.voice.dial import DialOutcome, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

TOKEN = "a token that only tests know"
PUBLIC_URL = "https://line.example.hu/ivr"
LINE_NUMBER = "+3680202938"
HEAT_NUMBER = "+3680000010"
LINE_NUMBERS = {"electricity": LINE_NUMBER, "heat": HEAT_NUMBER}
CALLER = "+36301234567"


@dataclass
class Clock:
    """A clock that moves only when it is set; given and set in Budapest, read in UTC."""

    now: datetime

    @classmethod
    def at(cls, local: str) -> "Clock":
        """Stand at a moment such as "2026-11-21 10:00" in Budapest."""
        return cls(budapest(local))

    def set(self, local: str) -> None:
        """Move to another moment in Budapest."""
        self.now = budapest(local)

    def pass_by(self, seconds: float) -> None:
        """Move on, as the time of a call does."""
        self.now = (self.now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(BUDAPEST)

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)


def budapest(local: str) -> datetime:
    """Return the moment that a clock in Budapest shows so."""
    return datetime.fromisoformat(local).replace(tzinfo=BUDAPEST)


@dataclass
class Exchange:
    """A service on a database, and a carrier whose numbers lead to it.

    Unless ``time_passes`` with the calls, the service's clock stands where it was put, and no key
    comes too early for its question (``CONFIRM_AFTER`` is 0).

    With ``compares_replays`` each turn is told a second time by a worker that has kept nothing of
    the call: the same words, byte for byte.
    """

    database_url: str
    clock: Clock
    rng: Random = field(default_factory=lambda: Random(20260101))  # noqa: S311 - tests repeat
    far_end: Outcome | DialOutcome = "answered"
    settings: dict[str, Any] = field(default_factory=dict)
    time_passes: bool = False
    compares_replays: bool = False

    def __post_init__(self) -> None:
        self._workers: list[Flask] = []
        self.app = self.make_app()
        self.carrier = self.make_carrier()

    def __enter__(self) -> "Exchange":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.extensions["engine"].dispose()

    def make_app(self) -> Flask:
        """Start one more worker on the same database."""
        usual = {
            "database_url": self.database_url,
            "public_url": PUBLIC_URL,
            "auth_token": TOKEN,
            **({} if self.time_passes else {"confirmation_delay": "0"}),
        }
        settings = Settings(**usual | self.settings)
        worker = create_app(settings, clock=self.clock, rng=self.rng)
        self._workers.append(worker)
        return worker

    def restart(self) -> None:
        """Let another worker, with the present settings, take the webhooks from now on."""
        self.app = self.make_app()

    def make_carrier(self, **line: object) -> Carrier:
        """Make a carrier that calls the present worker behind the public address."""
        settings: dict[str, Any] = {
            "voice_url": f"{PUBLIC_URL}/voice/incoming",
            "status_url": f"{PUBLIC_URL}/voice/status",
            "fallback_url": f"{PUBLIC_URL}/voice/fallback",
            "auth_token": TOKEN,
            "transport": WsgiTransport(self._proxy),
            "rng": self.rng,
            "dial_outcome": lambda _number: self.far_end,
        }
        if self.time_passes:
            settings["passing"] = self.clock.pass_by
        return Carrier(**settings | line)

    def _proxy(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Stand in for the proxy that serves the public address: it cuts its path off."""
        prefix = urlsplit(PUBLIC_URL).path
        assert environ["PATH_INFO"].startswith(f"{prefix}/"), environ["PATH_INFO"]
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
        if not self.compares_replays or not environ["PATH_INFO"].startswith("/voice/turns/"):
            return self.app(environ, start_response)
        body = environ["wsgi.input"].read()
        again = {**environ, "wsgi.input": BytesIO(body)}
        environ["wsgi.input"] = BytesIO(body)
        told = b"".join(self.app(environ, start_response))
        dialogues = self.app.extensions["dialogues"]
        kept = dict(dialogues._by_call)
        dialogues.clear()
        assert b"".join(self.app(again, lambda *_: bytes)) == told
        dialogues._by_call.update(kept)
        return [told]


def place(engine: Engine, call_sid: str) -> str:
    """Return where the last turn of a call has left it."""
    last = select(turns.c.place).where(turns.c.call_sid == call_sid).order_by(turns.c.turn.desc())
    with engine.connect() as connection:
        return str(connection.scalars(last).first())
