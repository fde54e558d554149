"""Papers about a tree: the drawing, the schema, the guide and the table of phrases."""

import json
import re
from datetime import time
from functools import cache
from itertools import combinations
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from small_line import DESKS, TREE, Files

from backend.desks import load_desks
from ivr.lines.entries import load_lines
from ivr.lines.loading import LineDefaults
from ivr.lines.publishing import publish_line, spoken_hours
from menus import tree_schema
from menus.exports.guide import guide
from menus.exports.json_schema import HELP, schema, schema_text
from menus.exports.mermaid import mermaid
from menus.exports.svg import svg
from menus.exports.svg_layout import PATH_GAP, Page, lay_out
from menus.print_forms import ENGLISH, HUNGARIAN, phone, written
from menus.slots import Hours, OpenHours
from menus.tree import Info, Limits, Menu, Node, Option, Tree
from settings import DEFAULT_VOICES, HERE
from tests.support.calls.shipped_lines import shipped_line
from tests.support.runs.tables import each_of

SVG = "{http://www.w3.org/2000/svg}"
SHIPPED = ("menu_tree.yaml", "menus/trees/heat.yaml")


@st.composite
def menus(draw: st.DrawFn, path: str = "") -> Menu:
    """Menus of any shape, their ids made from their paths."""
    options = []
    for key in "1234567"[: draw(st.integers(1, 4 if path else 7))]:
        below = f"{path}.{key}" if path else key
        deeper = below.count(".") < 3 and draw(st.booleans())
        name = f"n{below.replace('.', '_')}"
        node: Node = draw(menus(below)) if deeper else Info(name, below, ())
        options.append(Option(key, node))
    return Menu(f"m{path.replace('.', '_')}", path, None, tuple(options), 6, 3, 3)


def lay(root: Menu, depth: int | None = None) -> Page:
    # Heights of all kinds, so that a high frame stands beside low ones.
    return lay_out(root, lambda node: 30 + 17.5 * (len(node.path) % 4), depth=depth, top=100)


@given(menus())
def test_no_frame_of_a_drawing_overlaps_another_or_the_page(root: Menu) -> None:
    page = lay(root)
    tree = Tree("heat", ("hu",), (), Limits(), "general", {}, root)
    below = [node for node in tree.walk() if node.path]
    assert [frame.node for frame in page.frames] == below
    for frame in page.frames:
        assert 0 <= frame.x <= frame.right <= page.width
        assert 100 <= frame.y <= frame.y + frame.height <= page.height + 1e-6
    for one, other in combinations(page.frames, 2):
        beside = one.right <= other.x or other.right <= one.x
        apart = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or apart, (one.node.path, other.node.path)


@given(menus())
def test_every_line_of_a_drawing_leads_from_a_menu_to_what_it_offers(root: Menu) -> None:
    page = lay(root)
    tree = Tree("heat", ("hu",), (), Limits(), "general", {}, root)
    assert len(page.edges) == len(page.frames)
    for edge in page.edges:
        parent = tree.parent(edge.after.node)
        assert parent is (root if edge.before is None else edge.before.node)
        assert edge.bend < edge.after.x
        # The path stands before the frame, and no upright line runs through it.
        keys = edge.after.node.path.split(".")
        assert edge.bend + 7.3 * len(keys) + 4 * (len(keys) - 1) + PATH_GAP < edge.after.x
        if edge.before is not None:
            assert edge.before.right < edge.bend


@given(menus(), st.integers(1, 4))
def test_a_drawing_of_some_depth_leaves_out_what_is_deeper(root: Menu, depth: int) -> None:
    shown = {frame.node.path for frame in lay(root, depth).frames}
    assert max(path.count(".") + 1 for path in shown) <= depth
    assert {path for path in shown if path.count(".") == 0} == {
        option.node.path for option in root.options
    }


def test_a_large_tree_is_folded_to_fill_a_landscape_page() -> None:
    page = lay(_large(3, 6, 5))
    assert len(page.frames) > 100
    assert 1.0 < page.width / page.height < 2.0
    assert len(page.trunks) > 1


def _large(*sizes: int, path: str = "") -> Menu:
    size, *rest = sizes
    options = []
    for key in "123456"[:size]:
        below = f"{path}.{key}" if path else key
        name = f"n{below.replace('.', '_')}"
        node: Node = _large(*rest, path=below) if rest else Info(name, below, ())
        options.append(Option(key, node))
    return Menu(f"m{path}", path, None, tuple(options), 6, 3, 3)


