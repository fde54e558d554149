"""An identity provider (OpenID Connect) as a way to log in: what it is asked, what it answers.

Nothing here speaks to it; ``openid_client.py`` does, where the extra ``oidc`` is installed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """The account of this console at a provider.

    ``callback`` is the address to which the provider sends people back. ``factor_classes`` are the
    values of ``acr`` by which it says that it has seen a second factor.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    callback: str
    factor_classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """One login that is on its way: what the answer has to match."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """The parameters with which a browser comes back from the provider."""

    state: str
    code: str
    issuer: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """Who has logged in at the provider, when, and whether with a second factor."""

    issuer: str
    subject: str
    with_factor: bool
    authenticated_at: datetime | None


class ProviderFault(StrEnum):
    """Why a login by a provider came to nothing."""

    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    STALE = "stale"
    ANSWER = "answer"
    UNLINKED = "unlinked"
    OTHER_PERSON = "other-person"
    WAIT = "wait"


class ProviderError(Exception):
    """A login by a provider that came to nothing.

    ``reason`` is for the log: a word such as ``nonce``, never a value.
    """

    def __init__(self, fault: ProviderFault, reason: str) -> None:
        super().__init__(f"{fault}: {reason}")
        self.fault = fault
        self.reason = reason


class IdentityProvider(Protocol):
    """A provider that is configured. Both methods raise ``ProviderError``."""

    @property
    def issuer(self) -> str:
        """Its identifier, exactly as it writes it."""

    def begin(self, rng: Random, language: str, *, again: bool) -> tuple[str, Flow]:
        """The address to which to send a browser, and the flow to keep for its return.

        ``again``: whoever is logged in there already has to prove once more who they are.
        """

    def identity(self, flow: Flow, arrival: Arrival) -> ProvenIdentity:
        """Who has come back: checked by state, code and verifier, signature, ``iss``, ``aud``,
        times and nonce.
        """
