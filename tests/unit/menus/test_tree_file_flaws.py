"""Whatever is wrong in a file is told at once, in the order of the file."""

from small_line import Files


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
