"""Whatever a YAML file holds, every reader of one refuses it with its place or reads it as text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.desks import load_calendar, load_desks
from backend.tariffs import load_tariffs
from common.errors import ConfigurationError
from common.findings import TreeError
from common.yaml_source import MAX_DEPTH, read_yaml
from ivr.lines.entries import load_lines
from sms.error_codes import load_codes
from tests.support.runs.tables import each_of

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD = {
    "ten thousand open lists": ("lines: " + "[" * 10_000, "nested more than 64 deep"),
    "ten thousand open mappings": ("lines: " + "{a: " * 10_000, "nested more than 64 deep"),
    "aliases that grow": (BOMB, "is a YAML anchor"),
    "more than a file may have": ("a: b\n" * 300_000, "larger than 1,000,000 bytes"),
    "a tag": ("a: !!python/object/apply:os.system [b]\n", "is a YAML tag"),
    "two documents": ("a: b\n---\nc: d\n", "a second document begins"),
    "nothing": ("", "the file is empty"),
}


@each_of("load", [load_lines, load_desks, load_calendar, load_tariffs, load_codes])
@each_of(("text", "complaint"), BAD.values())
def test_no_file_ends_the_process_or_fills_its_memory(
    tmp_path: Path, load: Callable[[Path], object], text: str, complaint: str
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=rf"file\.yaml:\d+: .*{complaint}"):
        load(path)


def test_depth_up_to_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    inside = MAX_DEPTH - 1
    path.write_text("a: " + "[" * inside + "]" * inside, "utf-8")
    read_yaml(path)
    path.write_text("a: " + "[" * (inside + 2) + "]" * (inside + 2), "utf-8")
    with pytest.raises(TreeError):
        read_yaml(path)


def test_every_scalar_is_text_and_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: no\nb:\n  - 0123\n  - {c: 12:30}\n", "utf-8")
    document = read_yaml(path)
    assert document.root == {"a": "no", "b": ["0123", {"c": "12:30"}]}
    assert document.mark(("b", 1, "c")).line == 4
    assert document.mark(("b", 7)).line == 2
