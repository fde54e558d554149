from pathlib import Path

import pytest
from small_line import Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """The small line, in a folder that the test works in."""
    monkeypatch.chdir(tmp_path)
    return Files()
