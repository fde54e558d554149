"""Addresses of our static files, which change with what is in them."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import url_for

STATIC = Path(__file__).parents[1] / "static"


def static_url(name: str) -> str:
    """The address under which a browser may keep the file for a year.

    Vendored files have their version in the name.
    """
    version = None if name.startswith("vendor/") else _hash(name)
    return url_for("static", filename=name, v=version)


@lru_cache
def _hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
