"""What a loaded line promises to those who walk it and speak with it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_line import HUNGARIAN, Files

from common.findings import TreeError
from menus.exports.outline import show
from menus.loader import load_line
from menus.phrasebook import Phrasebook, PhraseError, Slot, is_sentence
from menus.slots import (
    Count,
    Date,
    DayOfMonth,
    Digits,
    Key,
    Money,
    Number,
    PhoneNumber,
    Text,
    Words,
)
from menus.tree import Form, Goto, Hangup, Info, Limits, Menu, Option, Transfer, Tree


def test_a_tree_loads_with_its_paths_ids_and_patience(files: Files) -> None:
    tree = files.load().tree
    assert (tree.service, tree.languages, tree.operator) == ("electricity", ("hu", "en"), "general")
    assert tree.opening == ("opening.welcome",)
    assert tree.published_paths == {"2.2.1": "payment_day"}
    assert tree.limits == Limits(6, 15, 3, 3, 9, 200)
    assert [node.path for node in tree.walk()] == [
        *("", "1", "2", "2.1", "2.2", "2.2.1", "2.2.2", "3", "4"),
    ]
    payments = tree.node("payments")
    assert isinstance(payments, Menu)
    assert (payments.timeout, payments.max_noinput, payments.say) == (10, 3, None)
    assert tree.root.say == "menus.main"
    assert tree.at("1") == Transfer("complaint", "1", "complaints", "transfer.connecting")
    assert tree.at("2.1") == Info("about_bill", "2.1", ("info.about_bill",))
    assert tree.at("2.2.1") == Form("payment_day", "2.2.1", "payment_day")
    assert tree.at("2.2.2") == Goto("billing_again", "2.2.2", "billing")
    assert tree.at("3") == Form("new_day", "3", "payment_day")
    assert tree.at("4") == Hangup("goodbye", "4", "hangup.goodbye")


def test_dialled_digits_lead_to_the_path_or_nowhere(files: Files) -> None:
    tree = files.load().tree
    assert tree.dial("221") is tree.node("payment_day")
    assert tree.dial("22") is tree.node("payments")
    assert [tree.dial(digits) for digits in ("", "9", "2211", "2.2.1")] == [None] * 4
    assert tree.at("") is tree.root
    assert tree.at("2.9") is None


def test_every_node_knows_its_menu_and_where_its_goto_ends(files: Files) -> None:
    tree = files.load().tree
    assert tree.parent(tree.root) is None
    assert tree.parent(tree.node("payment_day")) is tree.node("payments")
    assert tree.target(tree.node("billing_again")) is tree.node("billing")
    assert tree.target(tree.root) is tree.root
    with pytest.raises(KeyError):
        tree.node("elsewhere")


def test_options_stand_in_the_order_of_their_keys(files: Files) -> None:
    files.bend('"3": {form: new_day', '"9": {form: new_day')
    files.bend('"4": {hangup', '"3": {hangup')
    files.bend('"9": {form: new_day', '"4": {form: new_day')
    options = files.load().tree.root.options
    assert [option.key for option in options] == ["1", "2", "3", "4"]
    assert options[2].node.id == "goodbye"


def test_a_transfer_says_its_own_words_when_any_language_has_them(files: Files) -> None:
    files.bend("info:\n", 'transfers:\n  complaint: "Panasz."\ninfo:\n', "prompts/hu.yaml")
    assert files.load().tree.node("complaint") == Transfer(
        "complaint", "1", "complaints", "transfers.complaint"
    )
    files.bend("desk: complaints", "desk: complaints, say: opening.welcome")
    assert files.load().tree.node("complaint") == Transfer(
        "complaint", "1", "complaints", "opening.welcome"
    )


def test_words_that_yaml_takes_for_other_things_stay_as_typed(files: Files) -> None:
    files.bend("{hangup: goodbye}", "{hangup: no}")
    files.bend("info:\n", "info:\n  a: 0123\n  b: 12:30\n  c: no\n  d: +3680\n", "prompts/hu.yaml")
    line = files.load()
    assert line.tree.node("no") == Hangup("no", "4", "hangup.no")
    said = [line.phrasebooks["hu"].speak(Text(f"info.{key}")) for key in "abcd"]
    assert said == ["0123", "12:30", "no", "+3680"]


def test_the_hash_changes_with_any_file_and_with_nothing_else(files: Files) -> None:
    first = files.load().tree_hash
    assert files.load().tree_hash == first
    assert len(first) == 64
    files.write("prompts/de.yaml", "unused: true\n")
    assert files.load().tree_hash == first
    seen = {first}
    for file in ("menu_tree.yaml", "prompts/hu.yaml", "prompts/en.yaml"):
        files.write(file, Path(file).read_bytes() + b"# a remark\n")
        seen.add(files.load().tree_hash)
    assert len(seen) == 4


def test_a_file_with_a_byte_order_mark_and_windows_lines_loads(files: Files) -> None:
    text = HUNGARIAN.replace("\n", "\r\n").encode()
    files.write("prompts/hu.yaml", b"\xef\xbb\xbf" + text)
    assert files.findings() == []


def test_a_tree_is_shown_one_line_a_node(files: Files) -> None:
    assert show(files.load(), "hu") == SHOWN


SHOWN = """\
electricity, in hu and en; key 0 calls general; * marks a published path

