"""The templates that come with the service, from ``shipped.yaml``."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backend.interface.codes import MessageKind
from common.yaml_source import Value, read_yaml
from messages.content.folding import folded
from messages.content.render import BRACES

_FILE = Path(__file__).with_name("shipped.yaml")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with its kind; ``lines`` are the E.164 numbers that it spells out itself.

    ``is_automatic``: the service sends it by itself, and nobody makes a campaign of it.
    """

    name: str
    kind: MessageKind
    text: str
    lines: tuple[str, ...] = ()
    is_automatic: bool = False


@lru_cache(maxsize=1)
def shipped_templates() -> dict[str, Template]:
    entries = read_yaml(_FILE).root
    return {name: _template(name, entry) for name, entry in entries.items()}


def _template(name: str, entry: Value) -> Template:
    if not isinstance(entry, dict):
        raise ValueError(f"{_FILE.name}: {name} is no template")
    numbers = entry.get("lines", [])
    lines = tuple(number for number in numbers if isinstance(number, str))
    kind, is_automatic = MessageKind(str(entry["kind"])), entry.get("automatic") == "true"
    return Template(name, kind, str(entry["text"]), lines, is_automatic)


def is_automatic(name: str) -> bool:
    """Whether the service itself sends the text of that name."""
    return name in shipped_templates() and shipped_templates()[name].is_automatic


@lru_cache(maxsize=1)
def neutral_words() -> frozenset[str]:
    """The folded words of the shipped texts: they say nothing of anybody."""
    texts = (BRACES.sub(" ", template.text) for template in shipped_templates().values())
    return frozenset(re.findall(r"[^\W\d_]+", folded(" ".join(texts))))
