"""The table of the carrier's codes, and what it says of codes that it does not have."""

import re
from pathlib import Path

import pytest

from common.errors import ConfigurationError
from messages.delivery.delivery_receipts import callback_url, make_reference, parse_reference
from sms.error_codes import SHIPPED, CodeTable, load_codes
from tests.support.runs.tables import each_of

ALL_KINDS = """
kinds:
  permanent: {21614: A landline.}
  transient: {20429: Too many.}
  configuration: {}
  in_doubt: {}
stops:
  unreachable: [21614]
  opted_out: []
"""


@pytest.fixture(scope="module")
def codes() -> CodeTable:
    return load_codes()


@each_of(
    ("code", "kind", "stop"),
    [
        (21211, "permanent", "unreachable"),
        (21610, "permanent", "opted_out"),
        (21614, "permanent", "unreachable"),
        (21635, "permanent", "unreachable"),
        (30005, "permanent", "unreachable"),
        (30006, "permanent", "unreachable"),
        (30007, "permanent", None),
        (20429, "transient", None),
        (21611, "transient", None),
        (30003, "transient", None),
        (20003, "configuration", None),
        (21606, "configuration", None),
        (21617, "configuration", None),
        (20500, "in_doubt", None),
        (30008, "in_doubt", None),
        (30410, "in_doubt", None),
    ],
)
def test_a_known_code_says_what_to_do(
    codes: CodeTable, code: int, kind: str, stop: str | None
) -> None:
    meaning = codes.find(code)
    assert (meaning.kind, meaning.stop) == (kind, stop)
    assert meaning.sentence.endswith(".")


@each_of(
    ("status", "kind"),
    [
        (401, "configuration"),
        (403, "configuration"),
        (404, "configuration"),
        (405, "configuration"),
        (429, "transient"),
        (500, "in_doubt"),
        (503, "in_doubt"),
        (200, "in_doubt"),
        (302, "in_doubt"),
        (None, "permanent"),
    ],
)
@each_of("code", [None, 31337])
def test_an_unknown_code_is_never_sent_again_unless_the_carrier_surely_did_not_look(
    codes: CodeTable, code: int | None, status: int | None, kind: str
) -> None:
    meaning = codes.find(code, status)
    assert (meaning.kind, meaning.stop) == (kind, None)
    assert str(code or status or "no reason") in meaning.sentence


@pytest.mark.parametrize("status", [400, 407, 413, 422])
def test_a_refusal_without_the_carriers_code_tells_nothing_of_the_number(
    codes: CodeTable, status: int
) -> None:
    assert codes.find(31337, status).kind == "permanent"
    of_a_proxy = codes.find(None, status)
    assert of_a_proxy.kind == "configuration"
    assert "such as a proxy" in of_a_proxy.sentence


def test_a_request_that_somebody_waited_for_in_vain_may_have_been_passed_on(
    codes: CodeTable,
) -> None:
    assert codes.find(None, 408).kind == "in_doubt"


def test_a_known_code_weighs_more_than_the_status_of_its_answer(codes: CodeTable) -> None:
    assert codes.find(20429, 400).kind == "transient"


def test_another_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "codes.yaml"
    path.write_text(ALL_KINDS, "utf-8")
    table = load_codes(path)
    assert table.find(21614).stop == "unreachable"
    assert table.find(21610).sentence.endswith("which is not in the table of codes.")


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("20429:", "2O429:", 'kinds.transient.2O429: "2O429" is no code of the carrier. Write'),
        ("20429:", "21614:", '"21614" is there twice. Leave it under one kind.'),
        ("Too many.", "", 'kinds.transient.20429: "" is not a plain value.'),
        ("[21614]", "[20429]", 'stops.unreachable: "20429" is not among the permanent codes.'),
        ("[21614]", "[21614, 21614]", '"21614" is there twice. Leave it once.'),
        ("opted_out: []", "opted_out: [21614]", '"21614" is there twice. Leave it once.'),
        ("[21614]", "[landline]", '"landline" is no code of the carrier.'),
        ("opted_out", "optedout", 'optedout: is not known here. Did you mean "opted_out"?'),
        ("  in_doubt: {}\n", "", "kinds.in_doubt: is missing. Add it."),
        ("transient:", "transiemt:", 'Did you mean "transient"?'),
        ("permanent: {", "permanent: [", ":3: "),
    ],
)
def test_a_flaw_in_the_file_is_told_with_its_place_and_hint(
    tmp_path: Path, good: str, bad: str, complaint: str
) -> None:
    path = tmp_path / "codes.yaml"
    assert good in ALL_KINDS
    path.write_text(ALL_KINDS.replace(good, bad, 1), "utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(complaint)) as told:
        load_codes(path)
    assert str(told.value).startswith(str(path))


def test_the_shipped_table_explains_itself() -> None:
    assert SHIPPED.read_text("utf-8").count("  # ") >= 8


def test_a_reference_comes_back_from_its_address() -> None:
    secret = "tKw3v1mS0q9zX-_aB7cD2e"
    assert parse_reference(make_reference(42, secret)) == (42, secret)
    assert callback_url("https://line.example.hu/ivr", 42, secret) == (
        f"https://line.example.hu/ivr/sms/status?m=42.{secret}"
    )


@each_of(
    "text",
    [
        "",
        "42",
        "42.",
        ".tKw3v1mS0q9zX-_aB7cD2e",
        "42.short",
        "-1.tKw3v1mS0q9zX-_aB7cD2e",
        "4２.tKw3v1mS0q9zX-_aB7cD2e",
        "42.tKw3v1mS0q9zX-_aB7cD2é",
        "42.tKw3v1mS0q9zX-_aB7cD2e\n",
        "9" * 19 + ".tKw3v1mS0q9zX-_aB7cD2e",
        "42." + "a" * 1000,
    ],
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert parse_reference(text) is None
