"""The form reader and the signature, held against Werkzeug's parser and Twilio's validator."""

from io import BytesIO

from hypothesis import example, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request

from carrier.form import first_values, form_fields
from carrier.signature import SignatureCheck

TOKEN = "12345"

_PIECES = [
    *(b"&", b"&&", b"=", b"==", b"+", b"%", b"%%", b"%2", b"%2B", b"%2b", b"%26", b"%3D", b"%25"),
    *(b"%C3%A1", b"%c3", b"%A1", b"%FF", b"%00", b"%zz", b"%E2%82%AC", b"%ED%A0%80", b"%0D%0A"),
    *("árvíztűrő".encode(), b"\xff", b"\xc3", b"\x00", b"\n", b";", b"#", b"?", b" ", b"/", b":"),
    *(b"From", b"To", b"Digits", b"A", b"a", b"1", b"9", b"heard", b"bodySHA256"),
]
bodies = st.lists(st.one_of(st.sampled_from(_PIECES), st.binary(max_size=3)), max_size=25).map(
    b"".join
)
texts = st.text(st.characters(codec="utf-8"), max_size=6)
fields = st.lists(st.tuples(st.sampled_from(["", "A", "a", "From", "á"]) | texts, texts))
hosts = st.sampled_from(
    ["example.hu", "example.hu:443", "example.hu:80", "example.hu:8443", "EXAMPLE.hu", "192.0.2.1"]
)
urls = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{path}{query and '?' + query}",
    st.sampled_from(["http", "https"]),
    hosts,
    st.sampled_from(["", "voice/turns/3", "ivr/voice/incoming", "a//b/", "%C3%A1"]),
    st.sampled_from(["", "heard=dial", "a=%2F&b", "a=á", "'=%27", "x=1?y=2", "&&", "a=b=c"]),
)


@given(bodies)
@example(b"")
@example(b"a=1&b=2&a=3")
@example(b"a=%2B36%2B+%252B%2b&b=%%2B%2%2B%C3%2B&%2B=%3%2B")
@example(b"a=1&a=2&a&=&=3&b=%C3%A1+%2B&&c=%zz&d=%FF%C3")
@example("név=árvíz%C3%A1\u00e1".encode())
def test_a_form_is_read_as_werkzeug_reads_it(body: bytes) -> None:
    kind = "application/x-www-form-urlencoded"
    _, form, _ = FormDataParser().parse(BytesIO(body), kind, len(body))
    assert by_name(form_fields(body)) == list(form.items(multi=True))
    assert first_values(form_fields(body)) == form.to_dict()


@given(bodies)
def test_a_query_is_read_as_werkzeug_reads_it(query: bytes) -> None:
    request = Request({"QUERY_STRING": query.decode("latin-1"), "REQUEST_METHOD": "GET"})
    try:
        read = list(request.args.items(multi=True))
    except UnicodeDecodeError:
        read = []
    assert by_name(form_fields(query)) == read


def by_name(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs as Werkzeug has them: those of a name beside each other."""
    return list(MultiDict(pairs).items(multi=True))


@given(urls, fields)
@example("https://example.hu/", [("A", "2"), ("A", "1"), ("A", "2"), ("AA", ""), ("", "A")])
def test_a_signature_is_twilios_own(url: str, form: list[tuple[str, str]]) -> None:
    validator, check = RequestValidator(TOKEN), SignatureCheck(TOKEN)
    signature = validator.compute_signature(url, MultiDict(form))
    assert check.fits(url, form, signature)
    assert check.accepts(url, form, signature)


@given(urls, fields, urls, fields)
def test_whatever_is_accepted_twilios_validator_accepts_and_the_other_way_round(
    url: str, form: list[tuple[str, str]], signed_url: str, signed: list[tuple[str, str]]
) -> None:
    validator = RequestValidator(TOKEN)
    for each_form in (form, signed):
        signature = validator.compute_signature(signed_url, MultiDict(each_form))
        accepted = SignatureCheck(TOKEN).accepts(url, form, signature)
        expected = validator.validate(url, MultiDict(form), signature)
        # Twilio's validator writes an address anew before it signs it: "/?" becomes "/".
        assert accepted == (expected or SignatureCheck(TOKEN).fits(url, form, signature))


@given(st.text(max_size=30))
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    form = [("CallSid", "CA1")]
    assert not SignatureCheck(TOKEN).fits("https://example.hu/", form, signature)
    assert not SignatureCheck(None).fits("https://example.hu/", form, signature)
