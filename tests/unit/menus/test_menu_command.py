"""``zoldszam menu``: what is printed, and what a script can rely on."""

import pytest
from click.testing import CliRunner, Result
from small_line import TREE, Files

from cli.menu import menu_group


def _menu(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    group = menu_group(
        forms=lambda: {"payment_day"},
        desks=lambda: {"general", "complaints"},
        required_prompts=lambda: {"read_back"},
    )
    where = ("--prompts", "prompts") if "--help" not in arguments else ()
    return CliRunner().invoke(
        group, [*arguments, *where], env={"MENU_TREE": None, **(environment or {})}
    )


def test_a_sound_tree_is_told_in_one_line(files: Files) -> None:
    result = _menu("check")
    assert result.output == "menu_tree.yaml: 9 nodes, 2 languages, no findings.\n"
    assert result.exit_code == 0


def test_an_error_is_printed_and_fails_the_command(files: Files) -> None:
    files.bend("desk: complaints", "desk: complaint")
    result = _menu("check", "menu_tree.yaml")
    assert result.output == (
        "menu_tree.yaml:9:36: error[unknown-desk]: there is no desk 'complaint'."
        " Did you mean 'complaints'?\n"
        "menu_tree.yaml: 9 nodes, 2 languages, 1 error.\n"
    )
    assert result.exit_code == 1


def test_a_warning_does_not_fail_the_command(files: Files) -> None:
    for language in ("hu", "en"):
        files.bend("info:\n", "info:\n  left_over: Words\n", f"prompts/{language}.yaml")
    result = _menu("check")
    assert result.output.splitlines()[-1] == "menu_tree.yaml: 9 nodes, 2 languages, 2 warnings."
    assert result.exit_code == 0


def test_a_tree_that_cannot_be_loaded_fails_both_commands(files: Files) -> None:
    files.bend("operator: general\n", "")
    for command in ("check", "show"):
        result = _menu(command)
        assert result.output.endswith("\nmenu_tree.yaml: 1 error.\n")
        assert result.exit_code == 1


def test_the_tree_may_be_named_by_the_environment(files: Files) -> None:
    files.write("other.yaml", TREE)
    result = _menu("check", environment={"MENU_TREE": "other.yaml"})
    assert result.output == "other.yaml: 9 nodes, 2 languages, no findings.\n"


def test_a_neighbour_that_shares_the_sentences_is_not_left_over(files: Files) -> None:
    shorter = TREE.replace('  "4": {hangup: goodbye}\n', "")
    files.write("heat.yaml", shorter)
    result = _menu("check", "heat.yaml")
    assert result.output == "heat.yaml: 8 nodes, 2 languages, no findings.\n"


@pytest.mark.parametrize(("language", "words"), [("hu", "Ha befejezte"), ("en", "To finish")])
def test_a_tree_is_shown_in_the_language_asked_for(files: Files, language: str, words: str) -> None:
    result = _menu("show", "--language", language)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].endswith(words)


def test_a_language_that_the_tree_does_not_speak_is_refused(files: Files) -> None:
    result = _menu("show", "--language", "de")
    assert result.exit_code == 2
    assert "'de' is not a language of menu_tree.yaml; it speaks hu, en." in result.output


def test_the_help_tells_where_the_tree_comes_from(files: Files) -> None:
    assert "MENU_TREE" in _menu("--help").output
    assert "Exits with 1 when there is an error" in _menu("check", "--help").output
