"""Fixtures of the API."""

import pytest

from tests.api.support import Api, ApiClient
from tests.support.databases.database import Database


@pytest.fixture
def api(utility: Database) -> Api:
    """The API on the records of the small utility."""
    return Api(utility)


@pytest.fixture
def client(api: Api) -> ApiClient:
    """A client with every scope."""
    return api.client()
