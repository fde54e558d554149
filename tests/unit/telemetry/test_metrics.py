"""Who may read the metrics, what they tell, and where the processes of a service keep them."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
import requests

from backend.interface.codes import CallOutcome
from common.errors import SettingsError
from ivr.dialogue.transcript import TranscriptMismatchError
from settings import Settings
from telemetry import metrics, process_files
from telemetry.catalogue import ALL_METRICS, BUILD, CALLS_ENDED, ERRORS, error_code
from telemetry.endpoint import MetricsEndpoint
from telemetry.instruments import MOST_SERIES, OTHER, Counter
from telemetry.metrics import start
from telemetry.process_files import claim_place, make_folder, remove_left_folders, require_place
from telemetry.readers import Readers
from telemetry.server import serve_metrics
from tests.support.project.metrics import told
from tests.support.runs.forks import told_by_a_fork

TOKEN = "a-token-of-twenty-one"


def asked(readers: Readers, path: str = "/metrics", **environ: str) -> tuple[str, bytes]:
    """The status and body of a request."""
    given: dict[str, Any] = {"PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", **environ}
    setup_testing_defaults(given)
    told: list[str] = []

    def application(_environ: object, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"the application"]

    def start_response(status: str, _headers: object, _info: object = None) -> Any:
        told.append(status)

    body = b"".join(MetricsEndpoint(application, readers, [])(given, start_response))
    return told[0][:3], body


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({}, "200"),
        ({"REMOTE_ADDR": "::1"}, "200"),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, "200"),
        ({"REMOTE_ADDR": "127.0.0.1:51234"}, "200"),
        ({"REMOTE_ADDR": "[::1]:51234"}, "200"),
        ({"REMOTE_ADDR": "10.1.2.3"}, "404"),
        ({"REMOTE_ADDR": "2001:db8::1"}, "404"),
        ({"REMOTE_ADDR": ""}, "404"),
        # Behind a proxy on this machine: the world.
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, "404"),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, "404"),
        ({"REQUEST_METHOD": "POST"}, "404"),
        ({"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": "10.1.2.3"}, "404"),
    ],
)
def test_without_a_token_only_this_machine_reads_the_metrics(
    environ: dict[str, str], status: str
) -> None:
    assert asked(Readers(), **environ)[0] == status


@pytest.mark.parametrize(
    ("given", "status"),
    [(f"Bearer {TOKEN}", "200"), ("Bearer x", "404"), (TOKEN, "404"), ("Bearer é", "404")],
)
def test_with_a_token_the_token_alone_counts(given: str, status: str) -> None:
    """Also from loopback: behind a proxy that marks nothing all the world comes from there."""
    readers = Settings.from_environment({"METRICS_TOKEN": TOKEN}).metrics_readers
    assert asked(readers, HTTP_AUTHORIZATION=given, REMOTE_ADDR="203.0.113.9")[0] == status
    assert asked(readers)[0] == "404"


def test_networks_are_a_setting_and_everything_else_is_the_applications() -> None:
    readers = Settings.from_environment({"METRICS_NETWORKS": "10.1.0.0/16"}).metrics_readers
    assert asked(readers, REMOTE_ADDR="10.1.2.3")[0] == "200"
    assert asked(readers)[0] == "404"
    assert asked(readers, path="/metrics/")[1] == b"the application"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("METRICS_NETWORKS", value) for value in ("10.1.0.1/16", "x", " ")),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_settings_of_what_is_seen_are_refused_with_a_hint(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f'{name} is "'):
        Settings.from_environment({name: value})


@pytest.mark.parametrize("token", ["short", "with some blanks between"])
def test_a_token_that_is_refused_is_not_told(token: str) -> None:
    with pytest.raises(SettingsError, match="METRICS_TOKEN cannot be used") as refused:
        Settings.from_environment({"METRICS_TOKEN": token})
    assert token not in str(refused.value)


def test_the_metrics_tell_the_build_and_what_was_counted() -> None:
    start("webhooks")
    before = told(ERRORS.name, work="call", code="fault")
    ERRORS.count("call", error_code(ValueError("x")))
    ERRORS.count("call", error_code(TranscriptMismatchError("x")))
    assert told(ERRORS.name, work="call", code="fault") == before + 1
    assert told(BUILD.name) == 1


def test_a_worker_tells_its_metrics_on_a_port_of_its_own() -> None:
    server = serve_metrics("127.0.0.1", 0, Readers(), [])
    try:
        at = f"http://127.0.0.1:{server.server_port}"
        assert BUILD.name in requests.get(f"{at}/metrics", timeout=10).text
        assert requests.get(at, timeout=10).status_code == 404
    finally:
        server.shutdown()
        server.server_close()


def test_a_label_that_takes_too_many_values_is_not_counted_apart() -> None:
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    counter = Counter("of_a_test_total", "x", {"of": ()})
    counter.count("before it is opened")
    counter.open(registry)
    for number in range(MOST_SERIES + 5):
        counter.count(str(number))
    assert registry.get_sample_value("of_a_test_total", {"of": OTHER}) == 5


@pytest.fixture
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held = process_files._held[:]
    yield
    for lock in process_files._held[len(held) :]:
        os.close(lock)
    process_files._held[:] = held


@pytest.mark.usefixtures("_own_temporary_folder")
def test_a_process_that_is_started_again_takes_the_place_of_the_dead_one() -> None:
    folder = make_folder()
    assert [claim_place(folder), claim_place(folder)] == [0, 1]
    os.close(process_files._held.pop(-2))  # the first one dies
    assert [claim_place(folder), claim_place(folder)] == [0, 2]


@pytest.mark.usefixtures("_own_temporary_folder")
def test_a_place_that_was_only_tried_is_left_to_the_workers() -> None:
    folder = make_folder()
    require_place(folder)
    assert claim_place(folder) == 0


@pytest.mark.usefixtures("_own_temporary_folder")
def test_folders_of_services_that_are_gone_are_removed_and_those_in_use_stay() -> None:
    left, used = make_folder(), make_folder()
    (left / "counter_0.db").write_bytes(b"x")
    os.close(process_files._held.pop(-2))
    remove_left_folders()
    assert not left.exists()
    assert used.exists()
    assert used.stat().st_mode & 0o077 == 0


def test_a_fork_that_is_started_again_goes_on_where_the_one_before_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The console's process builds the application to try it, and forks its worker."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    def count() -> str:
        ERRORS.count("console", "fault")
        return "counted"

    def tried() -> str:
        metrics._registry = None
        for metric in ALL_METRICS.values():
            metric._metric = None
        start("console", tmp_path)
        workers = [told_by_a_fork(count) for _ in range(3)]
        return f"{workers} {told(ERRORS.name, work='console', code='fault')}"

    assert told_by_a_fork(tried) == f"{['counted'] * 3} 3.0"
    assert {path.name for path in tmp_path.glob("*.lock")} == {"0.lock", "1.lock"}


def test_every_outcome_of_a_call_is_there_from_the_start() -> None:
    assert set(CALLS_ENDED.labels["outcome"]) == set(CallOutcome)
