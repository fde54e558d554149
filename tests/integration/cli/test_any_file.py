"""Whatever a file holds that a command is given, what is wrong is told and never as a traceback."""

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.db.transactions import open_database, write
from cli import FAULT, main
from messages.campaigns.template_library import find_template
from settings import HERE
from tests.support.colleagues.staff import NOW, add_staff
from tests.support.databases.database import UTILITY
from tests.support.runs.examples import examples

SHIPPED = {
    "tree.yaml": HERE / "menu_tree.yaml",
    "lines.yaml": HERE / "lines.yaml",
    "desks.yaml": HERE / "desks.yaml",
    "calendar.yaml": HERE / "calendar.yaml",
    "tariffs.yaml": HERE / "tariffs.yaml",
    **{f"records/{each.name}": each for each in sorted(UTILITY.glob("*.csv"))},
}
CSV = [name for name in SHIPPED if name.startswith("records/")]
TYPED = {
    "template.txt": "{company}: kérjük, hívja: {desk_phone}, {desk_email}".encode(),
    "recipients.csv": b"case_id;phone\nK-1;+36301234567\n",
}
COMMANDS = {
    "tree.yaml": ("menu", "show", "tree.yaml"),
    "records": ("import", "records", "--dry-run"),
    "template.txt": ("template", "check", "template.txt"),
    "recipients.csv": (
        *("campaign", "create", "--name", "x", "--template", "debt_contact_1"),
        *("--recipients", "recipients.csv", "--by", "anna"),
    ),
    "desks.yaml": ("template", "check", "text.txt"),
}
"""The command that reads each; the folder stands for all of its files."""

WRONG = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"\x1b[2J", b'"', b";", b"\t", b"\r"),
    *(b"[" * 200, b"&a *a", b"!!python/object:os.system", b"---\n", b"{a: 1, a: 2}", b"9" * 400),
    *(b"-1", b"1e999", b"=1+1", b"\xe2\x80\x8b", b"\xed\xa0\x80", b"12:30", b"no", b"\n\n", b"{x}"),
)


@st.composite
def bent(draw: st.DrawFn, whole: bytes) -> bytes:
    """A sound file with a few bytes taken out and others put in their place."""
    content = whole
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        until = min(len(content), at + draw(st.sampled_from([0, 1, 7, 80, len(content)])))
        put = draw(st.one_of(st.sampled_from(WRONG), st.binary(max_size=12)))
        content = content[:at] + put + content[until:]
    return content


@pytest.fixture(scope="module")
def folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("any_file")
    (path / "records").mkdir()
    shutil.copy(sqlite_template, path / "records.db")
    engine = open_database(f"sqlite:///{path / 'records.db'}")
    add_staff(engine, anna="sender")
    with write(engine) as connection:
        find_template(connection, "debt_contact_1", now=NOW)
    engine.dispose()
    (path / "text.txt").write_bytes(TYPED["template.txt"])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        patch.setenv("DATABASE_URL", f"sqlite:///{path / 'records.db'}")
        patch.setenv("DESKS", str(path / "desks.yaml"))
        yield path


def told_of(arguments: tuple[str, ...]) -> tuple[int, str]:
    """How the command ends, and all it says."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", said)
        patch.setattr(sys, "stderr", said)
        try:
            main(list(arguments))
        except SystemExit as end:
            return (end.code if isinstance(end.code, int) else int(end.code is not None)), (
                said.getvalue()
            )
    return 0, said.getvalue()


@settings(max_examples=examples(250))
@given(data=st.data())
def test_any_file_is_read_or_refused_in_words(folder: Path, data: st.DataObject) -> None:
    for name, source in SHIPPED.items():
        shutil.copy(source, folder / name)
    read = data.draw(st.sampled_from(sorted(COMMANDS)))
    name = data.draw(st.sampled_from(CSV)) if read == "records" else read
    whole = SHIPPED[name].read_bytes() if name in SHIPPED else TYPED[name]
    (folder / name).write_bytes(data.draw(st.one_of(bent(whole), st.binary(max_size=200))))
    code, told = told_of(COMMANDS[read])
    assert code != FAULT, told
    assert "Traceback" not in told
    if code and read != "template.txt":  # of which each flaw is marked where it stands
        assert Path(name).name in told
