"""Tests run where nothing was left, and leave the environment as it was."""

import os
from pathlib import Path

import pytest

from settings import HERE
from tests.support.runs.surroundings import environment_kept, use_empty_folder


def test_no_test_runs_where_a_command_finds_what_make_run_has_left() -> None:
    assert list(Path().iterdir()) == []
    assert not Path.cwd().is_relative_to(HERE)


def test_what_a_test_leaves_in_the_folder_is_told_at_the_end() -> None:
    go_back = use_empty_folder()
    left = Path("left").absolute()
    left.touch()
    with pytest.raises(OSError, match="not empty"):
        go_back()
    left.unlink()
    left.parent.rmdir()


def test_variables_that_a_test_leaves_are_named_and_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHANGED", "1")
    monkeypatch.setenv("GONE", "1")
    with pytest.raises(AssertionError, match=r"another ADDED, CHANGED, GONE$"):
        _leave_variables()
    assert "ADDED" not in os.environ
    assert (os.environ["CHANGED"], os.environ["GONE"]) == ("1", "1")


@environment_kept()
def _leave_variables() -> None:
    os.environ |= {"ADDED": "2", "CHANGED": "2"}
    del os.environ["GONE"]
