"""A file of the menu language: what ``common.yaml_source`` reads, with findings at its places."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from common.findings import Code, Finding, Severity, TreeError
from common.yaml_source import Location, Mark, Value, YamlError, nearest_mark, read_yaml

__all__ = ["Location", "Mark", "Source", "Value", "lay_over", "read_source"]


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
        """A finding at the key named by ``location``, or at its value.

        A location that the file does not have is answered by the nearest one around it.
        """
        first, second = (self.values, self.keys) if at_value else (self.keys, self.values)
        mark = nearest_mark(location, first, second)
        file = mark.file or self.file
        return Finding(file, mark.line, mark.column, severity, code, message, hint)


def read_source(path: Path) -> Source:
    """Read one YAML file whose outermost value is a mapping.

    Raises TreeError with one finding for whatever keeps the file from being read at all, or
    with one finding for each key that stands twice.
    """
    try:
        document = read_yaml(path)
    except YamlError as error:
        raise TreeError(
            Finding(flaw.file, flaw.line, flaw.column, "error", flaw.code, flaw.message, flaw.hint)
            for flaw in error.flaws
        ) from error
    return Source(document.file, document.content, document.root, document.keys, document.values)


def lay_over(below: Source, above: Source) -> Source:
    """One source of two files; where both have a value, it is that of the one above."""
    sizes = f"{len(below.content)} {len(above.content)}\n".encode()
    return Source(
        below.file,
        sizes + below.content + above.content,
        _merged(below.root, above.root),
        {**below.keys, **_marks_in(above.file, above.keys)},
        {**below.values, **_marks_in(above.file, above.values)},
        (*below.over, above.file),
    )


def _merged(below: dict[str, Value], above: dict[str, Value]) -> dict[str, Value]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, dict) and isinstance(value, dict):
            merged[key] = _merged(under, value)
        else:
            merged[key] = value
    return merged


def _marks_in(file: str, marks: Mapping[Location, Mark]) -> dict[Location, Mark]:
    return {place: replace(mark, file=file) for place, mark in marks.items() if place}
