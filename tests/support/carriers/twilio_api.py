"""Requests and answers held against Twilio's own OpenAPI document of its API.

The document is looser than the API in two places, where this is strict: a request may hold no field
that the document does not name, and an answer must hold every one.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

DATA = Path(__file__).parents[2] / "data"
_PARTS = ("twilio_messages_api.json", "twilio_account_api.json")
NUMBER = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json"
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"

Pairs = Iterable[tuple[str, str]]
Schema = dict[str, Any]

_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_FORMATS = FormatChecker(formats=[])


def assert_valid_create_request(form_pairs: Pairs) -> None:
    """The form of a request that creates a message names known fields with possible values."""
    operation = _document()["paths"][MESSAGES]["post"]
    schema = _plain(
        operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    )
    groups = operation["x-twilio"]["conditional"]
    alternatives = [{"anyOf": [{"required": [_camel(name)]} for name in group]} for group in groups]
    schema["properties"]["StatusCallback"]["format"] = "absolute-uri"
    schema |= {"additionalProperties": False, "allOf": alternatives}
    _check(schema, _typed(form_pairs, schema["properties"]))


def assert_valid_list_request(query_pairs: Pairs) -> None:
    """The query of a request that lists messages names known filters with possible values."""
    parameters = _document()["paths"][MESSAGES]["get"]["parameters"]
    properties = {each["name"]: _plain(each["schema"]) for each in parameters if _in_query(each)}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    _check(schema, _typed(query_pairs, properties))


def assert_valid_message(json_object: Any) -> None:
    """A message as the API answers it holds every field there is, each of its type and format."""
    _check(_whole(_document()["components"]["schemas"]["api.v2010.account.message"]), json_object)


def assert_valid_message_list(json_object: Any) -> None:
    """One page of messages as the API answers it, each message included."""
    answer = _document()["paths"][MESSAGES]["get"]["responses"]["200"]
    _check(_whole(answer["content"]["application/json"]["schema"]), json_object)
    for message in json_object["messages"]:
        assert_valid_message(message)


def assert_valid_account(json_object: Any) -> None:
    """The account as the API answers it holds every field there is."""
    _check(_whole(_document()["components"]["schemas"]["api.v2010.account"]), json_object)


def assert_valid_number(json_object: Any) -> None:
    """A number of the account as the API answers it holds every field there is."""
    schemas = _document()["components"]["schemas"]
    schema = _whole(schemas["api.v2010.account.incoming_phone_number"])
    _check(_with_foreign_addresses(schema), json_object)


def assert_valid_number_update(form_pairs: Pairs) -> None:
    """The form of a request that sets a number names known fields with possible values."""
    operation = _document()["paths"][NUMBER]["post"]
    schema = _plain(
        operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    )
    schema["additionalProperties"] = False
    # An empty id takes an application off, which the document does not say.
    filled = [(name, value) for name, value in form_pairs if value]
    _check(_with_foreign_addresses(schema), _typed(filled, schema["properties"]))


def _with_foreign_addresses(schema: Schema) -> Schema:
    """The addresses of a number's webhooks are ours: unlike the API's own, they are whole."""
    for name, field in schema["properties"].items():
        if field.get("format") == "uri" and name != "uri":
            field["format"] = "absolute-uri"
    return schema


@cache
def _document() -> Schema:
    """The parts of the document that are kept, as one."""
    paths: Schema = {}
    schemas: Schema = {}
    for part in _PARTS:
        document = json.loads((DATA / part).read_text("utf-8"))
        paths |= document["paths"]
        schemas |= document["components"]["schemas"]
    return {"paths": paths, "components": {"schemas": schemas}}


def _check(schema: Schema, instance: Any) -> None:
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    faults = [
        f"{'/'.join(map(str, fault.path)) or 'as a whole'}: {fault.message}"
        for fault in validator.iter_errors(instance)
    ]
    assert not faults, "\n".join(faults)


def _whole(schema: Schema) -> Schema:
    plain = _plain(schema)
    return plain | {"required": list(plain["properties"]), "additionalProperties": False}


def _plain(schema: Schema) -> Schema:
    """The schema in the words of JSON Schema: references inside, ``nullable`` as a type."""
    if "$ref" in schema:
        return _plain(_document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    plain = {name: value for name, value in schema.items() if name not in ("nullable", "x-twilio")}
    if schema.get("nullable"):
        plain["type"] = [schema["type"], "null"]
    if "properties" in plain:
        plain["properties"] = {name: _plain(each) for name, each in plain["properties"].items()}
    if "items" in plain:
        plain["items"] = _plain(plain["items"])
    return plain


def _typed(pairs: Pairs, properties: dict[str, Schema]) -> dict[str, Any]:
    """The pairs as an object: texts become what their field is; what cannot stays a text."""
    typed: dict[str, Any] = {}
    for name, text in pairs:
        kind = properties.get(name, {}).get("type")
        if kind == "array":
            typed.setdefault(name, []).append(text)
            continue
        assert name not in typed, f"{name} is given twice"
        typed[name] = _value(text, kind)
    return typed


def _value(text: str, kind: str | None) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in ("integer", "number"):
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            return text
    return text


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _in_query(parameter: dict[str, Any]) -> bool:
    return bool(parameter["in"] == "query")


@_FORMATS.checks("phone-number")
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(_SENDER.fullmatch(value))


@_FORMATS.checks("absolute-uri", raises=ValueError)
def _is_absolute_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    known = parts.scheme in ("http", "https") and bool(parts.netloc)
    return known and not re.search(r"\s", value)


@_FORMATS.checks("uri")
def _is_relative_uri(value: object) -> bool:
    """Inside an answer every address is relative to the API's."""
    return not isinstance(value, str) or bool(re.fullmatch(r"/\S+", value))


@_FORMATS.checks("uri-map")
def _is_uri_map(value: object) -> bool:
    return not isinstance(value, dict) or all(_is_relative_uri(each) for each in value.values())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@_FORMATS.checks("date-time-rfc-2822", raises=ValueError)
def _is_rfc_2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).utcoffset() is not None


@_FORMATS.checks("currency")
def _is_currency(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[A-Z]{3}", value))