@pytest.mark.parametrize("tree", SHIPPED)
@pytest.mark.parametrize("language", ["hu", "en"])
def test_a_shipped_tree_is_drawn_whole_and_can_be_read_aloud(tree: str, language: str) -> None:
    line = shipped_line(HERE / tree)
    drawing = ElementTree.fromstring(svg(line, language))  # noqa: S314 - our own document
    assert drawing.get("role") == "img"
    assert drawing.findtext(f"{SVG}title")
    assert drawing.findtext(f"{SVG}desc")
    nodes = list(line.tree.walk())
    groups = [group for group in drawing.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
    assert len(groups) == len(nodes)
    paths = [text.text for text in drawing.iter(f"{SVG}text") if text.get("class") == "path"]
    assert sorted(paths) == sorted(node.path for node in nodes if node.path)
    for path in line.tree.published_paths:
        assert f"★ *{path.replace('.', '')}#" in {text.text for text in drawing.iter(f"{SVG}text")}
    assert "http" not in svg(line, language).replace("http://www.w3.org/2000/svg", "")


def test_kinds_differ_in_shape_and_in_label(files: Files) -> None:
    drawing = ElementTree.fromstring(svg(files.load(), "en"))  # noqa: S314 - our own document
    shapes: dict[str, set[str]] = {}
    labels: dict[str, str] = {}
    for group in drawing.iter(f"{SVG}g"):
        kind = (group.get("class") or "").split(" ")[0]
        label = group.find(f"{SVG}text[@class='label']")
        if kind and label is not None:
            shape = next(each for each in group if each.get("class") == "frame")
            letters = re.sub(r"[^A-Z]", "", shape.get("d") or f"RECT{shape.get('rx') != '2'}")
            shapes.setdefault(letters, set()).add(kind)
            labels.setdefault(kind, (label.text or "").lower())
    assert all(len(kinds) == 1 for kinds in shapes.values()), shapes
    assert labels.keys() == {"menu", "form", "info", "transfer", "goto", "hangup"}
    assert labels["transfer"] == "agent · complaints"
    assert labels["goto"] == "leads to 2"


def test_a_shallow_flowchart_has_no_loose_ends(files: Files) -> None:
    lines = mermaid(files.load(), "en", depth=1).splitlines()
    drawn = {line.split("[")[0].split("(")[0].split("{")[0].strip() for line in lines[1:6]}
    ends = {end for line in lines[6:] for end in re.findall(r"^ +(\w+)|(\w+)$", line)}
    assert {one or other for one, other in ends} <= drawn
    assert "billing_again" not in "\n".join(lines)


def test_the_shipped_schema_is_the_loaders_own() -> None:
    shipped = (HERE / "menus" / "menu_tree.schema.json").read_text("utf-8")
    # Otherwise run: zoldszam menu schema > menus/menu_tree.schema.json
    assert shipped == schema_text()


@pytest.mark.parametrize("tree", SHIPPED)
def test_a_shipped_tree_fits_the_schema_and_names_it(tree: str) -> None:
    text = (HERE / tree).read_text("utf-8")
    validator().validate(yaml.safe_load(text))
    named = re.search(r"^# yaml-language-server: \$schema=(\S+)$", text, re.MULTILINE)
    assert named is not None
    assert ((HERE / tree).parent / named[1]).resolve() == HERE / "menus" / "menu_tree.schema.json"


@each_of(
    ("old", "new"),
    [
        ("operator: general\n", ""),
        ("timeout: 10", "timeout: ten"),
        ("timeout: 10", "timeout: 3600"),
        ("{hangup: goodbye}", "{hangpu: goodbye}"),
        ("{hangup: goodbye}", "{hangup: Goodbye}"),
        ("desk: complaints", "dest: complaints"),
        ('"4": {hangup', '"0": {hangup'),
        ('"2.2.1"', '"2,2,1"'),
        ("[hu, en]", "[]"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    assert TREE.count(old) == 1
    validator().validate(yaml.safe_load(TREE))
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(yaml.safe_load(TREE.replace(old, new)))


def test_an_editor_has_a_word_of_help_for_every_key() -> None:
    parts = [tree_schema.TreePart, tree_schema.LimitsPart, *tree_schema.PARTS.values()]
    assert set(HELP) == {name for part in parts for name in part.model_fields}
    assert "null" not in json.dumps(schema())


@cache
def validator() -> jsonschema.Draft202012Validator:
    made = schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def test_the_guide_has_every_item_with_its_keys_in_both_languages(files: Files) -> None:
    page = guide(files.load(), ("hu", "en"), DESKS, ["+3680202938"])
    assert page.count("<kbd>*7#</kbd>") == 2
    assert page.index('lang="hu"') < page.index('lang="en"')
    keys = " → ".join(f"<kbd>{key}</kbd>" for key in "221")
    assert page.count(keys) == 2
    assert page.count(">*221#<") == 2
    assert "Ha módosítaná a terhelés napját" in page
    assert "hétfő\u2060–\u2060péntek 8.00\u2060–\u206020.00" in page
    assert "Monday\u2060–\u2060Friday 08:00\u2060–\u206020:00" in page
    assert "06 80 202 938" in page
    assert ">*1#<" not in page, "one digit is no path to be dialled"
    for fetched in ("<script", "http", "url(", "@import", "<link", "<img"):
        assert fetched not in page


def test_the_guide_tells_what_can_be_asked_by_message_where_a_number_takes_it() -> None:
    line = shipped_line()
    hours = dict.fromkeys(spoken_hours(load_desks(HERE / "desks.yaml")), DESKS["general"])
    assert "ALLAS" not in guide(line, ("hu", "en"), hours, [])
    hungarian = guide(line, ("hu",), hours, [], "+36201234567")
    assert "06 20 123 4567" in hungarian
    assert sent(hungarian) == ["MENU", "2.1", "ALLAS"]
    assert "nyomja meg a <kbd>2</kbd> gombot" in hungarian
    assert sent(guide(line, ("en",), hours, [], "+36201234567")) == ["TOPICS", "2.1 EN", "ALLAS"]


def test_what_the_guide_says_to_send_is_answered() -> None:
    defaults = LineDefaults(HERE / "menus" / "prompts", HERE / "desks.yaml", DEFAULT_VOICES)
    entries = load_lines(HERE / "lines.yaml")
    for entry in entries:
        line = shipped_line(entry.tree)
        topics = publish_line(entry, defaults).topics
        hours = spoken_hours(load_desks(entry.desks or defaults.desks))
        asked = [guide(line, (each,), hours, [], "+36201234567") for each in ("hu", "en")]
        told = {topics.answer(each) for page in asked for each in sent(page) if each != "ALLAS"}
        assert len(told) == 4, (entry.name, told)
        assert None not in told
        assert ("ALLAS" in asked[0]) is (line.tree.service == "electricity")


def sent(page: str) -> list[str]:
    return re.findall(r"<dt><kbd>([^<]+)</kbd>", page)


def test_words_that_look_like_markup_stay_words(files: Files) -> None:
    files.bend("Ha befejezte,", "Ha <b>A&B</b> kell,", "prompts/hu.yaml")
    line = files.load()
    assert "Ha &lt;b&gt;A&amp;B&lt;/b&gt; kell" in guide(line, ("hu",), DESKS, [])
    texts = ElementTree.fromstring(svg(line, "hu")).iter(f"{SVG}text")  # noqa: S314 - our own
    assert any("<b>A&B</b>" in (text.text or "") for text in texts)


def test_a_line_of_one_language_and_no_numbers_has_a_guide(files: Files) -> None:
    files.bend("languages: [hu, en]", "languages: [hu]")
    page = guide(files.load(), ("hu",), DESKS, [])
    assert "<kbd>8</kbd>" not in page
    assert 'class="numbers"' not in page


def test_hours_and_numbers_are_written_as_people_write_them() -> None:
    week = Hours(
        (
            OpenHours((0, 1, 2, 3), time(8), time(16)),
            OpenHours((2,), time(16), time(20)),
            OpenHours((4,), time(8), time(14, 30)),
        )
    )
    told = HUNGARIAN.hours(week).replace("\u2060", "")
    assert told == "hétfő, kedd, csütörtök 8.00–16.00; szerda 8.00–20.00; péntek 8.00–14.30"
    always = Hours((OpenHours(tuple(range(7)), time(0), time(0)),))
    assert ENGLISH.hours(always).replace("\u2060", "") == "Monday–Sunday all day"
    assert [phone(number) for number in ("+3680202938", "+3612383838", "+43123456789")] == [
        "06 80 202 938",
        "06 1 238 3838",
        "+43 123 456 789",
    ]
    assert written("de") is ENGLISH
