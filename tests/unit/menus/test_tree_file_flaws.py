"""Each flaw of a tree file is told as one finding, at its place, with a way to mend it."""

import pytest
from small_line import Files

BENT = {
    "a key that is misspelt": (
        '    options:\n      "1": {info: about_bill}',
        '    opitons:\n      "1": {info: about_bill}',
        "12:5: error[unknown-key]: unknown key 'opitons'. Did you mean 'options'?",
    ),
    "a key that nobody knows": (
        "operator: general",
        "operator: general\nzebra: yes",
        (
            "6:1: error[unknown-key]: unknown key 'zebra'. Known are: languages, limits,"
            " max_noinput, max_nomatch, menu, opening, operator, options, published_paths,"
            " service, timeout, version."
        ),
    ),
    "a limit that is misspelt": (
        "menu: main",
        "limits:\n  max_turn: 50\nmenu: main",
        "8:3: error[unknown-key]: unknown key 'max_turn'. Did you mean 'max_turns'?",
    ),
    "a kind that is misspelt": (
        "{hangup: goodbye}",
        "{hangpu: goodbye}",
        "21:9: error[unknown-key]: unknown key 'hangpu'. Did you mean 'hangup'?",
    ),
    "an option without a kind": (
        "{hangup: goodbye}",
        "{desk: general}",
        (
            "21:3: error[no-kind]: option '4' does not say what it is."
            " Give it the key menu, form, info, transfer, goto or hangup."
        ),
    ),
    "an option of two kinds": (
        "{hangup: goodbye}",
        "{hangup: goodbye, form: payment}",
        "21:26: error[two-kinds]: an option is both hangup and form. Keep one of them.",
    ),
    "an option that is a word": (
        "{hangup: goodbye}",
        "goodbye",
        (
            "21:3: error[wrong-kind]: option '4' is the text 'goodbye', not a node."
            " Write {kind: id}, where the kind is menu, form, info, transfer, goto or hangup."
        ),
    ),
    "an option that is empty": (
        "{hangup: goodbye}",
        "",
        (
            "21:3: error[wrong-kind]: option '4' is empty, not a node."
            " Write {kind: id}, where the kind is menu, form, info, transfer, goto or hangup."
        ),
    ),
    "a transfer without a desk": (
        ", desk: complaints",
        "",
        (
            "9:3: error[missing-key]: key 'desk' is missing from this transfer."
            " Write 'desk: …' into it."
        ),
    ),
    "a tree without an operator": (
        "operator: general\n",
        "",
        (
            "1:1: error[missing-key]: key 'operator' is missing from this tree."
            " Write 'operator: …' into it."
        ),
    ),
    "an id with a capital": (
        "hangup: goodbye",
        "hangup: Goodbye",
        (
            "21:17: error[bad-value]: 'hangup' is the text 'Goodbye', which is not a name."
            " Use lower-case letters a-z, digits and underscores, a letter first."
        ),
    ),
    "a menu with a list of options": (
        (
            '        options:\n          "1": {form: payment_day}\n'
            '          "2": {goto: billing_again, to: billing}'
        ),
        "        options: [payment_day]",
        (
            "17:18: error[wrong-kind]: 'options' is a list, not a mapping of keys to values."
            " Write a mapping of keys to values."
        ),
    ),
    "a language that is not one": (
        "[hu, en]",
        "[hu, no_way]",
        (
            "3:17: error[bad-value]: entry 2 of 'languages' is the text 'no_way', which is not a"
            " language. Write its two letters, such as hu or en."
        ),
    ),
    "a language that stands twice": (
        "[hu, en]",
        "[hu, en, hu]",
        "3:21: error[duplicate-language]: language 'hu' stands twice. Remove one of them.",
    ),
    "no language": (
        "[hu, en]",
        "[]",
        "3:1: error[bad-value]: 'languages' is an empty list. Write at least one entry.",
    ),
    "a service that nobody runs": (
        "electricity",
        "water",
        "2:10: error[bad-value]: 'service' is the text 'water'. Write electricity or heat.",
    ),
    "another version": (
        "version: 1",
        "version: 2",
        "1:10: error[bad-value]: 'version' is the text '2'. Write 1.",
    ),
    "a timeout in words": (
        "timeout: 10",
        "timeout: ten",
        (
            "16:18: error[wrong-kind]: 'timeout' is the text 'ten', not a whole number."
            " Write a whole number."
        ),
    ),
    "a timeout with a nought before it": (
        "timeout: 10",
        "timeout: 010",
        (
            "16:18: error[wrong-kind]: 'timeout' is the text '010', not a whole number."
            " Write a whole number."
        ),
    ),
    "a timeout of an hour": (
        "timeout: 10",
        "timeout: 3600",
        (
            "16:18: error[bad-value]: 'timeout' is 3600, which is out of range."
            " Write a number of at most 60."
        ),
    ),
    "no patience at all": (
        "menu: main",
        "limits: {max_nomatch: 0}\nmenu: main",
        (
            "7:23: error[bad-value]: 'max_nomatch' is 0, which is out of range."
            " Write a number of at least 1."
        ),
    ),
    "a path with a comma": (
        '"2.2.1"',
        '"2,2,1"',
        (
            "6:19: error[bad-value]: '2,2,1' is not a path."
            ' Write digits joined by dots, such as "2.1.1.2".'
        ),
    ),
    "a gap in the keys": (
        '"3": {form: new_day',
        '"5": {form: new_day',
        (
            "21:3: error[key-gap]: key 3 is missing: options run 1, 2, 4, 5."
            " Renumber them without a gap."
        ),
    ),
    "the operator's key": (
        '"4": {hangup',
        '"0": {hangup',
        (
            "21:3: error[reserved-key]: key 0 is reserved: in every menu it reaches a person."
            " Use the keys 1 to 7."
        ),
    ),
    "the language key of two languages": (
        '"4": {hangup',
        '"8": {hangup',
        (
            "21:3: error[reserved-key]: key 8 is reserved: in every menu it changes the language."
            " Use the keys 1 to 7."
        ),
    ),
    "the star": (
        '"4": {hangup',
        '"*": {hangup',
        (
            "21:3: error[reserved-key]: key * is reserved: in every menu it dials a menu path."
            " Use the keys 1 to 7."
        ),
    ),
    "a key with two digits": (
        '"4": {hangup',
        '"12": {hangup',
        "21:3: error[bad-key]: option '12' is not a key that can be pressed. Use the keys 1 to 7.",
    ),
    "a menu without options": (
        '  "4": {hangup: goodbye}\n',
        '  "4": {menu: later, options: {}}\n',
        "21:22: error[no-options]: the menu has no options. Give it options on the keys 1 to 7.",
    ),
    "an id that stands twice": (
        "hangup: goodbye",
        "hangup: billing",
        (
            "21:17: error[duplicate-id]: id 'billing' is used already at 11:5."
            " Give each node an id of its own."
        ),
    ),
    "a goto that leads nowhere": (
        "to: billing}",
        "to: biling}",
        (
            "19:42: error[no-target]: goto leads to 'biling', and no node has that id."
            " Did you mean 'billing'?"
        ),
    ),
    "a goto that leads to itself": (
        "to: billing}",
        "to: billing_again}",
        (
            "19:42: error[goto-loop]: goto 'billing_again' leads back to itself."
            " Lead it to a menu, a form, an info, a transfer or a hangup."
        ),
    ),
    "a key that stands twice": (
        '"4": {hangup',
        '"3": {hangup',
        (
            "21:3: error[duplicate-key]: key '3' stands twice, first at 20:3."
            " Remove or rename one of them."
        ),
    ),
    "a tab": (
        '  "4": {hangup',
        '\t"4": {hangup',
        (
            "21:1: error[tab]: the line is indented with a tab."
            " Indent with spaces, two for each level."
        ),
    ),
    "an anchor": (
        "{hangup: goodbye}",
        "&end {hangup: goodbye}",
        (
            "21:8: error[anchor]: '&end' is a YAML anchor, and the menu language has none."
            " Write the part out, or lead there with goto."
        ),
    ),
    "a tag that would run code": (
        "{hangup: goodbye}",
        '!!python/object/apply:os.system ["true"]',
        (
            "21:8: error[tag]: '!!python/object/apply:os.system' is a YAML tag, and the menu"
            " language has none. Remove '!!python/object/apply:os.system'."
        ),
    ),
    "a second document": (
        "menu: main",
        "---\nmenu: main",
        (
            "7:1: error[several-documents]: a second document begins."
            " Keep one document to a file and remove the line '---'."
        ),
    ),
    "a star without quotes": (
        '"4": {hangup',
        "*: {hangup",
        (
            "21:4: error[syntax]: this is not YAML: while scanning an alias, did not find expected"
            " alphabetic or numeric character."
            " Put text that begins with a sign such as * & @ % in quotes."
        ),
    ),
    "a colon inside a word": (
        "menu: main",
        "menu: main: first",
        (
            "7:11: error[syntax]: this is not YAML: mapping values are not allowed in this context."
            " Put text that holds a colon and a space in quotes, or mend the indentation."
        ),
    ),
    "a bracket that stays open": (
        "{hangup: goodbye}",
        "{hangup: goodbye",
        (
            "22:1: error[syntax]: this is not YAML: while parsing a flow mapping, did not find"
            " expected ',' or '}'. Look at the indentation, and put text that begins with { or ["
            " in quotes."
        ),
    ),
    "a list for a key": (
        '"4": {hangup',
        "[4]: {hangup",
        (
            "21:3: error[wrong-kind]: a key is a list or a mapping."
            " Write a word or a digit before the colon."
        ),
    ),
}


