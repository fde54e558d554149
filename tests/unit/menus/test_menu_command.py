"""``zoldszam menu``: what is printed and written, and what a script can rely on."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
from bad_forms import BAD_FORMS
from click.testing import CliRunner, Result
from small_line import DESKS, TREE, Files

from cli.menu import menu_group
from cli.menu.common import default_prompts, spoken_by_neighbours
from cli.menu.surroundings import TreeSurroundings, surroundings_of
from ivr.code_prompts import REQUIRED
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Choice
from settings import HERE

SIZES = r"9 nodes, 2 languages, walked [\d,]+ states in [\d,]+ steps"


async def short_form(call: Call) -> None:
    """Ask one question, so that the walk is a short one."""
    await call.ask("form.after", Choice("1"))


def surroundings(tree: Path) -> TreeSurroundings:
    sounds = Path("recordings")
    return TreeSurroundings(
        {"payment_day": short_form} | BAD_FORMS,
        DESKS,
        REQUIRED,
        desk_lines={"general": ["+3680202938", "+36209383838"]},
        recordings=sounds if sounds.is_dir() else None,
    )


def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    group = menu_group(surroundings)
    where = ("--prompts", "prompts")
    if arguments[0] in ("schema", "diff") or "--help" in arguments:
        where = ()
    return CliRunner().invoke(
        group, [*arguments, *where], env={"MENU_TREE": None, **(environment or {})}
    )


def sound(name: str, content: str = "any") -> None:
    path = Path("recordings", "hu", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_a_sound_tree_is_walked_and_told_in_one_line(files: Files) -> None:
    files.complete()
    result = run("check")
    assert re.fullmatch(rf"menu_tree\.yaml: {SIZES}, no findings\.\n", result.output)
    assert result.exit_code == 0


def test_an_error_is_printed_and_fails_the_command_before_any_walk(files: Files) -> None:
    files.complete()
    files.bend("desk: complaints", "desk: complaint")
    result = run("check", "menu_tree.yaml")
    assert result.output == (
        "menu_tree.yaml:9:36: error[unknown-desk]: there is no desk 'complaint'."
        " Did you mean 'complaints'?\n"
        "menu_tree.yaml: 9 nodes, 2 languages, not walked, 1 error.\n"
    )
    assert result.exit_code == 1


def test_what_only_the_walk_finds_fails_the_command(files: Files) -> None:
    files.complete()
    files.bend("uses: payment_day", "uses: traps")
    result = run("check")
    assert "menu_tree.yaml:20:3: error[walk-trapped]: neither a person nor" in result.output
    assert result.exit_code == 1


def test_a_warning_fails_the_command_only_when_it_is_strict(files: Files) -> None:
    files.complete()
    sound("opening.hello.wav")
    result = run("check")
    assert result.output.splitlines()[-1].endswith(" steps, 1 warning.")
    assert result.exit_code == 0
    assert run("check", "--strict").exit_code == 1


def test_a_tree_that_cannot_be_loaded_fails_every_command(files: Files) -> None:
    files.bend("operator: general\n", "")
    for command in ("check", "show", "draw", "phrases", "guide"):
        result = run(command)
        assert result.output.endswith("\nmenu_tree.yaml: 1 error.\n")
        assert result.exit_code == 1


def test_the_tree_may_be_named_by_the_environment(files: Files) -> None:
    files.write("other.yaml", TREE.replace("goodbye", "farewell"))
    result = run("show", environment={"MENU_TREE": "other.yaml"})
    assert "farewell" in result.output


def test_a_neighbour_that_shares_the_sentences_is_not_left_over(files: Files) -> None:
    files.complete()
    files.write("heat.yaml", TREE.replace('  "4": {hangup: goodbye}\n', ""))
    assert run("check", "heat.yaml").output.endswith(", no findings.\n")


@pytest.mark.parametrize(("language", "words"), [("hu", "Ha befejezte"), ("en", "To finish")])
def test_a_tree_is_shown_in_the_language_asked_for(files: Files, language: str, words: str) -> None:
    result = run("show", "--language", language)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].endswith(words)


@pytest.mark.parametrize("command", ["show", "draw", "phrases", "guide"])
def test_a_language_that_the_tree_does_not_speak_is_refused(files: Files, command: str) -> None:
    result = run(command, "--language", "de")
    assert result.exit_code == 2
    assert "'de' is not a language of menu_tree.yaml; it speaks hu, en." in result.output


def test_a_drawing_goes_into_a_file_or_as_mermaid_to_the_output(files: Files) -> None:
    result = run("draw", "--svg", "tree.svg", "--depth", "1")
    assert (result.exit_code, result.output) == (0, "")
    assert Path("tree.svg").read_text("utf-8").startswith("<svg ")
    printed = run("draw", "--language", "en", "--depth", "1").output.splitlines()
    assert printed[0] == "flowchart LR"
    assert sum(" -- " in line for line in printed) == 4


def test_the_phrases_become_a_table_that_a_spreadsheet_opens(files: Files) -> None:
    files.complete()
    assert run("phrases", "--language", "hu", "--csv", "hu.csv").exit_code == 0
    text = Path("hu.csv").read_text("utf-8-sig")
    rows = {row["prompt"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    assert rows["options.payments"] == {
        "prompt": "options.payments",
        "places": "menu 2, key 2",
        "slots": "key",
        "seconds": "3.1",
        "recording": "",
        "words": "Fizetés, | fizetési nap, {key:press}.",
    }
    assert rows["info.about_bill"]["places"] == "2.1"
    assert rows["opening.welcome"]["places"] == "opening"
    assert rows["payment_day.which"]["places"] == "form at 2.2.1, 3"
    assert rows["noinput.choice"]["places"] == "anywhere"
    assert rows["read_back"]["places"] == "another line"


def test_the_phrases_come_in_the_order_in_which_a_listener_hears_the_line(files: Files) -> None:
    files.complete()
    listed = [line.split()[0] for line in run("phrases").output.splitlines()[:-1]]
    in_order = [
        *("opening.welcome", "opening.language", "menus.main", "options.complaint"),
        *("options.goodbye", "navigation.main", "options.about_bill", "info.about_bill"),
        *("navigation.info", "options.payment_day", "payment_day.which"),
        *("hangup.goodbye", "noinput.choice", "read_back"),
    ]
    assert [prompt for prompt in listed if prompt in in_order] == in_order


def test_the_phrases_tell_what_is_recorded_missing_and_stale(files: Files) -> None:
    files.complete()
    sound("opening.welcome.wav")
    assert "  unmarked  [opening] Jó napot kívánok!" in run("phrases").output
    assert run("phrases", "--mark-recorded").exit_code == 0
    listed = run("phrases").output
    assert "  recorded  [opening] Jó napot kívánok!" in listed
    assert "  missing   [2.1] A számla havonta érkezik." in listed
    assert "1 recorded, 0 unmarked, 0 stale," in listed.splitlines()[-1]
    text = Path("prompts/hu.yaml").read_text("utf-8")
    files.write("prompts/hu.yaml", text.replace("Jó napot kívánok!", "Jó estét kívánok!"))
    assert run("phrases", "--mark-recorded").exit_code == 0, "an old sound is not vouched for"
    assert "  stale     [opening] Jó estét kívánok!" in run("phrases").output
    sound("opening.welcome.wav", "recorded again")
    run("phrases", "--mark-recorded")
    assert "  recorded  [opening] Jó estét kívánok!" in run("phrases").output


def test_recordings_cannot_be_marked_where_there_are_none(files: Files) -> None:
    assert "Set RECORDINGS" in run("phrases", "--mark-recorded").output
    Path("recordings").mkdir()
    result = run("phrases", "--mark-recorded")
    assert (result.exit_code, "There is no folder recordings/hu." in result.output) == (2, True)


def test_two_versions_are_compared_as_diff_does(files: Files) -> None:
    Path("old/prompts").mkdir(parents=True)
    for file in ("menu_tree.yaml", "prompts/hu.yaml", "prompts/en.yaml"):
        Path("old", file).write_bytes(Path(file).read_bytes())
    assert (run("diff", "old", ".").output, run("diff", "old", ".").exit_code) == ("", 0)
    files.bend("Goodbye!", "Farewell!", "prompts/en.yaml")
    result = run("diff", "old/menu_tree.yaml", "menu_tree.yaml")
    assert result.output == (
        "words changed in en: hangup.goodbye\n    - Goodbye!\n    + Farewell!\n"
    )
    assert result.exit_code == 1
    files.bend("operator: general\n", "")
    assert run("diff", "old", ".").exit_code == 2


def test_the_guide_has_the_numbers_of_the_operators_desk(files: Files) -> None:
    result = run("guide", "--html", "guide.html", "--language", "en")
    assert (result.exit_code, result.output) == (0, "")
    page = Path("guide.html").read_text("utf-8")
    assert '<span class="green">06 80 202 938</span>' in page
    assert "06 20 938 3838" in page


LINES = """\
default: other
lines:
  other:
    tree: other.yaml
    numbers: []
  small:
    tree: menu_tree.yaml
    desks: small_desks.yaml
    prompts: prompts
    languages: [en]
    opening: [hangup.goodbye]
    numbers: ["+3680000010"]
