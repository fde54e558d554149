"""Reading small configuration files in YAML, with complaints that name the place and the mend.

Every scalar stays text: YAML by itself would turn ``08:00`` into minutes, ``no`` into False, and
lose the plus of a telephone number. A key that is there twice is refused, not overwritten.
"""

from collections.abc import Hashable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from backend.errors import ConfigurationError


class _TextLoader(yaml.CBaseLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'"{key.value}" is there twice', key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Section:
    """A mapping in a file, which knows where it stands."""

    def __init__(self, path: Path, inside: str, content: Any) -> None:
        self._path = path
        self._inside = inside
        if not isinstance(content, dict):
            raise ConfigurationError(
                f'{self.place()}: "{_shown(content)}" is not a list of names with values. '
                "Write one a line, like name: value."
            )
        self._content: dict[str, Any] = content

    @classmethod
    def load(cls, path: Path) -> "Section":
        """The whole file; ``ConfigurationError`` when it is not there or is no YAML."""
        try:
            # Only text, lists and mappings: BaseLoader makes no objects at all.
            content = yaml.load(path.read_text("utf-8-sig"), _TextLoader)  # noqa: S506
        except OSError as error:
            raise ConfigurationError(
                f"{path}: cannot be read: {error.strerror}. Put the file there."
            ) from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{path}: is not UTF-8. Save it as UTF-8.") from error
        except (TypeError, RecursionError) as error:
            raise ConfigurationError(
                f"{path}: is not a plain list of names with values. Write it like the shipped one."
            ) from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigurationError(
                f"{path}:{line}: {error.problem}. Mend the line, or the one above it."
            ) from error
        except yaml.YAMLError as error:
            raise ConfigurationError(
                f"{path}: has a character in it that cannot be shown. Save it as plain text."
            ) from error
        return cls(path, "", content)

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def only(self, *keys: str) -> "Section":
        """This section, once it is sure that it has no other keys than these."""
        for key in self._content:
            if key not in keys:
                near = get_close_matches(key, keys, 1)
                mend = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(keys)}."
                raise ConfigurationError(f"{self.place(key)}: is not known here. {mend}")
        return self

    def text(self, key: str) -> str:
        """The value under that key, which must be there and not empty."""
        value = self._get(key)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, _shown(value), "is not a plain value. Write one after the colon.")
        return value

    def texts(self, key: str) -> list[str]:
        """The list of plain values under that key."""
        values = self._get(key)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.wrong(key, _shown(values), "is not a list. Write it in square brackets.")
        return values

    def section(self, key: str) -> "Section":
        """The mapping under that key."""
        return Section(self._path, self._path_to(key), self._get(key))

    def sections(self, key: str) -> "list[Section]":
        """The list of mappings under that key."""
        entries = self._get(key)
        if not isinstance(entries, list):
            raise self.wrong(key, _shown(entries), 'is not a list. Begin each entry with "- ".')
        return [
            Section(self._path, f"{self._path_to(key)}[{number}]", entry)
            for number, entry in enumerate(entries, start=1)
        ]

    def place(self, key: str = "") -> str:
        """Where this section or its key stands, for the beginning of a complaint."""
        inside = self._path_to(key) if key else self._inside
        return f"{self._path}: {inside}" if inside else str(self._path)

    def wrong(self, key: str, value: str, complaint: str) -> ConfigurationError:
        """The complaint about a value, which ends with how to mend it."""
        return ConfigurationError(f'{self.place(key)}: "{value}" {complaint}')

    def _path_to(self, key: str) -> str:
        return f"{self._inside}.{key}" if self._inside else key

    def _get(self, key: str) -> Any:
        if key not in self._content:
            raise ConfigurationError(f"{self.place(key)}: is missing. Add it.")
        return self._content[key]


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
