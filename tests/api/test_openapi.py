"""The OpenAPI document says what the API does: requests made from it are answered as it says."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from api.application import OPERATIONS
from api.openapi import PREFIX, document
from backend.db.transactions import open_database
from backend.interface.codes import Scope
from cli import commands
from settings import HERE
from tests.api.support import Api, ApiClient
from tests.support.databases.database import Database, load_utility
from tests.support.runs.examples import all_asked_for

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Api]:
    """One API for all examples, whose clock goes on by a second with every request."""
    path = tmp_path_factory.mktemp("api") / "records.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    load_utility(engine)
    made = Api(Database(f"sqlite:///{path}", engine))
    yield made
    engine.dispose()


@pytest.fixture(scope="module")
def key(api: Api) -> str:
    return api.key("erp", tuple(Scope))


@pytest.fixture(scope="module")
def served(api: Api) -> Any:
    """The document as the API serves it, taken apart once for all operations."""
    return schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", api.app)


TRIED = [
    (operation.name, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    # To make rows of five tables takes as long as all the rest; test_records.py has such rows.
    if all_asked_for() or operation.name != "push_records"
]


@pytest.mark.parametrize(("name", "mode"), TRIED)
def test_requests_made_from_the_document_are_answered_as_it_says(
    api: Api, key: str, served: Any, name: str, mode: GenerationMode
) -> None:
    cases = served.find_operation_by_id(name).as_strategy(generation_mode=mode)
    checks = [CHECKS.get_one(each) for each in CHECKED]
    rejects = CHECKS.get_one("negative_data_rejection")

    @settings(
        max_examples=40 if all_asked_for() else 4,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        api.now += timedelta(seconds=1)
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(response, checks=[*checks, rejects])

    ask()


def test_the_document_is_served_to_everybody_and_printed(api: Api) -> None:
    served = ApiClient(api, "").get("/openapi.json")
    printed = CliRunner().invoke(commands, ["api", "openapi"])
    assert json.loads(served.get_data()) == json.loads(printed.output) == document(OPERATIONS)


def test_every_schema_of_the_document_is_one() -> None:
    described = document(OPERATIONS)
    assert described["openapi"] == "3.1.0"
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


def test_the_documentation_has_every_operation_with_its_scope() -> None:
    page = (HERE / "docs" / "api.md").read_text("utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    for operation in OPERATIONS:
        written = f"`{operation.method} {PREFIX}{operation.path.replace('campaign_id', 'id')}`"
        (scopes,) = [row[1] for row in rows if written in row[0]]
        assert all(f"`{scope}`" in scopes for scope in operation.scopes), written
