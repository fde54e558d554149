"""The page of figures that the project keeps: one section a benchmark, each replaced by itself."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from settings import HERE

PAGE = HERE / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Written by `make bench`; the programs are in `benchmarks/`.
"""


def put(section: str, path: Path = PAGE, head: str = _HEAD) -> None:
    """Put a section (from its ``## `` heading on) in the place of the one of the same heading.

    A page that does not exist yet begins with ``head``.
    """
    present = path.read_text("utf-8") if path.exists() else head
    first, *sections = re.split(r"^(?=## )", present, flags=re.MULTILINE)
    heading = _heading(section)
    kept = [section if _heading(each) == heading else each for each in sections]
    if section not in kept:
        kept.append(section)
    parts = [part.strip() for part in (first, *kept)]
    path.write_text("\n\n".join(parts) + "\n", "utf-8")


def conditions(*packages: str) -> str:
    """When and on what the figures were taken."""
    today = datetime.now(UTC).date().isoformat()
    versions = "".join(f", {name} {version(name)}" for name in packages)
    return (
        f"{today}, Python {platform.python_version()}{versions}, {os.cpu_count()} cores.\n"
        "Read the ratios: absolute figures are this machine's."
    )


def _heading(section: str) -> str:
    return section.partition("\n")[0].strip()
