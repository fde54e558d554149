"""The OpenAPI 3.1 document: from the operations and the models that read the requests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.bodies import JSON
from api.endpoint import MOST_KEY_CHARACTERS
from api.operations import AnyOperation
from api.problems import MEDIA_TYPE, ProblemDocument
from backend.interface.codes import Scope

PREFIX = "/api/v1"

_REF = "#/components/schemas/{model}"
_PROBLEMS = {
    400: "Not JSON, or without an Idempotency-Key.",
    401: "No key that is good.",
    403: "The key lacks the scope.",
    404: "Not there.",
    406: "The answer's media type is not accepted.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    422: "The request is not sound; the errors name every place.",
    429: "Faster than the key's rate limit.",
    503: "The records cannot be reached; repeat it, with its Idempotency-Key if it has one.",
}
_OF_BODIES = {400, 413, 415}

Schemas = Mapping[Any, dict[str, Any]]


def document(operations: Sequence[AnyOperation]) -> dict[str, Any]:
    """The document of these operations."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(ProblemDocument, "serialization")]
    for each in operations:
        wanted += [(each.asks, "validation"), (each.answers, "serialization")]
    schemas, definitions = models_json_schema(wanted, ref_template=_REF)
    paths: dict[str, Any] = {}
    for each in operations:
        path = paths.setdefault(f"{PREFIX}{each.path}", {})
        path[each.method.lower()] = _operation(each, schemas, definitions["$defs"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Zöldszám",
            "version": "1",
            "description": "Records in, requests out, campaigns and stops. See docs/api.md.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "responses": {str(status): _problem(status, schemas) for status in _PROBLEMS},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A key with the scope of the operation: {', '.join(Scope)}.",
                }
            },
        },
        "security": [{"key": []}],
    }


def _operation(
    operation: AnyOperation, schemas: Schemas, definitions: dict[str, Any]
) -> dict[str, Any]:
    asked = schemas[operation.asks, "validation"]
    given = schemas[operation.answers, "serialization"]
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Scope: {' or '.join(operation.scopes)}.",
        "parameters": list(_parameters(operation, _resolved(asked, definitions))),
        "security": [{"key": list(operation.scopes)}],
        "responses": {
            str(operation.status): {
                "description": "Done.",
                "content": {JSON: {"schema": given}},
            },
            **{
                str(status): {"$ref": f"#/components/responses/{status}"}
                for status in _PROBLEMS
                if operation.method == "POST" or status not in _OF_BODIES
            },
        },
    }
    if operation.method == "POST":
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": asked}}}
    return told


def _parameters(operation: AnyOperation, query: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for step in operation.path.split("/"):
        if step.startswith("{"):
            schema = {"type": "string", "pattern": "^[0-9A-Za-z]{1,40}$"}
            yield {"name": step.strip("{}"), "in": "path", "required": True, "schema": schema}
    if operation.method == "GET":
        for name, schema in query.get("properties", {}).items():
            yield {"name": name, "in": "query", "required": False, "schema": schema}
    if operation.changes:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "New and random for each request; the same one to repeat it.",
            "schema": {
                "type": "string",
                "maxLength": MOST_KEY_CHARACTERS,
                "pattern": "^[!-~]([ -~]*[!-~])?$",
            },
        }


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    name = schema["$ref"].rpartition("/")[2]
    found: dict[str, Any] = definitions[name]
    return found


def _problem(status: int, schemas: Schemas) -> dict[str, Any]:
    schema = schemas[ProblemDocument, "serialization"]
    told: dict[str, Any] = {
        "description": _PROBLEMS[status],
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in (429, 503):
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        told["headers"] = {"Retry-After": seconds}
    return told
