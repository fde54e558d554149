"""What changed between two versions of a line is told in words, each thing once."""

import shutil
from pathlib import Path

import pytest
from small_line import Files

from menus.exports.diff import differences
from menus.loader import load_line

BENT = {
    "nothing": ((), ()),
    "a remark": ((("menu_tree.yaml", "menu: main", "# a remark\nmenu: main"),), ()),
    "keys that changed places": (
        (
            ("menu_tree.yaml", '"3": {form: new_day', '"9": {form: new_day'),
            ("menu_tree.yaml", '"4": {hangup', '"3": {hangup'),
            ("menu_tree.yaml", '"9": {form: new_day', '"4": {form: new_day'),
        ),
        ("moved: 'new_day' from 3 to 4", "moved: 'goodbye' from 4 to 3"),
    ),
    "a menu that moves with what it offers": (
        (
            ("menu_tree.yaml", '"2":\n    menu: billing', '"3":\n    menu: billing'),
            ("menu_tree.yaml", '"3": {form: new_day', '"2": {form: new_day'),
            ("menu_tree.yaml", '{"2.2.1"', '{"3.2.1"'),
        ),
        (
            "PUBLISHED PATH 2.2.1 TAKEN BACK: led to 'payment_day'",
            "published path 3.2.1 added: leads to 'payment_day'",
            "moved: 'billing' from 2 to 3, with 4 below",
            "moved: 'new_day' from 3 to 2",
        ),
    ),
    "something new and something gone": (
        (("menu_tree.yaml", "{hangup: goodbye}", "{transfer: advice, desk: general}"),),
        ("removed: hangup 'goodbye' at 4", "added: transfer 'advice' at 4"),
    ),
    "a menu that was taken out": (
        (
            (
                "menu_tree.yaml",
                (
                    "        menu: payments\n        timeout: 10\n        options:\n"
                    '          "1": {form: payment_day}\n'
                    '          "2": {goto: billing_again, to: billing}\n'
                ),
                "        info: payments\n",
            ),
            ("menu_tree.yaml", 'published_paths: {"2.2.1": payment_day}\n', ""),
        ),
        (
            "PUBLISHED PATH 2.2.1 TAKEN BACK: led to 'payment_day'",
            "changed: 'payments' at 2.2: menu → info",
            "removed: form 'payment_day' at 2.2.1",
            "removed: goto 'billing_again' at 2.2.2",
        ),
    ),
    "a node that was renamed with its words": (
        (
            ("menu_tree.yaml", "{hangup: goodbye}", "{hangup: farewell}"),
            ("prompts/hu.yaml", '  goodbye: "Ha befejezte', '  farewell: "Ha befejezte'),
            ("prompts/hu.yaml", '  goodbye: "Viszont', '  farewell: "Viszont'),
            ("prompts/en.yaml", '  goodbye: "To finish', '  farewell: "To finish'),
            ("prompts/en.yaml", '  goodbye: "Goodbye!"', '  farewell: "Farewell!"'),
        ),
        (
            "renamed: 'goodbye' at 4 is 'farewell' now",
            "words changed in en: hangup.farewell\n    - Goodbye!\n    + Farewell!",
        ),
    ),
    "another desk, another form, other patience": (
        (
            ("menu_tree.yaml", "desk: complaints", "desk: general"),
            ("menu_tree.yaml", "uses: payment_day", "uses: meter_reading"),
            ("menu_tree.yaml", "timeout: 10", "timeout: 12"),
            ("menu_tree.yaml", "operator: general", "operator: complaints"),
            ("menu_tree.yaml", "menu: main", "limits: {max_faults: 5}\nmenu: main"),
        ),
        (
            "operator: general → complaints",
            "limits.max_faults: 9 → 5",
            "changed: 'complaint' at 1: desk complaints → general",
            "changed: 'payments' at 2.2: timeout 10 → 12",
            "changed: 'new_day' at 3: form payment_day → meter_reading",
        ),
    ),
    "a limit that menus without their own follow": (
        (("menu_tree.yaml", "menu: main", "limits: {timeout: 8}\nmenu: main"),),
        ("limits.timeout: 6 → 8",),
    ),
    "a published path that leads elsewhere": (
        (("menu_tree.yaml", '"2.2.1": payment_day', '"2.2.1": payments, "3": new_day'),),
        (
            "PUBLISHED PATH 2.2.1 CHANGED: led to 'payment_day', leads to 'payments'",
            "published path 3 added: leads to 'new_day'",
        ),
    ),
    "sentences of one language": (
        (
            ("prompts/en.yaml", "Good day!", "Hello!"),
            ("prompts/en.yaml", 'read_back: "Payment', 'read_aloud: "Payment'),
        ),
        (
            "words changed in en: opening.welcome\n    - Good day!\n    + Hello!",
            "words removed in en: read_back",
            "words added in en: read_aloud\n    + Payment will fall on {day:the}, {date:from}.",
        ),
    ),
    "a statement more": (
        (("menu_tree.yaml", "{info: about_bill}", "{info: about_bill, statements: [a, b]}"),),
        ("changed: 'about_bill' at 2.1: statements info.about_bill → a b",),
    ),
}


@pytest.mark.parametrize(("bends", "told"), BENT.values(), ids=BENT)
def test_a_change_is_told_once_and_nothing_else(
    files: Files, bends: tuple[tuple[str, str, str], ...], told: tuple[str, ...]
) -> None:
    old = files.load()
    for file, before, after in bends:
        files.bend(before, after, file)
    assert tuple(map(str, differences(old, files.load()))) == told


def test_a_line_is_not_different_from_itself_wherever_it_lies(files: Files) -> None:
    shutil.copytree(".", "copy", ignore=shutil.ignore_patterns("copy"))
    copy = load_line(Path("copy/menu_tree.yaml"), Path("copy/prompts"))
    assert differences(files.load(), copy) == ()
