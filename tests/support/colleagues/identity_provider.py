"""A real identity provider over HTTP: Authlib's server, with answers that can be made wrong.

Whoever comes is logged in as ``subject`` at once. Needs the extra ``oidc``.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Error, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode, UserInfo
from flask import Flask, Response, jsonify, redirect, request
from joserfc.jwk import ECKey

from simulator.threaded_server import running

CLIENT_ID, CLIENT_SECRET = "console", "only the two know it"
KEY = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"}, private=True)
OTHER_KEY = ECKey.generate_key("P-256", {"kid": "other", "use": "sig"}, private=True)


@dataclass
class Person:
    """Who is logged in at the provider."""

    subject: str

    def get_user_id(self) -> str:
        """As Authlib asks for it."""
        return self.subject


@dataclass
class Client(ClientMixin):
    """The console, as the provider knows it."""

    redirect_uri: str

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was given to a browser, with what it was asked for by."""

    code: str
    redirect_uri: str
    person: Person
    nonce: str | None
    auth_time: int | None
    code_challenge: str | None
    code_challenge_method: str | None
    amr: list[str] = field(default_factory=list)
    acr: str | None = None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return "openid"

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int | None:
        return self.auth_time

    def get_amr(self) -> list[str]:
        return self.amr

    def get_acr(self) -> str | None:
        return self.acr


@dataclass
class Provider:
    """What the provider answers; ``wrong`` replaces claims of the token, ``asked`` is on record."""

    callback: str
    subject: str = "7f3c-subject"
    amr: list[str] = field(default_factory=list)
    acr: str | None = None
    auth_time: int | None = None
    error: str | None = None
    key: ECKey = field(default_factory=lambda: KEY)
    published: ECKey = field(default_factory=lambda: KEY)
    wrong: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    issuer: str = ""


@contextmanager
def provider(callback: str, port: int = 0) -> Iterator[Provider]:
    """The provider, answering at ``issuer`` until the block ends."""
    made = Provider(callback)
    with running(_application(made), port) as address:
        made.issuer = address
        yield made


def _application(made: Provider) -> Flask:
    app = Flask("identity_provider")
    app.testing = True
    server = AuthorizationServer(app, lambda _id: Client(made.callback), lambda _token, _request: 0)
    server.register_grant(_grant(made), [_open_id(made)(require_nonce=True), CodeChallenge(True)])

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Response:
        return jsonify(
            issuer=made.issuer,
            authorization_endpoint=f"{made.issuer}/authorize",
            token_endpoint=f"{made.issuer}/token",
            jwks_uri=f"{made.issuer}/keys",
            id_token_signing_alg_values_supported=["ES256"],
            authorization_response_iss_parameter_supported=True,
        )

    @app.get("/authorize")
    def authorize() -> Any:
        made.asked.append(dict(request.args))
        state = request.args["state"]
        if made.error is not None:
            told = f"error={made.error}&state={state}&iss={made.issuer}"
            return redirect(f"{made.callback}?{told}", 303)
        person = Person(made.subject)
        try:
            grant = server.get_consent_grant(end_user=person)
        except OAuth2Error as error:
            return server.handle_error_response(request, error)
        answer = server.create_authorization_response(grant_user=person, grant=grant)
        answer.headers["Location"] += f"&iss={made.issuer}"
        return answer

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[made.published.as_dict(private=False)])

    return app


def _grant(made: Provider) -> Any:
    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as the library has it

        def save_authorization_code(self, code: str, asked: Any) -> None:
            given = asked.payload.data
            made.codes[code] = Code(
                code,
                given["redirect_uri"],
                asked.user,
                given.get("nonce"),
                made.auth_time,
                given.get("code_challenge"),
                given.get("code_challenge_method"),
                made.amr,
                made.acr,
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return made.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del made.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> Person:
            return authorization_code.person

    return CodeGrant


def _open_id(made: Provider) -> Any:
    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return any(code.nonce == nonce for code in made.codes.values())

        def resolve_client_private_key(self, client: Client) -> ECKey:
            return made.key

        def get_client_algorithm(self, client: Client) -> str:
            return "ES256"

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            now = int(time.time())
            return {"iss": made.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300}

        def get_encode_header(self, client: Client) -> dict[str, Any]:
            return {"alg": "ES256", "kid": made.key.kid}

        def generate_user_info(self, user: Person, scope: str) -> UserInfo:
            return UserInfo({"sub": user.subject} | made.wrong)

    return IdToken
