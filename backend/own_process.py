"""A module of ours run in a process of its own, beside this one."""

import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]


def start_own(module: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Run it as a program; ``options`` are those of ``Popen``. Raises ``OSError`` as that does."""
    # From our own folder: one named as ours in the current folder would be taken for it.
    return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=_ROOT, **options)  # noqa: S603