@pytest.mark.parametrize(("old", "new", "flaw"), BENT.values(), ids=BENT)
def test_a_bent_tree_shows_exactly_its_flaw(files: Files, old: str, new: str, flaw: str) -> None:
    files.bend(old, new)
    assert files.flaws() == [f"menu_tree.yaml:{flaw}"]


BOMB = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c]\n" % (name, name, name - 1, name - 1) for name in range(98, 122)
)

WHOLE = {
    "an alias bomb": (
        BOMB,
        (
            "1:4: error[anchor]: '&a' is a YAML anchor, and the menu language has none."
            " Write the part out, or lead there with goto."
        ),
    ),
    "an empty file": (b"", "1:1: error[empty]: the file is empty. Fill it, or give another file."),
    "comments alone": (
        b"# nothing\n",
        "1:1: error[empty]: the file is empty. Fill it, or give another file.",
    ),
    "a picture": (
        b"\x89PNG\r\n\x1a\n\x00\x00",
        "3:1: error[binary]: the file holds binary data. Save it as plain text in UTF-8.",
    ),
    "a bell": (
        b"version: 1\nmenu: \x07\n",
        "2:7: error[binary]: character U+0007 is not text. Save it as plain text in UTF-8.",
    ),
    "Latin-2": (
        b"version: 1\nmenu: sz\xe1ml\xe1k\n",
        "2:9: error[not-utf8]: byte 0xe1 is not UTF-8. Save it as plain text in UTF-8.",
    ),
    "a list": (
        b"- version: 1\n",
        (
            "1:1: error[wrong-kind]: the file is not a mapping of keys to values."
            " Begin with lines such as 'version: 1'."
        ),
    ),
    "a file too large": (
        b"version: 1\n" + b"#" * 1_000_000,
        (
            "1:1: error[too-large]: the file is larger than 1,000,000 bytes."
            " Split it, or leave out what grew."
        ),
    ),
    "values without end": (
        b"menu: " + b"[" * 50_000,
        "1:71: error[too-deep]: values are nested more than 64 deep. Join menus, or use goto.",
    ),
}


