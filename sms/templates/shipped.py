"""The templates that come with the service, from ``shipped.yaml``."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml

from sms.templates.folding import folded
from sms.templates.render import BRACES

_FILE = Path(__file__).with_name("shipped.yaml")


class Kind(StrEnum):
    """What a template is for, which decides the rules that it keeps."""

    DEBT = "debt"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with its kind; ``lines`` are the E.164 numbers that it spells out itself."""

    name: str
    kind: Kind
    text: str
    lines: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def shipped_templates() -> dict[str, Template]:
    """Every shipped template by its name."""
    entries = yaml.safe_load(_FILE.read_text("utf-8"))
    return {
        name: Template(name, Kind(entry["kind"]), entry["text"], tuple(entry.get("lines", ())))
        for name, entry in entries.items()
    }


@lru_cache(maxsize=1)
def neutral_words() -> frozenset[str]:
    """The folded words of the shipped texts: they say nothing of anybody."""
    texts = (BRACES.sub(" ", template.text) for template in shipped_templates().values())
    return frozenset(re.findall(r"[^\W\d_]+", folded(" ".join(texts))))
