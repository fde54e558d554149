"""The API in a test: a client a key, and a clock that is set."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import count
from random import Random
from typing import Any

from flask import Flask
from werkzeug.test import Client, EnvironBuilder, TestResponse

from api.application import create_application
from api.openapi import PREFIX
from api.parts import ApiParts
from backend.db.transactions import write
from backend.interface.codes import Scope
from backend.staff.api_access.api_keys import add_key
from tests.support.carriers.sending_desk import POLICY
from tests.support.colleagues.staff import NOW, colleague
from tests.support.databases.database import Database
from tests.support.databases.records import DESKS

_numbers = count(1)


@dataclass
class Api:
    """An application on a database; ``now`` is what its clock says."""

    database: Database
    now: datetime = NOW
    rng: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - nothing is secret

    def __post_init__(self) -> None:
        parts = ApiParts(self.database.engine, lambda: self.now, self.rng, DESKS, POLICY)
        self.app: Flask = create_application(parts)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True

    def client(self, *scopes: Scope, name: str = "erp") -> "ApiClient":
        """A client with a new key; with all scopes if none is named."""
        return ApiClient(self, self.key(name, scopes or tuple(Scope)))

    def key(self, name: str, scopes: Collection[Scope], expires: datetime | None = None) -> str:
        """A new key of that name."""
        with write(self.database.engine) as connection:
            admin = colleague(connection, "ada", "admin")
            return add_key(connection, name, scopes, admin, NOW, self.rng, expires_at=expires)


@dataclass
class ApiClient:
    """Sends requests with a key; each POST under a new Idempotency-Key unless it names one."""

    api: Api
    key: str

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        headers.setdefault("Idempotency-Key", f"test-{next(_numbers)}")
        return self.send("POST", path, json.dumps(body), headers)

    def send(
        self, method: str, path: str, data: str | bytes | BytesIO | None, headers: dict[str, str]
    ) -> TestResponse:
        """Send it; a stream goes without its length, as chunks do behind the server."""
        sent = {"Authorization": f"Bearer {self.key}", **headers}
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        if not isinstance(data, BytesIO):
            return Client(self.api.app).open(PREFIX + path, method=method, data=data, headers=sent)
        environ = EnvironBuilder(PREFIX + path, method=method, headers=sent).get_environ()
        environ |= {"wsgi.input": data, "wsgi.input_terminated": True}
        environ.pop("CONTENT_LENGTH", None)
        return Client(self.api.app).open(environ)


def problem(response: TestResponse, status: int) -> Any:
    """The problem that a refused request was answered with."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    told = json.loads(response.get_data())
    assert told["status"] == status
    assert told["detail"]
    return told


def done(response: TestResponse, status: int = 200) -> Any:
    """What a request was answered that was done."""
    assert (response.status_code, response.mimetype) == (status, "application/json"), (
        response.get_data()
    )
    return json.loads(response.get_data())