@pytest.mark.parametrize(("content", "flaw"), WHOLE.values(), ids=WHOLE)
def test_a_file_that_is_no_tree_shows_one_clear_flaw(
    files: Files, content: bytes, flaw: str
) -> None:
    files.write("menu_tree.yaml", content)
    assert files.flaws() == [f"menu_tree.yaml:{flaw}"]


def test_a_tree_that_is_not_there_is_named(files: Files) -> None:
    files.tree.unlink()
    assert files.flaws() == [
        (
            "menu_tree.yaml:1:1: error[unreadable]: the file cannot be read: No such file or"
            " directory. Check its path."
        )
    ]


def test_every_flaw_of_a_tree_is_told_at_once_in_the_order_of_the_file(files: Files) -> None:
    files.bend("service: electricity", "service: water")
    files.bend("timeout: 10", "timeouts: 10")
    files.bend('"4": {hangup: goodbye}', '"5": {hangup: billing}')
    assert [flaw.split(" ", 2)[1] for flaw in files.flaws()] == [
        "error[bad-value]:",
        "error[unknown-key]:",
        "error[key-gap]:",
        "error[duplicate-id]:",
    ]


def test_a_ring_of_gotos_is_told_at_each_of_them(files: Files) -> None:
    files.bend("to: billing}", "to: other}")
    files.bend("{hangup: goodbye}", "{goto: other, to: billing_again}")
    assert [flaw.split(". ")[0] for flaw in files.flaws()] == [
        "menu_tree.yaml:19:42: error[goto-loop]: goto 'billing_again' leads back to itself",
        "menu_tree.yaml:21:26: error[goto-loop]: goto 'other' leads back to itself",
    ]


