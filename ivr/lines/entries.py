"""``lines.yaml``: which line answers which number.

A line is a tree with its words and desks; a further utility is a further entry, not code. Paths
are meant from the file's own folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from common.errors import ConfigurationError
from common.phone_numbers import NotAPhoneNumberError, to_e164
from common.yaml_sections import Section


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One line as configured; what is ``None`` or empty is the tree's or the service's own.

    ``numbers`` (E.164) lead to this line; the first is its own towards the desks that it dials.
    ``languages`` are some of the tree's, the first one begins a call; ``opening`` are the prompts
    that are said first. ``place`` is for complaints.
    """

    name: str
    tree: Path
    numbers: tuple[str, ...] = ()
    desks: Path | None = None
    prompts: Path | None = None
    languages: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    place: str = ""


def configured_lines(lines: Path | None, menu_tree: Path) -> tuple[LineEntry, ...]:
    """The lines of the file; without one, that tree answers every number."""
    return load_lines(lines) if lines is not None else (LineEntry("line", menu_tree),)


def load_lines(path: Path) -> tuple[LineEntry, ...]:
    """Read the file and return its lines, the default one first.

    Raises ``ConfigurationError`` with the place, the value and the hint.
    """
    document = Section.load(path).only("default", "lines")
    named = document.section("lines")
    entries = {name: _entry(named.section(name), name, path.parent) for name in named}
    default = document.text("default")
    if default not in entries:
        raise document.wrong("default", default, f"is no line. Name one of {', '.join(entries)}.")
    taken: dict[str, str] = {}
    for name, entry in entries.items():
        for number in entry.numbers:
            if number in taken:
                raise named.section(name).wrong(
                    "numbers", number, f'leads to the line "{taken[number]}" already. Keep one.'
                )
            taken[number] = name
    return entries[default], *(entry for name, entry in entries.items() if name != default)


def _entry(section: Section, name: str, folder: Path) -> LineEntry:
    section.only("tree", "numbers", "desks", "prompts", "languages", "opening")
    return LineEntry(
        name,
        folder / section.text("tree"),
        tuple(_number(section, number) for number in section.texts("numbers")),
        folder / section.text("desks") if "desks" in section else None,
        folder / section.text("prompts") if "prompts" in section else None,
        tuple(section.texts("languages")) if "languages" in section else (),
        tuple(section.texts("opening")) if "opening" in section else (),
        section.place(),
    )


def _number(section: Section, number: str) -> str:
    try:
        return to_e164(number)
    except NotAPhoneNumberError as error:
        raise section.wrong(
            "numbers", number, 'is not one number. Write it like "+3680202938", in quotes.'
        ) from error


def require_known(
    entry: LineEntry, key: str, given: tuple[str, ...], known: frozenset[str]
) -> None:
    """Raise ``ConfigurationError`` unless each of the entry's values under ``key`` is known."""
    for value in given:
        if value not in known:
            raise ConfigurationError(
                f'{entry.place}.{key}: "{value}" is not in {entry.tree.name} and its words. '
                "Correct it, or write it there."
            )
