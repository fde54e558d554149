"""YAML read as text, with the place of everything in it: the one reader of every YAML file.

YAML 1.1 guesses types (``0123`` is 83, ``no`` is False, ``12:30`` is 750), so scalars stay the text
that was typed and whoever reads them converts. The files are typed by people: tags, anchors,
aliases and several documents have no use in them and are refused, which also ends alias bombs
before they grow. Size and depth are limited; libyaml's events are read one by one, because its own
composer calls itself for every level and a deep file would end the process.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TypeAlias

import yaml

from common.findings import Code, Finding, Severity, TreeError

MAX_BYTES = 1_000_000
MAX_DEPTH = 64

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
Location = tuple[str | int, ...]

_INSTEAD_OF_ANCHORS = "Write the part out; in a tree, lead there with goto."
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^\s#])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place, counted from 1, in the source's own file unless ``file`` names another."""

    line: int
    column: int
    file: str | None = None


@dataclass(frozen=True)
class Source:
    """A file's content, and where each key and value of it stands.

    ``over`` are the files that were laid over it.
    """

    file: str
    content: bytes
    root: dict[str, Value]
    keys: Mapping[Location, Mark]
    values: Mapping[Location, Mark]
    over: tuple[str, ...] = ()

    def mark(self, location: Location, *, at_value: bool = False) -> Mark:
        """Where the key at ``location`` stands, or its value, or the nearest one around it."""
        first, second = (self.values, self.keys) if at_value else (self.keys, self.values)
        for length in range(len(location), -1, -1):
            mark = first.get(location[:length]) or second.get(location[:length])
            if mark is not None:
                return mark
        return Mark(1, 1)

    def finding(
        self,
        location: Location,
        code: Code,
        message: str,
        hint: str,
        *,
        severity: Severity = "error",
        at_value: bool = False,
    ) -> Finding:
        """A finding at the key named by ``location``, or at its value; as ``mark`` finds it."""
        mark = self.mark(location, at_value=at_value)
        file = mark.file or self.file
        return Finding(file, mark.line, mark.column, severity, code, message, hint)


def read_yaml(path: Path) -> Source:
    """Read one YAML file whose outermost value is a mapping.

    Raises ``TreeError`` with one finding for whatever keeps the file from being read at all, or
    with one finding for each key that stands twice.
    """
    file = str(path)
    content = _read(path, file)
    builder = _Builder(file, _decode(content, file))
    root = builder.build()
    if not isinstance(root, dict):
        builder.fail(
            builder.values[()],
            "wrong-kind",
            "the file is not a mapping of keys to values",
            "Begin with a line such as 'name: value'.",
        )
    if builder.findings:
        raise TreeError(builder.findings)
    return Source(file, content, root, builder.keys, builder.values)


def _read(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or type(error).__name__}"
        raise _failure(file, Mark(1, 1), "unreadable", reason, "Check its path.") from error
    if len(content) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        raise _failure(file, Mark(1, 1), "too-large", message, "Split it, or leave out what grew.")
    return content


def _decode(content: bytes, file: str) -> str:
    """The file's text; ``TreeError`` where it is no plain text in UTF-8, empty or tab-indented."""
    save = "Save it as plain text in UTF-8."
    if b"\0" in content:
        mark = _mark_in(content[: content.index(b"\0")].decode("utf-8", "replace"))
        raise _failure(file, mark, "binary", "the file holds binary data", save)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = _mark_in(content[: error.start].decode("utf-8"))
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise _failure(file, mark, "not-utf8", message, save) from error
    if odd := _NOT_TEXT.search(text):
        message = f"character U+{ord(odd.group()):04X} is not text"
        raise _failure(file, _mark_in(text[: odd.start()]), "binary", message, save)
    if tab := _TAB_INDENT.search(text):
        mark = _mark_in(text[: text.index("\t", tab.start())])
        hint = "Indent with spaces, two for each level."
        raise _failure(file, mark, "tab", "the line is indented with a tab", hint)
    return text


def _mark_in(before: str) -> Mark:
    return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _failure(file: str, mark: Mark, code: Code, message: str, hint: str) -> TreeError:
    return TreeError([Finding(file, mark.line, mark.column, "error", code, message, hint)])


