"""Fixtures of the carrier's tests: a voice application, a carrier in front of it, a call."""

from random import Random
from typing import Any

import pytest

from simulator import Carrier, SimulatedCall, WsgiTransport
from tests.unit.simulator.voice_application import BASE, TOKEN, Dial, NewCarrier, Service


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def carrier(service: Service) -> NewCarrier:
    """Makes a carrier whose calls go to ``/voice``; keywords change its configuration."""

    def make(**line: Any) -> Carrier:
        settings: dict[str, Any] = {
            "voice_url": f"{BASE}/voice",
            "auth_token": TOKEN,
            "transport": WsgiTransport(service.application),
            "rng": Random(1),  # noqa: S311 - call ids that repeat from run to run
        }
        return Carrier(**(settings | line))

    return make


@pytest.fixture
def dial(service: Service, carrier: NewCarrier) -> Dial:
    """Puts the verbs at ``/voice`` and dials; ``/keys`` thanks for its digits and hangs up."""
    service.at("/keys", "<Say>Thank you</Say>")

    def make(verbs: str = "", *, listens: bool = True, **line: Any) -> SimulatedCall:
        if verbs:
            service.at("/voice", verbs)
        return carrier(**line).dial(from_="+36301234567", to="+3680202938", listens=listens)

    return make
