"""OpenID Connect with Authlib: authorization code with PKCE (S256), state and nonce.

It asks no address but the issuer's and those that the issuer's own metadata name. Needs the extra
``oidc``; only ``app.py`` imports it, when a provider is configured.
"""

import base64
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests.exceptions import JSONDecodeError as RequestsJSONDecodeError
from requests.exceptions import RequestException

from backend.http_deadline import DeadlineSession, keep_deadlines, within
from backend.staff.authentication.identity_provider import (
    Arrival,
    Flow,
    ProvenIdentity,
    ProviderAccount,
    ProviderError,
    ProviderFault,
)

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""Signatures by a key that only the issuer has: no ``none``, and none by the shared secret."""

KEPT = timedelta(hours=1)
"""How long metadata and keys are used before they are asked for again."""

KEYS_AT_MOST_EVERY = timedelta(minutes=1)
"""How often a signature by a key that is not known makes us ask for the keys."""

RESTS = timedelta(seconds=10)
"""How long a provider that did not answer is not asked: each question would hold a thread."""

LEEWAY_SECONDS = 60
_SECONDS = (3.0, 5.0)
"""To connect, and between two bytes of an answer."""
_SECONDS_IN_ALL = 10
"""For one question, whatever the provider trickles: it holds a thread of the console."""
_RANDOM_BYTES = 32
_FACTOR = "mfa"
"""The value of ``amr`` for several factors (RFC 8176)."""


class OpenIdClient:
    """The console's side of one provider; see ``IdentityProvider``."""

    def __init__(self, account: ProviderAccount, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._clock = clock
        self._metadata: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._silent_at: datetime | None = None

    @property
    def issuer(self) -> str:
        return self._account.issuer

    def begin(self, rng: Random, language: str, *, again: bool) -> tuple[str, Flow]:
        with _telling():
            flow = Flow(_drawn(rng), _drawn(rng), _drawn(rng))
            asked = {"nonce": flow.nonce, "ui_locales": language}
            if again:
                asked |= {"prompt": "login", "max_age": "0"}
            address, _state = self._session().create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=flow.state,
                code_verifier=flow.verifier,
                **asked,
            )
            return str(address), flow

    def identity(self, flow: Flow, arrival: Arrival) -> ProvenIdentity:
        if not hmac.compare_digest(flow.state.encode(), arrival.state.encode()):
            raise ProviderError(ProviderFault.STALE, "state")
        with _telling():
            self._check_sender(arrival)
            session, endpoint = self._session(), self._endpoint("token_endpoint")
            with within(_SECONDS_IN_ALL):
                token = session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=arrival.code,
                    code_verifier=flow.verifier,
                    timeout=_SECONDS,
                    allow_redirects=False,
                )
            return self._proven(token, flow.nonce)

    def _check_sender(self, arrival: Arrival) -> None:
        """RFC 9207: an answer that names its issuer, or has to, comes from ours."""
        told = self._known().get("authorization_response_iss_parameter_supported") is True
        if arrival.issuer != self.issuer and (told or arrival.issuer is not None):
            raise ProviderError(ProviderFault.ANSWER, "issuer of the answer")
        if arrival.error is not None:
            cancelled = arrival.error in {"access_denied", "login_required"}
            fault = ProviderFault.CANCELLED if cancelled else ProviderFault.ANSWER
            raise ProviderError(fault, "error of the provider")

    def _proven(self, token: Mapping[str, Any], nonce: str) -> ProvenIdentity:
        if not isinstance(token.get("id_token"), str):
            raise ProviderError(ProviderFault.ANSWER, "no id_token")
        decoded = self._decoded(token["id_token"])
        told = {"nonce": nonce, "client_id": self._account.client_id}
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": self.issuer}},
            told | {"access_token": token.get("access_token")},
        )
        claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_SECONDS)
        # Exactly us: an answer that is for others as well could have been taken from them.
        if claims["aud"] not in (self._account.client_id, [self._account.client_id]):
            raise ProviderError(ProviderFault.ANSWER, "aud")
        at = claims.get("auth_time")
        factor = _FACTOR in (claims.get("amr") or ())
        return ProvenIdentity(
            self.issuer,
            claims["sub"],
            factor or claims.get("acr") in self._account.factor_classes,
            None if at is None else datetime.fromtimestamp(at, UTC),
        )

    def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        now = self._clock()
        if self._keys is None or now - self._keys[0] >= KEPT:
            self._keys = (now, self._asked_keys())
        asked_at, keys = self._keys
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except JoseError:
            # The issuer may have begun to sign with a new key.
            if now - asked_at < KEYS_AT_MOST_EVERY:
                raise
            self._keys = (now, self._asked_keys())
            return jwt.decode(id_token, self._keys[1], registry=registry)

    def _asked_keys(self) -> KeySet:
        found = _asked(self._endpoint("jwks_uri")).get("keys") or []
        return KeySet.import_key_set({"keys": [key for key in found if key.get("use") != "enc"]})

    def _endpoint(self, name: str) -> str:
        address = self._known().get(name)
        scheme = f"{self.issuer.partition('://')[0]}://"
        if not isinstance(address, str) or not address.startswith(("https://", scheme)):
            raise ProviderError(ProviderFault.ANSWER, name)
        return address

    def _known(self) -> Mapping[str, Any]:
        now = self._clock()
        if self._metadata is None or now - self._metadata[0] >= KEPT:
            if self._silent_at is not None and now - self._silent_at < RESTS:
                raise ProviderError(ProviderFault.UNREACHABLE, "no answer a moment ago")
            try:
                found = _asked(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            except (RequestException, ProviderError):
                self._silent_at = now
                raise
            if found.get("issuer") != self.issuer:
                raise ProviderError(ProviderFault.ANSWER, "issuer of the metadata")
            self._metadata = (now, found)
        return self._metadata[1]

    def _session(self) -> Any:
        ways = self._known().get("token_endpoint_auth_methods_supported")
        by_form = isinstance(ways, list) and "client_secret_basic" not in ways
        session = OAuth2Session(
            self._account.client_id,
            self._account.client_secret,
            token_endpoint_auth_method="client_secret_post" if by_form else "client_secret_basic",
            scope="openid",
            redirect_uri=self._account.callback,
            code_challenge_method="S256",
        )
        keep_deadlines(session)
        return session


def _asked(address: str) -> dict[str, Any]:
    with within(_SECONDS_IN_ALL), DeadlineSession() as session:
        answer = session.get(address, timeout=_SECONDS, allow_redirects=False)
    if answer.status_code != 200:
        raise ProviderError(ProviderFault.UNREACHABLE, f"status {answer.status_code}")
    found = answer.json()
    if not isinstance(found, dict):
        raise ProviderError(ProviderFault.ANSWER, "no JSON object")
    return found


def _drawn(rng: Random) -> str:
    return base64.urlsafe_b64encode(rng.randbytes(_RANDOM_BYTES)).decode().rstrip("=")


@contextmanager
def _telling() -> Iterator[None]:
    """Whatever else can be wrong with an answer becomes a ``ProviderError``."""
    try:
        yield
    except RequestsJSONDecodeError as error:
        raise ProviderError(ProviderFault.ANSWER, "no JSON") from error
    except RequestException as error:
        raise ProviderError(ProviderFault.UNREACHABLE, type(error).__name__) from error
    except ClaimError as error:
        raise ProviderError(ProviderFault.ANSWER, str(error.claim)) from error
    except (OAuthError, JoseError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise ProviderError(ProviderFault.ANSWER, type(error).__name__) from error
