"""Files of the menu language that are laid over one another, such as sentences of one line."""

from collections.abc import Mapping
from dataclasses import replace

from common.yaml_source import Location, Mark, Source, Value


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
