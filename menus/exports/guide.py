"""A printed guide for customers: every menu item with the keys that lead to it, and who answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from menus.exports.guide_words import GuideWords, guide_words
from menus.loader import Line
from menus.print_forms import Written, phone, written
from menus.prompt_usage import LINE_WORD, READING_FORM, option_label
from menus.slots import Hours
from menus.tree import (
    BACK_KEY,
    LANGUAGE_KEY,
    OPERATOR_KEY,
    PACE_KEY,
    PATH_KEY,
    REPEAT_KEY,
    TEXT_KEY,
    Form,
    Info,
    Menu,
    Node,
    Transfer,
    Tree,
)

_TOLL_FREE = "+3680"
_ASKS_FOR_ALL = {"en": "TOPICS"}
"""What asks for the menu by message; MENU in any other language."""

_COLUMNS = '<colgroup><col class="about"><col class="pressed"><col></colgroup>'


_STYLE = """\
@page{size:A4;margin:15mm 16mm}
*{box-sizing:border-box}
html{font-size:18px;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:52rem;padding:1rem;color:#111;background:#fff;
font:1rem/1.45 "Segoe UI",Arial,"Liberation Sans","DejaVu Sans",sans-serif}
h1{font-size:1.9rem;line-height:1.15;margin:0 0 .6rem}
h2{font-size:1.3rem;line-height:1.25;margin:1.6rem 0 .5rem;padding-bottom:.25rem;
border-bottom:3px solid #0b6b3a;break-after:avoid}
h3{font-size:1.05rem;margin:1rem 0 .3rem;break-after:avoid}
.numbers{border:3px solid #0b6b3a;border-radius:.6rem;padding:.6rem 1rem;margin:0 0 1rem}
.numbers p{margin:.15rem 0}
.green{font-size:1.7rem;font-weight:700;white-space:nowrap}
kbd{display:inline-block;min-width:1.5em;padding:0 .35em;border:1.5px solid #333;
border-radius:.3em;background:#f4f4f4;font:inherit;font-weight:700;text-align:center}
.path{white-space:nowrap}
.direct{white-space:nowrap;font-weight:700}
table{width:100%;border-collapse:collapse;table-layout:fixed}
.about{width:50%}
.pressed{width:31%}
.desks .about{width:37%}
.desks .path{white-space:normal}
th,td{text-align:left;vertical-align:top;padding:.32rem .5rem .32rem 0}
th{font-size:.8rem;color:#333}
tr{break-inside:avoid;border-bottom:1px solid #bbb}
.within td{padding-top:.8rem}
.within td:first-child{font-weight:700}
.kind{font-size:.8rem;font-weight:400;color:#333;white-space:nowrap;border:1px solid #777;
border-radius:.8em;padding:0 .5em}
.self{color:#0b6b3a;border-color:#0b6b3a;font-weight:700}
.keys{list-style:none;padding:0;margin:0;columns:2;column-gap:2rem}
.keys li{break-inside:avoid;margin:0 0 .4rem;padding-left:3.5rem;text-indent:-3.5rem}
.keys kbd{min-width:3rem;margin-right:.5rem;text-indent:0}
.sent{display:grid;grid-template-columns:max-content 1fr;gap:.4rem .7rem;margin:0}
.sent dt,.sent dd{margin:0;break-inside:avoid}
.sent dt{white-space:nowrap}
.deep1 td:first-child{padding-left:0}
.deep2 td:first-child{padding-left:1.1rem}
.deep3 td:first-child{padding-left:2.2rem}
@media (max-width:34rem){
html{font-size:17px}
.keys{columns:1}
.sent{grid-template-columns:1fr;gap:.15rem}
.sent dd{margin-bottom:.4rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
colgroup{display:none}
table,tbody,tr,td{display:block}
tr{padding:.35rem 0}
td,.within td{padding:.1rem 0}
td:not(:first-child){display:inline-block;margin-right:1.2rem}
td[data-head]::before{content:attr(data-head) ": ";font-size:.8rem;font-weight:400;color:#333}
}
@media print{
html{font-size:14pt}
body{max-width:none;padding:0}
section+section.guide{break-before:page}
.numbers,kbd{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""


def guide(
    line: Line,
    languages: Sequence[str],
    hours: Mapping[str, Hours],
    numbers: Sequence[str],
    messages: str | None = None,
) -> str:
    """The guide as one HTML document with nothing to fetch, a part for each language.

    ``hours`` are those of the desks, ``numbers`` (E.164) lead to the line, and ``messages`` (E.164)
    takes text messages. KeyError when the line does not speak a language or a desk has no hours.
    """
    parts = [_Guide(line, language, hours, numbers, messages).section() for language in languages]
    first = languages[0]
    title = escape(_title(line.tree, first))
    return (
        f'<!DOCTYPE html>\n<html lang="{first}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _title(tree: Tree, language: str) -> str:
    words = written(language)
    service = words.services.get(tree.service, tree.service)
    return guide_words(language).title.format(service)


@dataclass(frozen=True)
class _Guide:
    line: Line
    language: str
    hours: Mapping[str, Hours]
    numbers: Sequence[str]
    messages: str | None

    @property
    def tree(self) -> Tree:
        return self.line.tree

    @property
    def words(self) -> Written:
        return written(self.language)

    @property
    def texts(self) -> GuideWords:
        return guide_words(self.language)

    def section(self) -> str:
        parts = [
            f'<section class="guide" lang="{self.language}">',
            f"<h1>{escape(_title(self.tree, self.language))}</h1>",
            self._numbers(),
            f"<p>{escape(self.texts.prepare)}</p>",
            f"<p>{escape(self.texts.how)}</p>",
            self._general_keys(),
            self._by_message(),
            f"<h2>{escape(self.texts.what)}</h2>",
            f"<p>{escape(self.texts.marks.format(*map(self._mark, (Form, Transfer))))}</p>",
            *(self._topic(option.node) for option in self.tree.root.options),
            self._desks(),
            "</section>",
        ]
        return "\n".join(part for part in parts if part)

    def _numbers(self) -> str:
        green = [number for number in self.numbers if number.startswith(_TOLL_FREE)]
        others = [phone(number) for number in self.numbers if number not in green]
        lines = [
            f'<p>{escape(self.texts.green)}: <span class="green">{escape(phone(number))}</span></p>'
            for number in green
        ]
        if others:
            told = ", ".join(f'<span class="direct">{escape(number)}</span>' for number in others)
            lines.append(f"<p>{escape(self.texts.other_numbers)}: {told}</p>")
        first, *others_spoken = self.tree.languages
        for language in others_spoken if self.language == first else [self.language]:
            change = escape(guide_words(language).change)
            key = f"<kbd>{LANGUAGE_KEY}</kbd>"
            lines.append(f'<p lang="{language}">{change.format(key)}</p>')
        return f'<div class="numbers">{"".join(lines)}</div>' if lines else ""

    def _general_keys(self) -> str:
        keys = [
            (OPERATOR_KEY, self.texts.operator),
            (BACK_KEY, self.texts.back),
            (REPEAT_KEY, self.texts.repeat),
            (f"{PATH_KEY}{PACE_KEY}{REPEAT_KEY}", self.texts.pace),
            (PATH_KEY, self.texts.direct_key),
        ]
        if len(self.tree.languages) > 1:
            keys.insert(1, (LANGUAGE_KEY, self.texts.language))
        items = "".join(f"<li><kbd>{key}</kbd>{escape(does)}</li>" for key, does in keys)
        return f'<h2>{escape(self.texts.keys)}</h2>\n<ul class="keys">{items}</ul>'

    def _by_message(self) -> str:
        """For those who do not hear, or rather write; "" where nobody knows how to ask."""
        sent = self._messages_to_send()
        if self.messages is None or not sent:
            return ""
        items = "".join(
            f"<dt><kbd>{escape(say)}</kbd></dt><dd>{escape(does)}</dd>" for say, does in sent
        )
        number = f'<span class="direct">{escape(phone(self.messages))}</span>'
        parts = [
            f"<h2>{escape(self.texts.messages)}</h2>",
            f"<p>{escape(self.texts.write_to).format(number)}</p>",
            f'<dl class="sent">{items}</dl>',
            f"<p>{escape(self.texts.whatever)}</p>",
        ]
        book = self.line.phrasebooks[self.language]
        if any(isinstance(node, Info) and node.text in book for node in self.tree.walk()):
            parts.append(f"<p>{escape(self.texts.as_text).format(f'<kbd>{TEXT_KEY}</kbd>')}</p>")
        return "\n".join(parts)

    def _messages_to_send(self) -> list[tuple[str, str]]:
        """What to write, with what it is for; nothing in a language that no word chooses."""
        book, tree = self.line.phrasebooks[self.language], self.tree
        before = after = ""
        if LINE_WORD in book:
            before = f"{book.write(LINE_WORD).words} "
        elif self.language == "en" != tree.languages[0]:
            after = " EN"
        elif self.language != tree.languages[0]:
            return []
        topic = next((node.path for node in tree.walk() if node.path.count(".") == 1), "1")
        sent = [
            (before + _ASKS_FOR_ALL.get(self.language, "MENU"), self.texts.all_topics),
            (before + topic + after, self.texts.one_topic),
        ]
        takes = any(isinstance(node, Form) and node.form == READING_FORM for node in tree.walk())
        if takes and tree.service == "electricity":
            sent.append(("ALLAS", self.texts.reading))
        return sent

    def _topic(self, node: Node) -> str:
        """One option of the first menu with everything below it."""
        heading = f"<h3>{_keys(node)} {escape(self._about(node))}{self._marked(node)}</h3>"
        if not isinstance(node, Menu):
            return heading
        rows = "\n".join(row for option in node.options for row in self._rows(option.node, deep=1))
        heads = "".join(
            f'<th scope="col">{escape(head)}</th>'
            for head in ("", self.texts.press, self.texts.direct)
        )
        return f"{heading}\n{_table(rows, f'<thead><tr>{heads}</tr></thead>')}"

    def _rows(self, node: Node, deep: int) -> Iterator[str]:
        yield self._row(node, deep)
        if isinstance(node, Menu):
            for option in node.options:
                yield from self._rows(option.node, deep + 1)

    def _row(self, node: Node, deep: int) -> str:
        within = " within" if isinstance(node, Menu) else ""
        return (
            f'<tr class="deep{deep}{within}">'
            f"<td>{escape(self._about(node))}{self._marked(node)}</td>"
            f'<td class="path" data-head="{escape(self.texts.press)}">{_keys(node)}</td>'
            f"{self._direct(node)}</tr>"
        )

    def _mark(self, kind: type[Node]) -> str:
        return self.words.kinds[kind]

    def _marked(self, node: Node) -> str:
        """What tells self-service and agents from information."""
        if not isinstance(node, Form | Transfer):
            return ""
        own = " self" if isinstance(node, Form) else ""
        return f' <span class="kind{own}">{escape(self._mark(type(node)))}</span>'

    def _direct(self, node: Node) -> str:
        # One digit is pressed at once; it is no path to be dialled.
        if "." not in node.path:
            return '<td class="direct"></td>'
        dialled = f"{PATH_KEY}{node.path.replace('.', '')}{REPEAT_KEY}"
        return f'<td class="direct" data-head="{escape(self.texts.direct)}">{dialled}</td>'

    def _desks(self) -> str:
        anywhere = f"<kbd>{OPERATOR_KEY}</kbd> {escape(self.texts.any_menu)}"
        rows = [(anywhere, self.texts.operator, self.tree.operator)]
        rows += [
            (_keys(node), self._about(node), node.desk)
            for node in self.tree.walk()
            if isinstance(node, Transfer)
        ]
        body = "\n".join(
            f'<tr><td>{escape(about)}</td><td class="path">{keys}</td>'
            f"<td>{escape(self.words.hours(self.hours[desk]))}</td></tr>"
            for keys, about, desk in rows
        )
        return f'<h2>{escape(self.texts.hours)}</h2>\n<div class="desks">{_table(body)}</div>'

    def _about(self, node: Node) -> str:
        book = self.line.phrasebooks[self.language]
        return option_label(book, node.id) or node.id


def _table(rows: str, head: str = "") -> str:
    return f"<table>{_COLUMNS}{head}<tbody>\n{rows}\n</tbody></table>"


def _keys(node: Node) -> str:
    return " → ".join(f"<kbd>{key}</kbd>" for key in node.path.split("."))
