"""Voice webhooks: duplicates, strangers, failures, and what is left of a call that is over."""

import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.db.tables.records import calls, turns
from backend.db.transactions import read
from backend.records.requests.ledger import list_requests
from settings import Settings
from simulator.signature import signature as sign
from simulator.voice.call import SimulatedCall
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, TOKEN, Clock, Exchange
from tests.support.databases.database import Database

NOW = "2026-11-21 10:00"
A_READING = "5 1 20293811 48213377# 41530# 1"


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        yield exchange


def dial(exchange: Exchange, keys: str = "") -> SimulatedCall:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for group in keys.split():
        call.type(group)
    return call


def stored(database: Database) -> list[dict[str, object]]:
    with read(database.engine) as connection:
        return [request.as_json() for request in list_requests(connection)]


def test_every_webhook_that_comes_again_gets_the_same_bytes_and_stores_nothing_more(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, A_READING)
    documents = list(call.documents)
    requests = call.requests[: len(documents)]
    for request, document in zip(requests, documents, strict=True):
        assert call.resend(request).body.decode() == document
    assert len(stored(utility)) == 1


@pytest.mark.both_databases
def test_a_new_call_whose_reference_another_has_is_told_one_of_its_own(
    exchange: Exchange, utility: Database
) -> None:
    carrier = exchange.make_carrier(rng=Random())  # noqa: S311 - names calls
    for caller in ("+36301111111", "+36302222222"):
        exchange.rng.seed(1)
        carrier.dial(from_=caller, to=LINE_NUMBER)
    with read(utility.engine) as connection:
        references = connection.scalars(select(calls.c.reference)).all()
    assert len(set(references)) == 2


@pytest.mark.both_databases
def test_the_same_webhook_at_once_on_two_workers_stores_one_request(
    exchange: Exchange, utility: Database
) -> None:
    first = dial(exchange, "5 3 2 20293811")
    second_worker = exchange.make_app().test_client()
    url = f"{PUBLIC_URL}/voice/turns/{len(first.documents)}"
    form = [*first.requests[0].form, ("Digits", "1")]
    bodies: list[bytes] = []
    start = threading.Barrier(4)

    def press(client: FlaskClient) -> None:
        start.wait()
        bodies.append(post(client, url, form))

    clients = [exchange.app.test_client(), second_worker] * 2
    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 4
    assert len(set(bodies)) == 1
    assert "szüneteltetjük" in bodies[0].decode()
    assert [request["kind"] for request in stored(utility)] == ["partial_billing_suspension"]


