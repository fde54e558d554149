"""What the files of lines say, found out once a run: nothing changes a line once it is loaded.

Everything is kept by what its files hold, so that a test that changes one gets what it says now,
and only that is read anew.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

import service_files
from backend.desks import Desks
from common import yaml_sections
from common.yaml_source import Source
from ivr.lines import loading, publishing
from ivr.lines.entries import LineEntry
from ivr.lines.loading import LineDefaults
from ivr.lines.publishing import watched
from ivr.lines.registry import PublishedLine
from ivr.lines.reloading import content
from menus import facts as menu_facts
from menus import loader
from menus.facts import Fact
from menus.loader import Line
from menus.phrasebook import Phrasebook


def keep_lines(patch: pytest.MonkeyPatch) -> None:
    """Publish and load each line once for each content of its files, and read each file once."""
    _keep_published(patch)
    _keep_loaded(patch)
    _keep_read(patch)
    _keep_desks(patch)


def _keep_published(patch: pytest.MonkeyPatch) -> None:
    publish = publishing.publish_line
    kept: dict[object, PublishedLine] = {}

    def publish_line(entry: LineEntry, defaults: LineDefaults) -> PublishedLine:
        files = [*watched([entry], defaults), entry.desks or defaults.desks]
        if not all(path.exists() for path in files):
            return publish(entry, defaults)  # which says what is missing
        key = repr((entry, defaults, [(path, content(path)) for path in files]))
        if key not in kept:
            kept[key] = publish(entry, defaults)
        return kept[key]

    patch.setattr(publishing, "publish_line", publish_line)


def _keep_loaded(patch: pytest.MonkeyPatch) -> None:
    load = loader.load_line
    kept: dict[object, Line] = {}

    def load_line(tree: Path, prompts: Path) -> Line:
        key = tuple((path, content(path)) for path in (tree, *sorted(prompts.glob("*.yaml"))))
        if key not in kept:
            kept[key] = load(tree, prompts)
        return kept[key]

    patch.setattr(loading, "load_line", load_line)


def _keep_read(patch: pytest.MonkeyPatch) -> None:
    read, speak = loader.read_yaml, loader._phrasebook
    sources: dict[object, Source] = {}
    books: dict[object, Phrasebook] = {}

    def read_yaml(path: Path) -> Source:
        key = path, content(path)
        if key not in sources:
            sources[key] = read(path)
        return sources[key]

    def phrasebook(language: str, source: Source, facts: Mapping[str, Fact]) -> Phrasebook:
        key = language, source.file, source.over, source.content, repr(facts)
        if key not in books:
            books[key] = speak(language, source, facts)
        return books[key]

    for reader in (loader, menu_facts, yaml_sections):
        patch.setattr(reader, "read_yaml", read_yaml)
    patch.setattr(loader, "_phrasebook", phrasebook)


def _keep_desks(patch: pytest.MonkeyPatch) -> None:
    load = publishing.load_desks
    kept: dict[object, Desks] = {}

    def load_desks(path: Path) -> Desks:
        if not path.exists():
            return load(path)  # which says that it is missing
        key = path, content(path)
        if key not in kept:
            kept[key] = load(path)
        return kept[key]

    for reader in (publishing, service_files):
        patch.setattr(reader, "load_desks", load_desks)