PROMPTS = {
    "a sentence that is missing": (
        'goodbye: "Viszonthallásra!"',
        "goodbye:",
        (
            "19:3: error[no-sentence]: prompt 'hangup.goodbye' is empty, not a sentence."
            " Write one sentence, in quotes when it begins with { or [."
        ),
    ),
    "several sentences": (
        'goodbye: "Viszonthallásra!"',
        "goodbye: [Viszont, hallásra]",
        (
            "19:3: error[no-sentence]: prompt 'hangup.goodbye' is a list, not a sentence."
            " Write one sentence, in quotes when it begins with { or [."
        ),
    ),
    "a slot that stays open": (
        "Ha befejezte, {key:press}.",
        "Ha befejezte, {key:press.",
        (
            "15:3: error[bad-slot]: prompt 'options.goodbye' has a brace that is not part of a"
            " slot. Write a slot as {name} or {name:form}."
        ),
    ),
    "a prompt id with an accent": (
        "read_back",
        "visszaolvasás",
        (
            "20:1: error[bad-value]: 'visszaolvasás' is not part of a prompt id."
            " Use lower-case letters a-z, digits and underscores."
        ),
    ),
}


@pytest.mark.parametrize(("old", "new", "flaw"), PROMPTS.values(), ids=PROMPTS)
def test_a_bent_prompt_file_shows_exactly_its_flaw(
    files: Files, old: str, new: str, flaw: str
) -> None:
    files.bend(old, new, "prompts/hu.yaml")
    assert files.flaws() == [f"prompts/hu.yaml:{flaw}"]


def test_a_language_without_sentences_or_without_a_voice_is_told_at_its_place(files: Files) -> None:
    files.bend("[hu, en]", "[hu, en, de, xx]")
    files.write("prompts/xx.yaml", "hello: Hello\n")
    assert files.flaws() == [
        (
            "menu_tree.yaml:3:21: error[no-prompt-file]: there is no prompt file 'prompts/de.yaml'"
            " for language 'de'. Write it, or take the language out."
        ),
        (
            "menu_tree.yaml:3:25: error[no-speech]: nothing here can speak the language 'xx'."
            " Write menus/speech for it, or take the language out."
        ),
    ]
