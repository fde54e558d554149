"""Vendored files are those of their packages, byte for byte."""

import hashlib
from pathlib import Path

import console

HASHES = {
    "htmx-2.0.11.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    "pico-2.1.1.min.css": "fbc9a63fc9fc9f72d12fd7fc9806e11fa9f77ae4f9cad146b27003a1119ba3db",
}


def test_vendored_files_are_unchanged_and_none_is_unlisted() -> None:
    folder = Path(console.__path__[0]) / "static" / "vendor"
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "LICENSES.md"
    }
    assert found == HASHES
