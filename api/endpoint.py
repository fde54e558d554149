"""The endpoint of every operation: API key, rate limit, scope, media types, and repeats."""

from datetime import datetime
from http import HTTPStatus
from math import ceil

from flask import Response, request

from api.bodies import JSON, body_as, query_as, require_acceptable, require_json, whole_body
from api.operations import AnyOperation
from api.parts import ApiParts, Call
from api.problems import Problem
from backend.db.transactions import read, write
from backend.staff.api_access.api_answers import (
    AnsweredMeanwhileError,
    KeptAnswer,
    Repeatable,
    kept_answer,
    repeatable,
)
from backend.staff.api_access.api_keys import ApiKey, key_of
from backend.staff.api_access.api_limits import take_request

MOST_KEY_CHARACTERS = 255
_SCHEME = "bearer"


def serve(parts: ApiParts, operation: AnyOperation, path: dict[str, str]) -> Response:
    """Answer one request of this operation. Raises ``Problem`` and ``RecordsError``."""
    now = parts.clock()
    key = _admitted(parts, now)
    _require_one_of(key, operation)
    require_acceptable()
    if operation.method == "GET":
        asked = query_as(operation.asks)
        repeat = None
    else:
        require_json()
        raw = whole_body()
        asked = body_as(operation.asks, raw)
        repeat = _repeat(key, raw) if operation.changes else None
    if repeat is not None and (kept := _kept(parts, repeat, now)) is not None:
        return kept
    call = Call(parts, key, now, path, operation.status, repeat)
    try:
        answer = operation.run(call, asked)
    except AnsweredMeanwhileError:
        if repeat is None or (kept := _kept(parts, repeat, now)) is None:
            raise
        return kept
    return Response(answer.model_dump_json(), operation.status, mimetype=JSON)


def _admitted(parts: ApiParts, now: datetime) -> ApiKey:
    scheme, _, written = request.headers.get("Authorization", "").partition(" ")
    with read(parts.engine) as connection:
        told = scheme.lower() == _SCHEME
        key = key_of(connection, written.strip(), now) if told else None
    if key is None:
        raise Problem(
            401,
            "key-refused",
            "The request has no key that is good. Send Authorization: Bearer KEY.",
            headers={"WWW-Authenticate": 'Bearer realm="zoldszam"'},
        )
    with write(parts.engine, durable=False) as connection:
        wait = take_request(connection, key.name, now)
    if wait is not None:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-requests",
            "The key sends requests faster than its rate limit. Wait as long as Retry-After says.",
            headers={"Retry-After": str(ceil(wait.total_seconds()))},
        )
    return key


def _require_one_of(key: ApiKey, operation: AnyOperation) -> None:
    if key.scopes.isdisjoint(operation.scopes):
        raise Problem(
            403,
            "scope-missing",
            f"The key has not the scope {' or '.join(operation.scopes)}. Ask an administrator for "
            "a key that has.",
        )


def _repeat(key: ApiKey, raw: bytes) -> Repeatable:
    written = request.headers.get("Idempotency-Key", "")
    if not written:
        raise Problem(
            400,
            "idempotency-key-missing",
            "The request has no Idempotency-Key. Send a new random one with each request, and the "
            "same one to repeat it.",
        )
    if len(written) > MOST_KEY_CHARACTERS or not (written.isascii() and written.isprintable()):
        raise Problem(
            400,
            "idempotency-key-unfit",
            f"The Idempotency-Key has more than {MOST_KEY_CHARACTERS} signs, or some that are not "
            "ASCII. Send a UUID.",
        )
    address = request.full_path.removesuffix("?")
    return repeatable(key.name, written, f"{request.method} {address}", raw)


def _kept(parts: ApiParts, repeat: Repeatable, now: datetime) -> Response | None:
    with read(parts.engine) as connection:
        kept: KeptAnswer | None = kept_answer(connection, repeat, now)
    if kept is None:
        return None
    headers = [("Idempotent-Replayed", "true")]
    return Response(kept.body, kept.status, mimetype=JSON, headers=headers)
