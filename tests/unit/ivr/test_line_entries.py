"""``lines.yaml``: which line answers which number, and what is wrong is named with its hint."""

from pathlib import Path

import pytest

from common.errors import ConfigurationError
from ivr.lines.entries import load_lines
from settings import HERE, Settings
from settings_environment import _warn_of_lines

SOUND = """\
default: electricity
lines:
  heat:
    tree: trees/heat.yaml
    desks: heat_desks.yaml
    prompts: words
    languages: [hu]
    opening: [opening.welcome]
    numbers: ["+3680000010"]
  electricity:
    tree: menu_tree.yaml
    numbers: ["+3680202938", "+36209383838"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lines.yaml"


def test_the_default_line_comes_first_and_paths_are_meant_from_the_files_folder(file: Path) -> None:
    file.write_text(SOUND, "utf-8")
    electricity, heat = load_lines(file)
    assert (electricity.name, electricity.tree) == ("electricity", file.parent / "menu_tree.yaml")
    assert electricity.numbers == ("+3680202938", "+36209383838")
    assert (electricity.desks, electricity.prompts) == (None, None)
    assert (electricity.languages, electricity.opening) == ((), ())
    assert heat.tree == file.parent / "trees" / "heat.yaml"
    assert heat.desks == file.parent / "heat_desks.yaml"
    assert heat.prompts == file.parent / "words"
    assert (heat.languages, heat.opening) == (("hu",), ("opening.welcome",))


def test_the_shipped_file_names_files_that_are_there() -> None:
    entries = load_lines(HERE / "lines.yaml")
    assert [entry.name for entry in entries] == ["electricity", "heat"]
    for entry in entries:
        for path in (entry.tree, entry.desks, entry.prompts):
            assert path is None or path.exists()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("default: electricity", "default: gas", 'default: "gas" is no line. Name one of heat,'),
        ('["+3680000010"]', '["06 80"]', '"06 80" is not one number. Write it like "+3680202938"'),
        ('["+3680000010"]', '["0680202938"]', '"+3680202938" leads to the line "heat" already.'),
        (
            '["+3680000010"]',
            '["+3680202938"]',
            'lines.electricity.numbers: "+3680202938" leads to the line "heat" already. Keep one.',
        ),
        ("    tree: menu_tree.yaml\n", "", "lines.electricity.tree: is missing. Add it."),
        ("    languages: [hu]", "    language: hu", "lines.heat.language: is not known here. Did"),
        ("default: electricity\n", "", "default: is missing. Add it."),
    ],
)
def test_a_slip_is_named_with_its_place_and_hint(
    file: Path, old: str, new: str, complaint: str
) -> None:
    assert old in SOUND
    file.write_text(SOUND.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_lines(file)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("height", ["24", "", None])
def test_the_height_of_a_terminal_is_no_file_of_lines(height: str | None) -> None:
    environment = {} if height is None else {"LINES": height}
    assert Settings.from_environment(environment).lines is None


def test_the_setting_names_the_file() -> None:
    assert Settings.from_environment({"LINES": "./24"}).lines == Path("24")


def test_a_number_may_be_written_as_people_write_it(file: Path) -> None:
    file.write_text(SOUND.replace("+3680000010", "06 80 000 010"), "utf-8")
    assert load_lines(file)[1].numbers == ("+3680000010",)


def test_the_lines_file_has_a_name_that_no_shell_sets_and_the_older_one_warns(
    caplog: pytest.LogCaptureFixture,
) -> None:
    both = {"LINES_FILE": "ours.yaml", "LINES": "24"}
    assert Settings.from_environment(both).lines == Path("ours.yaml")
    assert not caplog.records
    _warn_of_lines.cache_clear()
    for _ in range(2):
        assert Settings.from_environment({"LINES": "old.yaml"}).lines == Path("old.yaml")
    assert caplog.text.count("LINES_FILE") == 1


def test_settings_never_show_an_address_that_holds_a_password() -> None:
    given = {
        "DATABASE_URL": "postgresql://desk:pa55@db/z",
        "BROKER_URL": "redis://:pa55@queue",
        "TWILIO_AUTH_TOKEN": "pa55",
        "SECRET_KEY": "pa55",
    }
    assert "pa55" not in repr(Settings.from_environment(given))