"""
SMALL_DESKS = """\
desks:
  general: {number: "+3610000001", hours: ["mon-fri 08:00-20:00"]}
  complaints: {number: "+3610000001", hours: ["mon-fri 08:00-20:00"]}
reachable: {desk: general, hours: 12, between: 07:00-21:00}
"""
HEAT = HERE / "menus" / "trees" / "heat.yaml"


@pytest.fixture
def lines(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    """The small line as one of two in a lines file, and an environment that names only that."""
    for name in ("DESKS", "MENU_TREE", "RECORDINGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINES", "lines.yaml")
    files.write("lines.yaml", LINES)
    files.write("small_desks.yaml", SMALL_DESKS)
    return files


def of_settings(*arguments: str) -> str:
    return CliRunner().invoke(menu_group(surroundings_of), arguments, catch_exceptions=False).output


def test_a_tree_has_the_desks_languages_and_opening_of_its_line(lines: Files) -> None:
    told = of_settings("check", "menu_tree.yaml")
    assert "no desk" not in told
    assert "menu_tree.yaml: 9 nodes, 1 language, not walked, " in told
    assert of_settings("show", "menu_tree.yaml").startswith("electricity, in en;")
    phrases = of_settings("phrases", "menu_tree.yaml")
    assert "  [opening, 4] Goodbye!" in phrases
    assert "it speaks en." in of_settings("draw", "menu_tree.yaml", "--language", "hu")
    assert "06 80 000 010" in of_settings("guide", "menu_tree.yaml")


def test_the_sentences_of_a_line_are_compared_wherever_they_are(lines: Files) -> None:
    shutil.copytree(".", "old")
    Path("prompts").rename("elsewhere")
    lines.bend("prompts: prompts", "prompts: elsewhere", "lines.yaml")
    lines.bend("Goodbye!", "Farewell!", "elsewhere/en.yaml")
    told = of_settings("diff", "old", "menu_tree.yaml")
    assert told == "words changed in en: hangup.goodbye\n    - Goodbye!\n    + Farewell!\n"


def test_desks_that_are_named_go_before_those_of_the_line(
    lines: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines.write("named.yaml", SMALL_DESKS.replace("  complaints:", "  other:"))
    monkeypatch.setenv("DESKS", "named.yaml")
    for command in ("check", "guide"):
        told = of_settings(command, "menu_tree.yaml")
        assert "there is no desk 'complaints'. Known are: general, other." in told


def test_of_two_lines_with_one_tree_neither_holds(lines: Files) -> None:
    lines.bend("other.yaml", "menu_tree.yaml", "lines.yaml")
    assert "it speaks hu, en." in of_settings(
        "show", "menu_tree.yaml", "--prompts", "prompts", "--language", "de"
    )


def test_a_shipped_tree_is_found_in_the_shipped_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DESKS", "LINES", "MENU_TREE"):
        monkeypatch.delenv(name, raising=False)
    found = surroundings_of(HEAT)
    assert (set(found.hours), found.numbers) == ({"heat", "heat_complaints"}, ("+3680000010",))
    monkeypatch.setenv("MENU_TREE", str(HEAT))
    assert "heat" not in surroundings_of(HEAT).hours, "alone it has the desks of the settings"


def test_the_shipped_trees_are_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MENU_TREE", raising=False)
    assert "meter_reading" in CliRunner().invoke(menu_group(surroundings), ["show"]).output
    assert "info.partial_online" in spoken_by_neighbours(HEAT, default_prompts())


def test_messages_go_to_the_number_that_is_named_or_that_sends(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run("guide", "--messages", "06 20 938 3838", "--language", "en").output
    assert "<dt><kbd>TOPICS</kbd></dt>" in told
    assert "TOPICS" not in run("guide", "--language", "en").output
    for sender, number in (("+36209383838", "+36209383838"), ("MG" + "0" * 32, None)):
        monkeypatch.setenv("SMS_FROM", sender)
        assert surroundings_of(Path("menu_tree.yaml")).messages == number


def test_a_message_that_breaks_a_rule_fails_the_check(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.complete()
    for language in ("hu", "en"):
        path = f"prompts/{language}.yaml"
        words = Path(path).read_text("utf-8")
        files.write(path, f"{words}texts:\n  about_bill: Fizessen most. Tartozása van.\n")
    # Another error, since nothing of this needs the walk.
    files.bend("uses: payment_day", "uses: nothing")
    monkeypatch.delenv("DESKS", raising=False)
    told = of_settings("check", "menu_tree.yaml", "--prompts", "prompts")
    assert "'texts.about_bill' breaks the rule 'stem' of service messages: \"Tartoz\"" in told
    files.write("desks.yaml", SMALL_DESKS)
    monkeypatch.setenv("DESKS", "desks.yaml")
    told = of_settings("check", "menu_tree.yaml", "--prompts", "prompts")
    assert "not walked, " in told
    assert "text-unfit" not in told, "without a desk for messages nothing is sent"


def test_the_help_tells_where_the_tree_comes_from(files: Files) -> None:
    assert "MENU_TREE" in run("--help").output
    assert "Exits with 1 when there is an error" in run("check", "--help").output
