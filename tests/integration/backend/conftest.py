"""Fixtures of the records' tests."""

import shutil
from pathlib import Path

import pytest

from tests.support.databases.database import UTILITY


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the small utility's files, to be spoilt."""
    folder = tmp_path / "files"
    shutil.copytree(UTILITY, folder)
    return folder