·           menu      main
1           transfer  complaint → complaints   Ha panasza van
2           menu      billing                  Számlázás és fizetés
  2.1       info      about_bill               Tudnivalók a számláról
  2.2       menu      payments                 Fizetés, fizetési nap
    2.2.1*  form      payment_day              Ha módosítaná a terhelés napját
    2.2.2   goto      billing_again → billing  Vissza a számlázáshoz
3           form      new_day → payment_day    Ha új napot választana
4           hangup    goodbye                  Ha befejezte"""


def test_a_sentence_is_spoken_with_its_slots_and_pauses(files: Files) -> None:
    books = files.load().phrasebooks
    option = Text("options.payments", (("key", Key("2")),))
    assert books["hu"].speak(option) == "Fizetés, | fizetési nap, a kettes gombot."
    assert books["hu"].slots("read_back") == {"day", "date"}
    today = date(2026, 11, 20)
    slots = (("day", DayOfMonth(12)), ("date", Date(date(2026, 12, 1), today)))
    assert "tizenkettedike" in books["hu"].speak(Text("read_back", slots))
    assert books["hu"].speak(Text("opening.welcome")) == "Jó napot kívánok!"
    assert "opening.welcome" in books["en"]
    assert "opening" not in books["en"]


def test_a_sentence_is_written_with_its_facts_in_figures_and_no_pauses() -> None:
    facts = {
        "account": Digits("137000160748301100000000"),
        "postcode": Digits("1300"),
        "desk": PhoneNumber("+3612382919"),
        "months": Count(6),
        "day": DayOfMonth(27),
        "limit": Money(4500),
        "fee": Money(187_200),
        "office": Number(3),
    }
    sentence = (
        "Számla:| {account}, {postcode}, {desk}; {months} hónap,| {day:until}, {limit}ot, {fee}, "
        "{office:named} posta."
    )
    book = Phrasebook("hu", {"text": sentence}, facts)
    written = book.write("text")
    assert written.words == (
        "Számla: 13700016-07483011-00000000, 1300, 06 1 238 2919; 6 hónap, 27-éig, "
        "4500 forintot, 187 200 forint, 3. posta."
    )
    assert written.figures == tuple(facts.values())
    with pytest.raises(PhraseError, match="nothing was given"):
        Phrasebook("hu", {"text": "{name}"}).write("text")


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (1, "1-je 1-jén 1-jétől 1-jéig"),
        (2, "2-a 2-án 2-ától 2-áig"),
        (5, "5-e 5-én 5-étől 5-éig"),
        (27, "27-e 27-én 27-étől 27-éig"),
        (30, "30-a 30-án 30-ától 30-áig"),
    ],
)
def test_a_hungarian_day_is_written_with_the_ending_that_is_spoken(day: int, written: str) -> None:
    sentence = "{day} {day:on} {day:from} {day:until}"
    book = Phrasebook("hu", {"text": sentence}, {"day": DayOfMonth(day)})
    assert book.write("text").words == written


def test_english_writes_days_and_amounts_in_figures() -> None:
    facts = {"day": DayOfMonth(27), "first": DayOfMonth(1), "fee": Money(187_200)}
    book = Phrasebook("en", {"text": "{first:from} to {day}: {fee}"}, facts)
    assert book.write("text").words == "from the 1st to the 27th: 187,200 forints"


def test_words_of_another_prompt_fill_a_slot() -> None:
    book = Phrasebook("en", {"gone": "The {what} is gone.", "meter": "old   meter"})
    assert book.speak(Text("gone", (("what", Words("meter")),))) == "The old meter is gone."


UNSPEAKABLE = {
    "a missing prompt": (
        Text("wellcome"),
        "prompt 'wellcome' in 'en': there is no such prompt. Did you mean 'welcome'?",
    ),
    "a missing slot": (
        Text("serial"),
        "prompt 'serial' in 'en': nothing was given for 'digits'",
    ),
    "a superfluous slot": (
        Text("welcome", (("digits", Digits("20293811")),)),
        "prompt 'welcome' in 'en': the sentence has no place for 'digits'",
    ),
    "a form that the value has not": (
        Text("date", (("day", Digits("20293811")),)),
        "prompt 'date' in 'en': slot 'day': Digits has no form 'from'; known: '', 'the'",
    ),
    "a value out of bounds": (
        Text("serial", (("digits", Digits("20-29")),)),
        (
            "prompt 'serial' in 'en': slot 'digits': Digits cannot be spoken: it must be one or"
            " more of the digits 0-9"
        ),
    ),
}


@pytest.mark.parametrize(("text", "problem"), UNSPEAKABLE.values(), ids=UNSPEAKABLE)
def test_what_cannot_be_spoken_names_prompt_and_language_and_no_value(
    text: Text, problem: str
) -> None:
    book = Phrasebook(
        "en", {"welcome": "Hello.", "serial": "Number {digits}.", "date": "It begins {day:from}."}
    )
    with pytest.raises(PhraseError) as caught:
        book.speak(text)
    assert str(caught.value) == problem
    assert "2029" not in str(caught.value)


def test_a_sentence_with_a_stray_brace_is_refused() -> None:
    with pytest.raises(PhraseError, match="prompt 'a' in 'hu': a brace is not part of a slot"):
        Phrasebook("hu", {"a": "Ez {nyitva marad."})


@st.composite
def _menus(draw: st.DrawFn, path: str = "") -> Menu:
    """Menus of any shape, their ids made from their paths."""
    options = []
    for key in "1234567"[: draw(st.integers(1, 3 if path else 7))]:
        below = f"{path}.{key}" if path else key
        deeper = below.count(".") < 3 and draw(st.booleans())
        name = f"n{below.replace('.', '_')}"
        node = draw(_menus(below)) if deeper else Info(name, below, ())
        options.append(Option(key, node))
    return Menu(f"m{path.replace('.', '_')}", path, None, tuple(options), 6, 3, 3)


@given(_menus())
def test_every_node_is_found_by_its_path_its_digits_and_its_id(root: Menu) -> None:
    tree = Tree("heat", ("hu",), (), Limits(), "general", {}, root)
    for node in tree.walk():
        assert tree.at(node.path) is node
        assert tree.node(node.id) is node
        assert tree.dial(node.path.replace(".", "")) is (node if node.path else None)
        parent = tree.parent(node)
        if parent is None:
            assert node is root
        else:
            assert any(option.node is node for option in parent.options)


@given(st.text(alphabet="ab {}:_|"))
def test_any_sentence_is_either_spoken_whole_or_refused(sentence: str) -> None:
    if not is_sentence(sentence):
        with pytest.raises(PhraseError):
            Phrasebook("en", {"any": sentence})
        return
    book = Phrasebook("en", {"any": sentence})
    parts = book.parts("any")
    typed = (part if isinstance(part, str) else _typed(part) for part in parts)
    assert "".join(typed) == " ".join(sentence.split())


def _typed(slot: Slot) -> str:
    return f"{{{slot.name}:{slot.form}}}" if slot.form else f"{{{slot.name}}}"


def test_any_file_is_loaded_or_refused_with_findings(tmp_path: Path) -> None:
    file = tmp_path / "tree.yaml"

    @given(st.one_of(st.binary(), st.text(alphabet="ab1: \n-[]{}&*!'\"#,|>\t").map(str.encode)))
    def refuse(content: bytes) -> None:
        file.write_bytes(content)
        with pytest.raises(TreeError) as caught:
            load_line(file, tmp_path)
        assert caught.value.findings

    refuse()


def test_an_item_rests_where_its_tree_says(files: Files) -> None:
    files.bend(
        "{info: about_bill}",
        "{info: about_bill, statements: [info.about_bill, menus.main, opening.welcome],"
        " rests: [menus.main]}",
    )
    node = files.load().tree.node("about_bill")
    assert isinstance(node, Info)
    assert node.stretches() == (("info.about_bill",), ("menus.main", "opening.welcome"))


def test_a_transfer_knows_what_it_tells_and_what_helps_while_it_is_closed(files: Files) -> None:
    files.bend("info:\n", 'closed:\n  complaint: "{hours}."\ninfo:\n', "prompts/hu.yaml")
    files.bend(
        "desk: complaints}", "desk: complaints, statements: [menus.main], offers: [payment_day]}"
    )
    assert files.load().tree.node("complaint") == Transfer(
        *("complaint", "1", "complaints", "transfer.connecting", "closed.complaint"),
        ("menus.main",),
        ("payment_day",),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("desk: complaints}", "desk: complaints, offers: [nowhere]}", "no node has that id"),
        ("desk: complaints}", "desk: complaints, offers: [complaint]}", "cannot be offered here"),
        ("operator: general", "operator: general\noffers: [main]", "no node has that id"),
        (
            "{info: about_bill}",
            "{info: about_bill, statements: [menus.main], rests: [menus.main]}",
            "not told here after another statement",
        ),
    ],
)
def test_offers_and_rests_that_lead_nowhere_are_found(
    files: Files, old: str, new: str, told: str
) -> None:
    files.bend(old, new)
    with pytest.raises(TreeError, match=told):
        files.load()