@dataclass
class _Builder:
    """Builds values from libyaml's events, which carry tags and anchors as they were typed."""

    file: str
    text: str
    keys: dict[Location, Mark] = field(default_factory=dict)
    values: dict[Location, Mark] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def build(self) -> Value:
        try:
            events = iter(yaml.parse(self.text, Loader=yaml.CSafeLoader))
            next(events)  # the stream's start
            if not isinstance(next(events), yaml.DocumentStartEvent):
                self.fail(
                    Mark(1, 1), "empty", "the file is empty", "Fill it, or give another file."
                )
            root = self._value(next(events), events, ())
            next(events)  # the document's end
            after = next(events)
        except yaml.YAMLError as error:
            self._fail_on_syntax(error)
        if not isinstance(after, yaml.StreamEndEvent):
            hint = "Keep one document to a file and remove the line '---'."
            message = "a second document begins"
            self.fail(_mark(after), "several-documents", message, hint)
        return root

    def fail(self, mark: Mark, code: Code, message: str, hint: str) -> NoReturn:
        raise _failure(self.file, mark, code, message, hint)

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], location: Location) -> Value:
        self._refuse_tags_and_anchors(event)
        mark = _mark(event)
        self.values[location] = mark
        if len(location) > MAX_DEPTH:
            hint = "Write it flatter; in a tree, join menus or use goto."
            self.fail(mark, "too-deep", f"values are nested more than {MAX_DEPTH} deep", hint)
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, location)
        return self._mapping(events, location)

    def _sequence(self, events: Iterator[yaml.Event], location: Location) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*location, len(items))))
        return items

    def _mapping(self, events: Iterator[yaml.Event], location: Location) -> dict[str, Value]:
        mapping: dict[str, Value] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            self._refuse_tags_and_anchors(event)
            if not isinstance(event, yaml.ScalarEvent):
                hint = "Write a word or a digit before the colon."
                self.fail(_mark(event), "wrong-kind", "a key is a list or a mapping", hint)
            key = str(event.value)
            here = (*location, key)
            if key in mapping:
                first = self.keys[here]
                self._duplicate(key, _mark(event), first)
                kept = self.values[here]
                self._value(next(events), events, here)
                self.values[here] = kept
                continue
            self.keys[here] = _mark(event)
            mapping[key] = self._value(next(events), events, here)
        return mapping

    def _duplicate(self, key: str, mark: Mark, first: Mark) -> None:
        message = f"key '{key}' stands twice, first at {first.line}:{first.column}"
        hint = "Remove or rename one of them."
        again = _failure(self.file, mark, "duplicate-key", message, hint)
        self.findings += again.findings

    def _refuse_tags_and_anchors(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            message = f"'*{event.anchor}' is a YAML alias, and these files have none"
            self.fail(_mark(event), "anchor", message, _INSTEAD_OF_ANCHORS)
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            message = f"'&{event.anchor}' is a YAML anchor, and these files have none"
            self.fail(_mark(event), "anchor", message, _INSTEAD_OF_ANCHORS)
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            message = f"'{shown}' is a YAML tag, and these files have none"
            self.fail(_mark(event), "tag", message, f"Remove '{shown}'.")

    def _fail_on_syntax(self, error: yaml.YAMLError) -> NoReturn:
        mark = Mark(1, 1)
        reason = "unreadable"
        if isinstance(error, yaml.MarkedYAMLError):
            reason = ", ".join(filter(None, (error.context, error.problem)))
            if error.problem_mark is not None:
                mark = Mark(error.problem_mark.line + 1, error.problem_mark.column + 1)
        raise _failure(
            self.file, mark, "syntax", f"this is not YAML: {reason}", _syntax_hint(reason)
        ) from error


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1) if start is not None else Mark(1, 1)


def _syntax_hint(reason: str) -> str:
    if "alias" in reason or "anchor" in reason or "cannot start any token" in reason:
        return "Put text that begins with a sign such as * & @ % in quotes."
    if "mapping values" in reason:
        return "Put text that holds a colon and a space in quotes, or correct the indentation."
    return "Look at the indentation, and put text that begins with { or [ in quotes."
