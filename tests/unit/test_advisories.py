"""The audit of locked libraries: what advisories say is found, and nothing else."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tests.support.project.advisories import (
    age_warning,
    findings,
    is_affected,
    locked,
    newest,
    read_advisories,
)
from tests.support.runs.tables import each_of

RANGES = {
    "package": {"name": "Flask_WTF", "ecosystem": "PyPI"},
    "ranges": [
        {"type": "GIT", "events": [{"introduced": "0"}]},
        {
            "type": "ECOSYSTEM",
            "events": [
                {"introduced": "0"},
                {"fixed": "1.2.10"},
                {"introduced": "2.0"},
                {"last_affected": "2.3"},
            ],
        },
    ],
    "versions": ["1.9.dev1"],
}
ADVISORY = {"id": "PYSEC-1", "modified": "2026-11-01T10:00:00Z", "affected": [RANGES]}


@each_of(
    ("version", "affected"),
    [
        *(("0.1", True), ("1.2.9", True), ("1.2.10", False), ("1.9", False)),
        *(("1.9.dev1", True), ("2.0", True), ("2.3", True), ("2.3.1", False)),
    ],
)
def test_a_version_is_affected_as_the_schema_says(version: str, affected: bool) -> None:
    assert is_affected(version, RANGES) is affected


def test_a_library_is_found_however_its_name_is_written(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "flask-wtf==1.2.9 \\\n    --hash=sha256:00\nflask==3.1 ; python_version > '3'\n"
    )
    (found,) = findings(locked([lock]), [ADVISORY])
    assert str(found) == "flask-wtf 1.2.9: PYSEC-1, mended in 1.2.10"
    other: dict[str, Any] = {**RANGES, "package": {"name": "flask-wtf", "ecosystem": "npm"}}
    assert findings(locked([lock]), [{**ADVISORY, "affected": [other]}]) == []


def test_a_zip_and_a_folder_are_read_alike_without_what_was_withdrawn(tmp_path: Path) -> None:
    (tmp_path / "folder" / "flask").mkdir(parents=True)
    (tmp_path / "folder" / "flask" / "a.yaml").write_text(json.dumps(ADVISORY))
    withdrawn = json.dumps({**ADVISORY, "id": "PYSEC-2", "withdrawn": "2026-11-02T00:00:00Z"})
    (tmp_path / "folder" / "b.json").write_text(withdrawn)
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps(ADVISORY))
        archive.writestr("PYSEC-2.json", withdrawn)
    for source in (tmp_path / "folder", tmp_path / "all.zip"):
        assert [each["id"] for each in read_advisories(source)] == ["PYSEC-1"]


def test_an_old_copy_is_told_and_fails_nothing() -> None:
    latest = newest([ADVISORY, {"id": "PYSEC-0", "modified": "2025-01-01T00:00:00Z"}])
    assert latest == date(2026, 11, 1)
    assert age_warning(latest, date(2026, 12, 1)) is None
    warning = age_warning(latest, date(2026, 12, 2))
    assert warning is not None
    assert "31 days ago" in warning
    assert age_warning(None, date(2026, 12, 2)) == "There is no advisory in it."


def test_every_library_of_the_locks_is_pinned() -> None:
    names = {name for name, _ in locked()}
    assert {"flask", "werkzeug", "granian", "sqlalchemy"} <= names
