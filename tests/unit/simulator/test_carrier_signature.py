"""The signature against recorded vectors and against Twilio's own validator."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from simulator.signature import signature, signed_url
from tests.support.runs.tables import each_of

DATA = Path(__file__).parents[2] / "data"
VECTORS = json.loads((DATA / "signature_vectors.json").read_text("utf-8"))
TOKEN = VECTORS["token"]


def _cases() -> list[tuple[str, list[tuple[str, str]], str, str]]:
    cases: list[tuple[str, list[tuple[str, str]], str, str]] = []
    last: list[tuple[str, str]] = []
    for vector in VECTORS["vectors"]:
        params: Any = vector.get("params", [])
        last = last if params == "same" else [(name, value) for name, value in params]
        cases.append((vector["url"], last, vector.get("body", ""), vector["sig"]))
    return cases


@each_of(("url", "form", "body", "expected"), _cases())
def test_recorded_signatures_are_reproduced(
    url: str, form: list[tuple[str, str]], body: str, expected: str
) -> None:
    scheme, _, rest = signed_url(url).partition("://")
    host, slash, path = rest.partition("/")
    standard_port = f"{scheme}://{host}:{443 if scheme == 'https' else 80}{slash}{path}"
    # Two of the vectors were signed with the standard port written out; validators accept both.
    assert expected in {
        signature(signed_url(url), form, TOKEN),
        signature(standard_port, form, TOKEN),
    }
    if body:
        assert f"bodySHA256={hashlib.sha256(body.encode()).hexdigest()}" in url


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://ivr.example.hu:8443/voice?x=1#rc=2", "https://ivr.example.hu/voice?x=1"),
        ("http://127.0.0.1:8000/voice", "http://127.0.0.1:8000/voice"),
        ("https://name:secret@ivr.example.hu:8443/voice", "https://ivr.example.hu/voice"),
        ("https://ivr.example.hu/v?n=%C5%91&x=a+b", "https://ivr.example.hu/v?n=%C5%91&x=a+b"),
        ("https://ivr.example.hu/v?mail=a@b:1", "https://ivr.example.hu/v?mail=a@b:1"),
        ("https://[2001:db8::1]:8443/v", "https://[2001:db8::1]/v"),
    ],
)
def test_what_of_an_address_is_signed(url: str, signed: str) -> None:
    assert signed_url(url) == signed


def test_what_is_no_address_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="not an absolute"):
        signed_url("/voice")


@given(
    form=st.lists(st.tuples(st.sampled_from(["Digits", "From", "digits", "Body"]), st.text())),
    query=st.text(alphabet="abc=&%+123", max_size=12),
    port=st.sampled_from(["", ":8443"]),
    scheme=st.sampled_from(["http", "https"]),
)
def test_twilio_s_validator_accepts_every_signature(
    form: list[tuple[str, str]], query: str, port: str, scheme: str
) -> None:
    form = [(name, value) for name, value in form if value.isprintable()]
    url = f"{scheme}://ivr.example.hu{port}/voice" + (f"?{query}" if query else "")
    made = signature(signed_url(url), form, TOKEN)
    assert RequestValidator(TOKEN).validate(url, MultiDict(form), made)