@pytest.mark.both_databases
def test_the_same_first_webhook_at_once_on_two_workers_begins_one_call(
    exchange: Exchange, utility: Database
) -> None:
    form = dial(exchange).requests[0].form
    form = [(name, "CA" + "f" * 32 if name == "CallSid" else value) for name, value in form]
    bodies: list[bytes] = []
    start = threading.Barrier(2)

    def ring(client: FlaskClient) -> None:
        start.wait()
        bodies.append(post(client, f"{PUBLIC_URL}/voice/incoming", form))

    clients = [exchange.app.test_client(), exchange.make_app().test_client()]
    threads = [threading.Thread(target=ring, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies[0] == bodies[1]
    with read(utility.engine) as connection:
        assert len(connection.execute(select(calls)).all()) == 2


def test_two_calls_that_suspend_the_same_site_store_one_request(
    exchange: Exchange, utility: Database
) -> None:
    first = dial(exchange, "5 3 2 20293811")
    second = dial(exchange, "5 3 2 20293811")
    first.press("1")
    second.press("1")
    assert "már szünetel" in second.last_heard
    assert len(stored(utility)) == 1


def test_another_worker_goes_on_with_a_call_from_the_store_alone(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, "5 1 20293811 48213377#")
    exchange.restart()
    call.type("41530#")
    call.press("1")
    assert "rögzítettük" in call.last_heard
    assert len(stored(utility)) == 1


@pytest.mark.both_databases
def test_a_worker_that_another_has_overtaken_tells_what_that_one_answered(
    exchange: Exchange, utility: Database
) -> None:
    # It keeps the dialogue as it was before, and reads nothing while it fits what is stored.
    call = dial(exchange, "5 3 2 20293811")
    url = f"{PUBLIC_URL}/voice/turns/{len(call.documents)}"
    form = call.requests[0].form
    first, other = exchange.app.test_client(), exchange.make_app().test_client()
    told = post(other, url, [*form, ("Digits", "1")])
    assert "szüneteltetjük" in told.decode()
    for digits in ("1", "2", "9"):
        assert post(first, url, [*form, ("Digits", digits)]) == told
    assert len(stored(utility)) == 1
    # Both go on behind it, and the one that is late hears the other's answer again.
    after = f"{PUBLIC_URL}/voice/turns/{len(call.documents) + 1}"
    assert post(first, after, [*form, ("Digits", "0")]) == post(other, after, [*form])
    assert len(stored(utility)) == 1


def test_when_a_call_is_over_only_its_path_is_left(exchange: Exchange, utility: Database) -> None:
    call = dial(exchange, A_READING)
    call.hang_up()
    with read(utility.engine) as connection:
        left = connection.execute(select(turns.c.place, turns.c.heard)).all()
        outcome = connection.scalar(select(calls.c.outcome))
    assert {heard for _, heard in left} == {None}
    assert [place for place, _ in left][-2:] == [
        "5.1 confirm meter_reading.read_back",
        "5.1 ask form.after",
    ]
    assert outcome == "completed"
    assert call.requests[-1].url.endswith("/voice/status")


def test_the_end_of_a_call_may_be_reported_twice(exchange: Exchange) -> None:
    call = dial(exchange, "2")
    call.hang_up()
    assert call.resend(call.requests[-1]).status == 204


def test_how_long_a_complainant_waited_for_a_person_is_on_record(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange)
    exchange.clock.set("2026-11-20 10:00")
    call = dial(exchange)
    exchange.clock.set("2026-11-20 10:02")
    call.press("1")
    with read(utility.engine) as connection:
        row = connection.execute(select(calls).where(calls.c.call_sid == call.sid)).one()
    # The far end talked for thirty seconds of the two minutes.
    assert (row.agent_at - row.began_at).total_seconds() == 90
    assert (row.desk, row.outcome) == ("complaints", "talked")


def test_what_was_typed_never_reaches_a_log(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        dial(
            exchange, "5 1 20293811 99999999# 48213377# 41530# 1 1 5 3 1 20293811 210# 1"
        ).hang_up()
    for typed in ("20293811", "48213377", "41530", "99999999", CALLER, CALLER.removeprefix("+36")):
        assert typed not in caplog.text


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("/voice/incoming", "wrong"),
        ("/voice/turns/1", "wrong"),
        ("/voice/status", "wrong"),
        ("/voice/incoming", ""),
    ],
)
def test_a_request_that_the_carrier_did_not_sign_is_refused_and_changes_nothing(
    exchange: Exchange,
    utility: Database,
    caplog: pytest.LogCaptureFixture,
    url: str,
    signature: str,
) -> None:
    headers = {"X-Twilio-Signature": signature} if signature else {}
    form = {"CallSid": "CA1", "From": CALLER, "To": LINE_NUMBER, "Digits": "20293811"}
    answer = exchange.app.test_client().post(url, data=form, headers=headers)
    assert answer.status_code == 403
    assert "20293811" not in caplog.text
    assert "the signature is" in caplog.text
    with read(utility.engine) as connection:
        assert connection.execute(select(calls)).all() == []


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data"])
def test_a_body_that_is_no_form_is_refused_like_any_stranger(exchange: Exchange, kind: str) -> None:
    answer = exchange.app.test_client().post(
        "/voice/incoming", data="abc", content_type=kind, headers={"X-Twilio-Signature": "abc"}
    )
    assert answer.status_code == 403


def test_a_body_too_long_for_a_carrier_is_not_read(exchange: Exchange) -> None:
    answer = exchange.app.test_client().post(
        "/voice/incoming",
        data="Digits=" + "1" * 100_000,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": "abc"},
    )
    assert answer.status_code == 413


def test_absurd_values_in_a_signed_request_do_no_harm(exchange: Exchange) -> None:
    call = dial(exchange, "5")
    form = [*call.requests[0].form, ("DialCallDuration", "9" * 5000), ("Digits", "1" * 5000)]
    client = exchange.app.test_client()
    assert "Rendszerünk" in post(client, f"{PUBLIC_URL}/voice/turns/2?heard=dial", form).decode()
    assert "Ehhez a gombhoz" in post(client, f"{PUBLIC_URL}/voice/turns/2", form).decode()


@pytest.mark.parametrize("digits", ["", "#", "A", "１", "1 2", "5x", "*", "**", "é"])
def test_odd_digits_are_answered_with_a_question(exchange: Exchange, digits: str) -> None:
    call = dial(exchange)
    form = [*call.requests[0].form, ("Digits", digits)]
    body = post(exchange.app.test_client(), f"{PUBLIC_URL}/voice/turns/1", form)
    assert b"<Gather" in body


def test_a_finishing_key_that_a_platform_leaves_in_is_no_part_of_the_number(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, "5 3 1 20293811")
    form = [*call.requests[0].form, ("Digits", "210#")]
    url = f"{PUBLIC_URL}/voice/turns/{len(call.documents)}"
    assert "kétszáztíz kilowattóra" in post(exchange.app.test_client(), url, form).decode()


def test_a_turn_that_comes_after_the_end_of_its_call_leaves_nothing_typed(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, "5 1 20293811")
    form = [*call.requests[0].form, ("Digits", "48213377")]
    number = len(call.documents)
    call.hang_up()
    post(exchange.app.test_client(), f"{PUBLIC_URL}/voice/turns/{number}", form)
    with read(utility.engine) as connection:
        assert set(connection.scalars(select(turns.c.heard))) == {None}


def test_a_signature_for_another_address_is_refused(exchange: Exchange) -> None:
    form = [("CallSid", "CA1"), ("From", CALLER), ("To", LINE_NUMBER)]
    signature = sign(f"{PUBLIC_URL}/voice/turns/1", form, TOKEN)
    answer = exchange.app.test_client().post(
        "/voice/turns/2", data=dict(form), headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 403


def test_without_a_token_every_door_is_shut(utility: Database) -> None:
    with Exchange(utility.url, Clock.at(NOW), settings={"auth_token": None}) as exchange:
        form = [("CallSid", "CA1"), ("From", CALLER), ("To", LINE_NUMBER)]
        signature = sign(f"{PUBLIC_URL}/voice/incoming", form, "")
        answer = exchange.app.test_client().post(
            "/voice/incoming", data=dict(form), headers={"X-Twilio-Signature": signature}
        )
    assert answer.status_code == 403


def test_a_call_that_the_old_token_signs_goes_on_while_the_token_is_changed(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    call = dial(exchange, "5 3 2")
    caplog.set_level(logging.INFO)
    exchange.settings = {"auth_token": "the new token", "previous_auth_token": TOKEN}
    exchange.restart()
    assert "remove it once the new token is promoted" in caplog.text
    call.type("20293811")
    assert "<Hangup/>" not in call.documents[-1]
    assert "Rendszerünk átmenetileg" not in call.last_heard
    promoted = exchange.make_carrier(auth_token="the new token")
    assert "Üdvözli" in promoted.dial(from_=CALLER, to=LINE_NUMBER).last_heard
    exchange.settings = {"auth_token": "the new token"}
    exchange.restart()
    form = [("CallSid", "CA1"), ("From", CALLER), ("To", LINE_NUMBER)]
    url = f"{PUBLIC_URL}/voice/incoming"
    for token, status in ((TOKEN, 403), ("the new token", 200)):
        answer = exchange.app.test_client().post(
            "/voice/incoming",
            data=dict(form),
            headers={"X-Twilio-Signature": sign(url, form, token)},
        )
        assert answer.status_code == status


def test_unknown_parameters_and_escapes_in_the_query_do_not_break_the_signature(
    exchange: Exchange,
) -> None:
    form = [("CallSid", "CA1"), ("From", "anonymous"), ("To", LINE_NUMBER), ("Új", "1+1=2 100%")]
    url = f"{PUBLIC_URL}/voice/incoming?n=%C5%91%2F%7E&x=a+b"
    assert "Üdvözli" in post(exchange.app.test_client(), url, form).decode()


def test_a_turn_that_never_was_gets_an_apology_and_a_person(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    form = [("CallSid", "CA1"), ("From", CALLER), ("To", LINE_NUMBER), ("Digits", "1")]
    body = post(exchange.app.test_client(), f"{PUBLIC_URL}/voice/turns/3", form).decode()
    assert "Rendszerünk átmenetileg nem érhető el." in body
    assert "<Number>+3612383838</Number>" in body
    assert "call CA1 failed: TranscriptMismatchError" in caplog.text


def test_a_call_that_began_with_another_tree_gets_an_apology_and_a_person(
    exchange: Exchange, tmp_path: Path
) -> None:
    call = dial(exchange, "5")
    other = tmp_path / "menu_tree.yaml"
    other.write_text(Settings().menu_tree.read_text("utf-8") + "# another version\n", "utf-8")
    exchange.settings["menu_tree"] = other
    exchange.restart()
    call.press("1")
    assert "Rendszerünk átmenetileg nem érhető el." in call.last_heard


def test_when_the_database_fails_the_caller_hears_an_apology_and_a_person(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    form = [("CallSid", "CA1"), ("From", CALLER), ("To", LINE_NUMBER), ("Digits", "48213377")]
    with Exchange(empty_database_url, Clock.at(NOW)) as exchange:
        call = dial(exchange)
        post(exchange.app.test_client(), f"{PUBLIC_URL}/voice/turns/4", form)
    assert "Rendszerünk átmenetileg nem érhető el." in call.last_heard
    assert call.ended
    assert "call CA1 failed" in caplog.text
    assert "48213377" not in caplog.text


def test_the_fallback_document_needs_no_database(empty_database_url: str) -> None:
    with Exchange(empty_database_url, Clock.at(NOW)) as exchange:
        client = exchange.app.test_client()
        for method in (client.get, client.post):
            answer = method("/voice/fallback")
            assert answer.mimetype == "text/xml"
            assert "Our system is not available" in answer.text


def test_every_door_is_signed_but_those_that_hold_nothing(exchange: Exchange) -> None:
    open_doors = {"/voice/fallback", "/healthz", "/readyz"}
    client = exchange.app.test_client()
    for rule in exchange.app.url_map.iter_rules():
        url = re.sub(r"<[^>]*>", "1", str(rule))
        if url in open_doors:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert client.open(url, method=method).status_code == 403, url


def test_what_is_refused_is_one_constant_line_that_tells_nothing(exchange: Exchange) -> None:
    client = exchange.app.test_client()
    refused = [
        ("GET", "/nowhere/+36301234567?x=<b>", 404),
        ("TRACE", "/voice/incoming", 405),
        ("PUT", "/sms/inbound", 405),
        ("GET", "/robots.txt", 404),
        ("POST", "/voice/incoming", 403),
        ("GET", "/healthz/../etc/passwd", 404),
    ]
    for method, path, status in refused:
        answer = client.open(path, method=method)
        assert answer.status_code == status, path
        assert answer.mimetype == "text/plain"
        assert answer.text in {"403 Forbidden\n", "404 Not Found\n", "405 Method Not Allowed\n"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in answer.headers
    for path, text in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
        assert client.get(path).text == text


def test_webhooks_that_a_proxy_turned_into_get_are_answered_alike(
    exchange: Exchange, utility: Database
) -> None:
    by_post = dial(exchange, "5 1 20293811 48213377# 41530#")
    by_post.hang_up()
    client = exchange.app.test_client()
    for url, form in [(request.url, request.form) for request in by_post.requests]:
        renamed = [(name, "CA9" if name == "CallSid" else value) for name, value in form]
        signed = f"{url}{'&' if '?' in url else '?'}{urlencode(renamed)}"
        headers = {"X-Twilio-Signature": sign(signed, [], TOKEN)}
        answer = client.get(signed.removeprefix(PUBLIC_URL), headers=headers)
        assert answer.status_code in (200, 204)
        assert "no-store" in answer.headers.get("Cache-Control", "no-store")
        assert "Rendszerünk" not in answer.text
    with read(utility.engine) as connection:
        outcomes = connection.scalars(select(calls.c.outcome)).all()
    assert outcomes == ["abandoned_before_confirm"] * 2


@pytest.mark.parametrize("path", ["//voice/incoming", "/voice//fallback", "//", "/static/x"])
def test_nothing_is_redirected_to_the_host_that_a_request_names(
    exchange: Exchange, path: str
) -> None:
    answer = exchange.app.test_client().get(path, headers={"Host": "elsewhere.example"})
    assert answer.status_code == 404
    assert "elsewhere" not in answer.text + str(answer.headers)


def test_no_rule_can_redirect(exchange: Exchange) -> None:
    assert not any(rule.rule.endswith("/") for rule in exchange.app.url_map.iter_rules())


def test_a_service_with_a_broken_tree_does_not_start(utility: Database, tmp_path: Path) -> None:
    tree = tmp_path / "menu_tree.yaml"
    sound = Settings().menu_tree.read_text("utf-8")
    tree.write_text(sound.replace("desk: billing", "desk: biling"), "utf-8")
    with pytest.raises(Exception, match="biling"):
        Exchange(utility.url, Clock.at(NOW), settings={"menu_tree": tree})


def post(client: FlaskClient, url: str, form: list[tuple[str, str]]) -> bytes:
    answer = client.post(
        url.removeprefix(PUBLIC_URL),
        data=urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": sign(url, form, TOKEN)},
    )
    assert answer.status_code == 200
    return answer.data


def test_a_program_that_answers_at_once_is_asked_again_and_no_fault_is_counted(
    utility: Database,
) -> None:
    with Exchange(utility.url, Clock.at(NOW), time_passes=True) as exchange:
        call = dial(exchange, "5 1 20293811 48213377# 41530#")
        form = call.requests[0].form
        client = exchange.app.test_client()

        def press(key: str, turn: int) -> str:
            url = f"{PUBLIC_URL}/voice/turns/{turn}"
            body = post(client, url, [*form, ("Digits", key)])
            assert post(client, url, [*form, ("Digits", "2")]) == body
            return body.decode().replace(f"turns/{turn + 1}", "turns/N")

        number = len(call.documents)
        read_back = press("#", number)
        # From here on the clock stands.
        answers = [press("1", turn) for turn in range(number + 1, number + 7)]
        assert set(answers) == {read_back}
        assert stored(utility) == []
        exchange.clock.pass_by(1.1)
        assert "rögzítettük" in press("1", number + 7)
    assert len(stored(utility)) == 1
