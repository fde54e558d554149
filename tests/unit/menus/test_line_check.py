"""A line that loads is held against forms, desks, published paths, the law, and its languages."""

import pytest
from small_line import Files

from menus.check import check_line

BENT = {
    "a form that nobody wrote": (
        "{form: payment_day}",
        "{form: payment_dai}",
        (
            "menu_tree.yaml:18:23: error[unknown-form]: there is no form 'payment_dai'."
            " Did you mean 'payment_day'?"
        ),
    ),
    "a form in use that nobody wrote": (
        "uses: payment_day",
        "uses: weather",
        (
            "menu_tree.yaml:20:30: error[unknown-form]: there is no form 'weather'."
            " Known are: meter_reading, payment_day."
        ),
    ),
    "an operator without a desk": (
        "operator: general",
        "operator: genral",
        (
            "menu_tree.yaml:5:11: error[unknown-desk]: there is no desk 'genral'."
            " Did you mean 'general'?"
        ),
    ),
    "a transfer to no desk": (
        "desk: complaints",
        "desk: complaint",
        (
            "menu_tree.yaml:9:36: error[unknown-desk]: there is no desk 'complaint'."
            " Did you mean 'complaints'?"
        ),
    ),
    "a published path that moved": (
        '{"2.2.1": payment_day}',
        '{"2.1": payment_day}',
        (
            "menu_tree.yaml:6:19: error[published-path]: published path 2.1 leads to 'about_bill',"
            " not to 'payment_day'. 'payment_day' is at 2.2.1: lead 2.1 to it again, with goto."
        ),
    ),
    "a published path that leads nowhere": (
        '{"2.2.1": payment_day}',
        '{"2.2.3": payment_day}',
        (
            "menu_tree.yaml:6:19: error[published-path]: published path 2.2.3 leads nowhere, not to"
            " 'payment_day'. 'payment_day' is at 2.2.1: lead 2.2.3 to it again, with goto."
        ),
    ),
    "a published path to what is gone": (
        '{"2.2.1": payment_day}',
        '{"2.2.1": payment}',
        (
            "menu_tree.yaml:6:19: error[published-path]: published path 2.2.1 leads to"
            " 'payment_day', not to 'payment'. Did you mean 'payments'?"
        ),
    ),
}


def test_the_small_line_is_fit_for_callers(files: Files) -> None:
    assert files.findings() == []


@pytest.mark.parametrize(("old", "new", "finding"), BENT.values(), ids=BENT)
def test_a_bent_tree_shows_exactly_its_finding(
    files: Files, old: str, new: str, finding: str
) -> None:
    files.bend(old, new)
    if "payment_dai" in new:
        files.bend("  payment_day:", "  payment_dai:", "prompts/hu.yaml")
        files.bend("  payment_day:", "  payment_dai:", "prompts/en.yaml")
        files.bend('"2.2.1": payment_day', '"2.2.1": payment_dai')
    assert files.findings() == [finding]


def test_a_published_path_may_lead_on_by_goto(files: Files) -> None:
    files.bend('{"2.2.1": payment_day}', '{"2.2.2": billing}')
    assert files.findings() == []


def test_a_person_for_complaints_comes_first(files: Files) -> None:
    files.bend('"1": {transfer', '"9": {transfer')
    files.bend('"4": {hangup', '"1": {hangup')
    files.bend('"9": {transfer', '"4": {transfer')
    assert files.findings() == [
        (
            "menu_tree.yaml:21:3: error[complaint-first]: key 1 of the first menu is 'goodbye',"
            " not a person for complaints. Put the transfer for complaints first: the law asks for"
            " it, without identification."
        )
    ]


def test_a_seventh_option_and_a_fifth_key_are_warned_of(files: Files) -> None:
    files.bend(
        '          "2": {goto: billing_again, to: billing}\n',
        '          "2": {menu: m, options: {"1": {menu: n, options: {"1": {goto: g, to: main}}}}}'
        "\n",
    )
    files.bend(
        '  "4": {hangup: goodbye}\n',
        '  "4": {hangup: goodbye}\n  "5": {goto: e, to: main}\n  "6": {goto: f, to: main}\n'
        '  "7": {goto: h, to: main}\n',
    )
    for language, words in (("hu", "Vissza a főmenübe"), ("en", "To return to the start")):
        lines = "".join(f'  {name}: "{words}, {{key:press}}."\n' for name in "mngefh")
        file = f"prompts/{language}.yaml"
        files.bend("options:\n", f"options:\n{lines}", file)
    assert [finding for finding in files.findings() if "unused" not in finding] == [
        (
            "menu_tree.yaml:8:1: warning[many-options]: menu 'main' has 7 options, more than 6."
            " Put some of them into a menu of their own."
        ),
        (
            "menu_tree.yaml:19:61: warning[deep]: 'g' is 5 keys deep, more than 4."
            " Offer it in a menu further up."
        ),
    ]


