"""Known vulnerabilities among the locked libraries, from advisories that somebody has fetched.

``make audit ADVISORIES=all.zip`` reads a zip or a folder of advisories in the OSV format, JSON or
YAML: https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip, or a copy of
https://github.com/pypa/advisory-database. Nothing is asked over the network.
https://ossf.github.io/osv-schema/
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import click
import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[3]
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
OLD_AFTER_DAYS = 30

_PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
Advisory = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """A locked version that an advisory names; ``fixed`` are the versions that mend it."""

    library: str
    version: str
    advisory: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        mended = " or ".join(self.fixed) or "no version yet"
        return f"{self.library} {self.version}: {self.advisory}, mended in {mended}"


def locked(files: Iterable[Path] = LOCKS) -> set[tuple[str, str]]:
    """Each library that is pinned, by its canonical name, with its version."""
    pinned = (pair for file in files for pair in _PINNED.findall(file.read_text("utf-8")))
    return {(canonicalize_name(name), version) for name, version in pinned}


def read_advisories(source: Path) -> Iterator[Advisory]:
    """The advisories of a zip or folder but those that were withdrawn."""
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix in {".json", ".yaml"}:
                yield from _advisory(path.suffix, path.read_bytes())
        return
    with ZipFile(source) as archive:
        for name in archive.namelist():
            yield from _advisory(Path(name).suffix, archive.read(name))


def _advisory(suffix: str, content: bytes) -> Iterator[Advisory]:
    read = json.loads(content) if suffix == ".json" else yaml.safe_load(content)
    if isinstance(read, dict) and "id" in read and not read.get("withdrawn"):
        yield read


def findings(pinned: set[tuple[str, str]], advisories: Iterable[Advisory]) -> list[Finding]:
    """What is pinned in a version that an advisory names."""
    versions: dict[str, list[str]] = {}
    for name, version in pinned:
        versions.setdefault(name, []).append(version)
    found = set()
    for advisory in advisories:
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(str(package.get("name", "")))
            if package.get("ecosystem") != "PyPI":
                continue
            for version in versions.get(name, ()):
                if is_affected(version, affected):
                    found.add(Finding(name, version, str(advisory["id"]), _fixes(affected)))
    return sorted(found, key=str)


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether the version is listed, or lies in a range of the ecosystem."""
    if version in map(str, affected.get("versions") or ()):
        return True
    return any(_is_within(Version(version), events) for events in _events(affected))


def _events(affected: Mapping[str, Any]) -> Iterator[list[tuple[str, Version]]]:
    for each in affected.get("ranges") or ():
        if each.get("type") == "ECOSYSTEM":
            pairs = [(kind, str(at)) for event in each["events"] for kind, at in event.items()]
            yield sorted(((kind, _version(at)) for kind, at in pairs), key=lambda pair: pair[1])


def _is_within(version: Version, events: list[tuple[str, Version]]) -> bool:
    """The evaluation of the schema: the last event at or before the version decides."""
    within = False
    for kind, at in events:
        if kind == "introduced" and version >= at:
            within = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            within = False
    return within


def _fixes(affected: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(at) for events in _events(affected) for kind, at in events if kind == "fixed")


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def newest(advisories: Iterable[Advisory]) -> date | None:
    """The day of the latest change among them: how old the copy is."""
    days = [str(each.get("modified") or each.get("published") or "")[:10] for each in advisories]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def age_warning(latest: date | None, today: date) -> str | None:
    """A sentence about a copy that is too old to say much; it fails nothing."""
    if latest is None:
        return "There is no advisory in it."
    days = (today - latest).days
    old = f"The newest advisory is of {latest}, {days} days ago: fetch a newer copy."
    return old if days > OLD_AFTER_DAYS else None


def main(source: Path, today: date) -> int:
    """Tell what is found; 1 if anything is."""
    advisories = list(read_advisories(source))
    pinned = locked()
    found = findings(pinned, advisories)
    for each in found:
        click.echo(each)
    if (warning := age_warning(newest(advisories), today)) is not None:
        click.echo(warning)
    click.echo(f"{len(pinned)} libraries, {len(advisories)} advisories, {len(found)} found.")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).exists():
        sys.exit("Name a zip or folder of advisories: make audit ADVISORIES=all.zip")
    sys.exit(main(Path(sys.argv[1]), datetime.now(UTC).date()))
