"""Folders of jobs, and what killed workers have left."""

import os
import tempfile
from pathlib import Path

import pytest

from backend.staff.background_jobs.job_folders import PREFIX, clear_left_folders, job_folder


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(folder: Path) -> None:
    os.utime(folder, (0, 0))


def test_what_a_killed_worker_has_left_goes_and_what_a_live_one_has_stays(place: Path) -> None:
    left = place / f"{PREFIX}left"
    left.mkdir()
    (left / "lista.csv").write_bytes(b"case_id\n")
    aged(left)
    young = place / f"{PREFIX}young"
    young.mkdir()
    other = place / "another's"
    other.mkdir()
    aged(other)
    with job_folder() as held:
        aged(held)
        assert clear_left_folders() == 1
        assert set(place.iterdir()) == {held, young, other}
    assert set(place.iterdir()) == {young, other}


def test_a_link_to_a_folder_elsewhere_is_not_followed(place: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    aged(elsewhere)
    (place / f"{PREFIX}link").symlink_to(elsewhere)
    assert clear_left_folders() == 0
    assert (elsewhere / "kept").exists()