WORDING = {
    "a prompt missing in English": (
        "en",
        '  about_bill: "A bill comes every month."\n',
        "  other: Other\n",
        [
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
        ],
    ),
    "other slots in English": (
        "en",
        "{date:from}",
        "{month:from}",
        [
            (
                "prompts/en.yaml:20:1: error[slots-differ]: prompt 'read_back' has {day}, {month}"
                " in 'en', but {date}, {day} in 'hu'. Use the same slots in every language."
            )
        ],
    ),
    "an option that does not tell its key": (
        "en",
        "To finish, {key:press}.",
        "To finish, hang up.",
        [
            (
                "prompts/en.yaml:15:3: error[slot-missing]: prompt 'options.goodbye' lacks {key}."
                " Put it into the sentence: the caller has to hear it."
            )
        ],
    ),
    "a slot that nothing fills": (
        "en",
        "Goodbye!",
        "Goodbye, {name}!",
        [
            (
                "prompts/en.yaml:19:3: error[slot-unfilled]: prompt 'hangup.goodbye' has {name},"
                " which nothing fills. Take it out of the sentence."
            )
        ],
    ),
    "a form of speech that is unknown": (
        "hu",
        "{day:the}",
        "{day:that}",
        [
            (
                "prompts/hu.yaml:20:1: error[unknown-slot-form]: prompt 'read_back' asks for the"
                " form 'that' of 'day'. The forms are: from, menu, on, press, short, the, the_from,"
                " the_menu, the_on, the_until, until."
            )
        ],
    ),
    "a form that keys have not": (
        "hu",
        "Ha befejezte, {key:press}.",
        "Ha befejezte, {key:from}.",
        [
            (
                "prompts/hu.yaml:15:3: error[unknown-slot-form]: prompt 'options.goodbye' asks for"
                " the form 'from' of 'key'. The forms are: press, short."
            )
        ],
    ),
    "the key before the action": (
        "en",
        "To finish, {key:press}.",
        "Press {key} to finish.",
        [
            (
                "prompts/en.yaml:15:3: error[key-first]: prompt 'options.goodbye' names the key"
                " before the action is clear. Say what the option does first, and the key at"
                " the end."
            )
        ],
    ),
    "an option that goes on and on": (
        "en",
        "To finish,",
        f"{'To finish this call, and to hear nothing more of it, ' * 3}",
        [
            (
                "prompts/en.yaml:15:3: warning[long-prompt]: prompt 'options.goodbye' takes about"
                " 12.5 s to say, more than 8 s. Shorten it."
            )
        ],
    ),
    "a statement that goes on and on": (
        "en",
        "A bill comes every month.",
        f"{'A bill comes every month. | ' * 12}",
        [
            (
                "prompts/en.yaml:17:3: warning[long-prompt]: prompt 'info.about_bill' takes about"
                " 30.3 s to say, more than 20 s. Shorten it."
            )
        ],
    ),
    "an opening that goes on and on": (
        "en",
        "Good day!",
        f"{'Good day to you all! ' * 8}",
        [
            (
                "prompts/en.yaml:2:3: warning[long-prompt]: prompt 'opening.welcome' takes about"
                " 11.9 s to say, more than 10 s. Shorten it."
            )
        ],
    ),
    "a menu that goes on and on": (
        "en",
        "Please choose.",
        f"{'Please choose with care. ' * 21}",
        [
            (
                "menu_tree.yaml:7:1: warning[long-menu]: menu 'main' takes about 47.6 s to say in"
                " 'en', more than 40 s. Shorten its options, or offer fewer."
            )
        ],
    ),
}


@pytest.mark.parametrize(("language", "old", "new", "findings"), WORDING.values(), ids=WORDING)
def test_a_bent_sentence_shows_exactly_its_findings(
    files: Files, language: str, old: str, new: str, findings: list[str]
) -> None:
    files.bend(old, new, f"prompts/{language}.yaml")
    assert files.findings() == findings


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
