"""Reading small configuration files in YAML, with complaints that name the place and the hint.

Every scalar stays text: YAML by itself would turn ``08:00`` into minutes, ``no`` into False, and
lose the plus of a telephone number. A key that is there twice is refused, not overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from common.errors import ConfigurationError
from common.findings import TreeError
from common.yaml_source import Location, Source, Value, read_yaml


class Section:
    """A mapping in a file, which knows where it stands."""

    def __init__(self, document: Source, location: Location, content: Value) -> None:
        self._document = document
        self._location = location
        if not isinstance(content, dict):
            raise ConfigurationError(
                f'{self.place()}: "{_shown(content)}" is not a list of names with values. '
                "Write one a line, like name: value."
            )
        self._content = content

    @classmethod
    def load(cls, path: Path) -> Section:
        """The whole file; ``ConfigurationError`` when it is not there or is no YAML."""
        try:
            document = read_yaml(path)
        except TreeError as error:
            flaw = error.findings[0]
            raise ConfigurationError(
                f"{flaw.file}:{flaw.line}: {flaw.message}. {flaw.hint}"
            ) from error
        return cls(document, (), document.root)

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def only(self, *keys: str) -> Section:
        """This section, once it is sure that it has no other keys than these."""
        for key in self._content:
            if key not in keys:
                near = get_close_matches(key, keys, 1)
                hint = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(keys)}."
                raise ConfigurationError(f"{self.place(key)}: is not known here. {hint}")
        return self

    def text(self, key: str) -> str:
        """The value under that key, which must be there and not empty."""
        value = self._get(key)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, _shown(value), "is not a plain value. Write one after the colon.")
        return value

    def date(self, key: str) -> date:
        """The day under that key, ``2026-12-24``."""
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.wrong(key, text, "is not a date. Write it like 2026-12-24.") from None

    def texts(self, key: str) -> list[str]:
        """The list of plain values under that key."""
        values = self._get(key)
        texts = [value for value in values if isinstance(value, str)]
        if not isinstance(values, list) or len(texts) != len(values):
            raise self.wrong(key, _shown(values), "is not a list. Write it in square brackets.")
        return texts

    def section(self, key: str) -> Section:
        return Section(self._document, (*self._location, key), self._get(key))

    def sections(self, key: str) -> list[Section]:
        entries = self._get(key)
        if not isinstance(entries, list):
            raise self.wrong(key, _shown(entries), 'is not a list. Begin each entry with "- ".')
        return [
            Section(self._document, (*self._location, key, index), entry)
            for index, entry in enumerate(entries)
        ]

    def place(self, key: str = "") -> str:
        """Where this section or its key stands, for the beginning of a complaint."""
        location = (*self._location, key) if key else self._location
        line = self._document.mark(location).line
        inside = _path(location)
        return f"{self._document.file}:{line}: {inside}" if inside else self._document.file

    def wrong(self, key: str, value: str, complaint: str) -> ConfigurationError:
        """The complaint about a value, which ends with a hint."""
        return ConfigurationError(f'{self.place(key)}: "{value}" {complaint}')

    def _get(self, key: str) -> Value:
        if key not in self._content:
            raise ConfigurationError(f"{self.place(key)}: is missing. Add it.")
        return self._content[key]


def _path(location: Location) -> str:
    """``desks.general`` or ``days[2].open``: positions in a list count from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def _shown(value: Value) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
