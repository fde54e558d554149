"""The check against signatures that Twilio and its libraries have published."""

import json
from pathlib import Path
from typing import Any

from carrier.signature import SignatureCheck
from tests.support.runs.tables import each_of

PUBLISHED = json.loads(
    (Path(__file__).parents[2] / "data" / "signature_vectors.json").read_text("utf-8")
)
FIRST_FORM = PUBLISHED["vectors"][0]["params"]


def signed(vector: dict[str, Any]) -> list[tuple[str, str]] | str:
    if "body" in vector:
        return str(vector["body"])
    form = FIRST_FORM if vector["params"] == "same" else vector["params"]
    return [(name, value) for name, value in form]


@each_of("vector", PUBLISHED["vectors"])
def test_a_published_signature_is_accepted(vector: dict[str, Any]) -> None:
    check = SignatureCheck(PUBLISHED["token"])
    assert check.accepts(vector["url"], signed(vector), vector["sig"])


@each_of("vector", PUBLISHED["vectors"])
def test_it_is_refused_for_another_token_address_or_content(vector: dict[str, Any]) -> None:
    check = SignatureCheck(PUBLISHED["token"])
    other = "{}" if "body" in vector else [("CallSid", "CA2")]
    assert not check.accepts(vector["url"], other, vector["sig"])
    assert not check.accepts(vector["url"].replace(".", "-", 1), signed(vector), vector["sig"])
    assert not SignatureCheck("54321").accepts(vector["url"], signed(vector), vector["sig"])


def test_without_a_token_nothing_is_accepted() -> None:
    vector = PUBLISHED["vectors"][0]
    check = SignatureCheck(None)
    assert check.is_shut
    assert not check.accepts(vector["url"], signed(vector), vector["sig"])


@each_of("vector", PUBLISHED["vectors"])
def test_while_the_token_is_changed_what_either_has_signed_is_accepted(
    vector: dict[str, Any],
) -> None:
    token = PUBLISHED["token"]
    for check in (SignatureCheck("a new one", token), SignatureCheck(token, "an old one")):
        assert not check.is_shut
        assert check.accepts(vector["url"], signed(vector), vector["sig"])
        other = "{}" if "body" in vector else [("CallSid", "CA2")]
        assert not check.accepts(vector["url"], other, vector["sig"])
    third = SignatureCheck("a new one", "an old one")
    assert not third.accepts(vector["url"], signed(vector), vector["sig"])
