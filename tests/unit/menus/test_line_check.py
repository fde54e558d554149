"""A line that loads is held against forms, desks, published paths, the law, and its languages."""

from small_line import Files

from menus.line_checks import check_line


def test_the_small_line_is_fit_for_callers(files: Files) -> None:
    assert files.findings() == []


def test_a_published_path_may_lead_on_by_goto(files: Files) -> None:
    files.bend('{"2.2.1": payment_day}', '{"2.2.2": billing}')
    assert files.findings() == []


def test_a_misspelt_prompt_is_told_in_both_languages_and_as_left_over(files: Files) -> None:
    files.bend('  about_bill: "A bill comes every month."\n', "  other: Other\n", "prompts/en.yaml")
    assert files.findings() == [
        (
            "prompts/hu.yaml:17:3: error[prompt-missing]: prompt 'info.about_bill' is missing"
            " from en.yaml. Write it there, too."
        ),
        (
            "prompts/en.yaml:17:3: error[prompt-missing]: prompt 'info.other' is missing from"
            " hu.yaml. Write it there, too."
        ),
        (
            "prompts/en.yaml:17:3: warning[unused-prompt]: no tree says prompt 'info.other'."
            " Remove it, or offer what it belongs to."
        ),
    ]


def test_a_prompt_written_nowhere_is_told_where_the_tree_says_it(files: Files) -> None:
    files.bend("{info: about_bill}", "{info: about_bill, statements: [info.about_bill, info.b]}")
    files.bend("opening.welcome", "opening.hello")
    assert files.findings() == [
        (
            "menu_tree.yaml:4:11: error[prompt-missing]: prompt 'opening.hello' is said here and"
            " written nowhere. Write it into hu.yaml and en.yaml."
        ),
        (
            "menu_tree.yaml:13:7: error[prompt-missing]: prompt 'info.b' is said here and"
            " written nowhere. Write it into hu.yaml and en.yaml."
        ),
    ]


def test_what_the_dialogue_says_must_be_written_with_the_slots_it_fills(files: Files) -> None:
    assert files.findings(required_prompts=("read_back", "receipt")) == [
        (
            "prompts/hu.yaml:1:1: error[prompt-missing]: prompt 'receipt' is said by the dialogue"
            " and written nowhere. Write it into hu.yaml and en.yaml."
        )
    ]
    assert files.findings(required_prompts={"read_back": {"day"}, "opening.welcome": None}) == [
        f"prompts/{language}.yaml:20:1: error[slot-unfilled]: prompt 'read_back' has {{date}},"
        " which nothing fills. Take it out of the sentence."
        for language in ("hu", "en")
    ]


def test_what_another_tree_says_is_neither_unused_nor_needed_in_every_language(
    files: Files,
) -> None:
    files.bend("info:\n", 'info:\n  heat: "A fűtésről."\n', "prompts/hu.yaml")
    assert len(files.findings()) == 2
    assert files.findings(spoken_elsewhere={"info.heat"}) == []


def test_a_tree_of_one_language_may_use_key_eight(files: Files) -> None:
    files.bend("languages: [hu, en]", "languages: [hu]")
    more = "".join(f'  "{key}": {{goto: again_{key}, to: main}}\n' for key in range(5, 9))
    files.bend('  "4": {hangup: goodbye}\n', f'  "4": {{hangup: goodbye}}\n{more}')
    words = "".join(f'  again_{key}: "Újra, {{key:press}}."\n' for key in range(5, 9))
    files.bend("options:\n", f"options:\n{words}", "prompts/hu.yaml")
    assert [finding.split(" ")[1] for finding in files.findings()] == ["warning[many-options]:"]


def test_forms_and_desks_may_be_left_unchecked(files: Files) -> None:
    files.bend("desk: complaints", "desk: anywhere")
    line = files.load()
    assert check_line(line, forms=None, desks=None) == ()
    assert len(check_line(line, forms=(), desks=())) == 4
