"""``zoldszam call`` against a small voice application over real HTTP."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, abort, request
from werkzeug.serving import make_server

from cli.call import call_command
from simulator.signature import signature

TOKEN = "a token that only this test knows"
SIGNATURE = "X-Twilio-Signature"


DOCUMENTS = {
    "/voice/incoming": '<Gather action="/chosen" numDigits="1"><Say>Choose</Say></Gather>'
    "<Say>Silence</Say>",
    "/chosen 5": '<Gather action="/entered"><Say>Enter</Say></Gather>',
    "/chosen 8": '<Say><prosody rate="80%">Slow<break time="700ms"/>words</prosody></Say>',
    "/chosen 0": '<Dial action="/dialled">+3612381857</Dial>',
    "/entered": "<Say>You typed {Digits}</Say>",
    "/dialled": "<Say>Transfer: {DialCallStatus}</Say>",
    "/voice/status": "",
}


def desk(received: list[tuple[str, dict[str, str]]]) -> Flask:
    """A menu, an entry of free length, a transfer; it refuses what is wrongly signed."""
    app = Flask("desk")

    @app.post("/<path:name>")
    def document(name: str) -> Response:
        form = request.form.to_dict()
        received.append((request.path, form))
        if signature(request.base_url, form.items(), TOKEN) != request.headers[SIGNATURE]:
            abort(403)
        step = f"/{name} {form['Digits']}" if name == "chosen" else f"/{name}"
        if step not in DOCUMENTS:
            abort(500)
        verbs = DOCUMENTS[step].format_map(form)
        return Response(f"<Response>{verbs}</Response>", content_type="text/xml")

    return app


@pytest.fixture
def received() -> list[tuple[str, dict[str, str]]]:
    return []


@pytest.fixture
def service(received: list[tuple[str, dict[str, str]]]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, desk(received), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment that knows nothing of a service.

    The phone waits for as long as things take on a line; here they take no time.
    """
    monkeypatch.setattr("cli.call.sleep", lambda _seconds: None)
    monkeypatch.chdir(tmp_path)
    for name in ("PUBLIC_URL", "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def phone(service: str, *arguments: str, typed: str = "", token: str = TOKEN) -> Result:
    environment = {"TWILIO_AUTH_TOKEN": token}
    command = ["--url", service, *arguments]
    return CliRunner().invoke(call_command, command, input=typed, env=environment)


def test_groups_of_keys_are_typed_at_their_prompts(service: str) -> None:
    result = phone(service, "--keys", "5 41530#")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:5] == ["☎ Choose", "→ 5", "☎ Enter", "→ 41530#", "☎ You typed 41530"]
    assert lines[5].startswith("■ ended by the application after")
    assert "41530" not in result.stderr


def test_a_group_of_free_length_is_ended_by_the_time_out(service: str) -> None:
    assert "☎ You typed 41530" in phone(service, "--keys", "5 41530").stdout


def test_slow_speech_is_shown_as_its_words_without_a_warning(service: str) -> None:
    result = phone(service, "--keys", "8")
    assert result.stdout.splitlines()[2] == "☎ Slow … words"
    assert result.stderr == ""


def test_a_minus_is_silence(service: str) -> None:
    result = phone(service, "--keys", "-")
    assert result.stdout.splitlines()[:3] == ["☎ Choose", "→ (silence)", "☎ Silence"]


def test_when_the_groups_run_out_the_caller_hangs_up_and_the_service_is_told(
    service: str, received: list[tuple[str, dict[str, str]]]
) -> None:
    result = phone(service, "--keys", "5", "--from", "anonymous")
    assert result.exit_code == 0
    assert "ended by the caller" in result.stdout
    path, form = received[-1]
    assert (path, form["CallStatus"], form["From"]) == ("/voice/status", "completed", "anonymous")


def test_groups_left_over_are_named(service: str) -> None:
    result = phone(service, "--keys", "5 1# 2 3")
    assert "The call ended before these keys: 2 3" in result.stderr


def test_a_transfer_ends_as_it_was_asked_for(service: str) -> None:
    result = phone(service, "--keys", "0", "--dial-outcome", "busy")
    assert "☎ Transfer: busy" in result.stdout
    assert "⇄ dialling +3612381857" in result.stdout


def test_without_keys_the_caller_types_line_by_line(service: str) -> None:
    result = phone(service, typed="5x\n5\n4153\n")
    assert result.exit_code == 0
    assert "'5x' is no group of keys" in result.stderr
    assert "☎ You typed 4153" in result.stdout


@pytest.mark.parametrize("typed", ["", "hangup\n"])
def test_the_end_of_input_and_the_word_hangup_hang_up(service: str, typed: str) -> None:
    result = phone(service, typed=typed)
    assert result.exit_code == 0
    assert "ended by the caller" in result.stdout


def test_an_empty_line_is_silence(service: str) -> None:
    assert "☎ Silence" in phone(service, typed="\n").stdout


def test_what_is_no_key_is_refused_before_the_call(
    service: str, received: list[tuple[str, dict[str, str]]]
) -> None:
    result = phone(service, "--keys", "5 1a")
    assert result.exit_code == 2
    assert "'1a' is no group of keys" in result.stderr
    assert received == []


def test_address_and_token_are_found_where_make_run_leaves_them(
    service: str, elsewhere: Path
) -> None:
    (elsewhere / "var").mkdir()
    (elsewhere / "var/local.env").write_text(
        f"# local\nPUBLIC_URL={service}\nTWILIO_AUTH_TOKEN='{TOKEN}'\n", "utf-8"
    )
    elsewhere_set = {"PUBLIC_URL": "https://line.example.hu", "TWILIO_AUTH_TOKEN": "a real one"}
    result = CliRunner().invoke(call_command, ["--keys", "5"], env=elsewhere_set)
    assert "☎ Enter" in result.stdout


def test_a_service_that_only_the_environment_names_is_not_called(
    service: str, received: list[tuple[str, dict[str, str]]]
) -> None:
    real = {"PUBLIC_URL": service, "TWILIO_AUTH_TOKEN": TOKEN}
    result = CliRunner().invoke(call_command, ["--keys", "5"], env=real)
    assert result.exit_code == 1
    assert "name the service with --url" in result.stderr
    assert received == []


def test_without_a_token_the_hint_is_told(service: str) -> None:
    result = CliRunner().invoke(call_command, ["--url", service])
    assert result.exit_code == 1
    assert "Set TWILIO_AUTH_TOKEN" in result.stderr


def test_a_refused_signature_names_the_token_and_the_hint(service: str) -> None:
    result = phone(service, "--keys", "5", token="another")
    assert result.exit_code == 1
    assert "refused the signature (HTTP 403)" in result.stderr
    assert "TWILIO_AUTH_TOKEN" in result.stderr


def test_a_service_that_is_not_there_is_named(service: str) -> None:
    result = phone("http://127.0.0.1:1", "--keys", "5")
    assert result.exit_code == 1
    assert "http://127.0.0.1:1 cannot be reached" in result.stderr


def test_an_error_of_the_service_is_told(service: str) -> None:
    result = phone(service, "--keys", "9")
    assert result.exit_code == 1
    assert f"failed the call at {service}/chosen" in result.stderr
    assert "HTTP status 500 (code 11200)" in result.stderr
