"""``zoldszam health``: asks a process of this machine, for supervisors."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from flask import Flask, request

from cli import commands
from simulator.threaded_server import running
from tests.support.runs.tables import each_of

TOKEN = "a-token-of-sixteen-characters"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Flask("process")

    @app.get("/readyz")
    def ready() -> str:
        return "ready\n"

    @app.get("/metrics")
    def metrics() -> tuple[str, int]:
        return "", 200 if request.headers.get("Authorization") == f"Bearer {TOKEN}" else 404

    with running(app) as url:
        yield int(url.rpartition(":")[2])


def health(port: int, *options: str) -> Result:
    environment = {"METRICS_TOKEN": TOKEN}
    arguments = ["health", "--port", str(port), *options]
    return CliRunner().invoke(commands, arguments, env=environment)


@each_of(
    ("page", "code", "said"),
    [
        ("/readyz", 0, "is well"),
        ("/metrics", 0, "is well"),
        ("/none", 1, "answers with 404; see its log"),
    ],
)
def test_a_process_is_well_when_its_page_is(page: str, code: int, said: str, port: int) -> None:
    done = health(port, "--page", page)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_who_does_not_answer_is_not_well() -> None:
    done = health(1)
    assert done.exit_code == 1
    assert "Port 1 does not answer" in done.output
