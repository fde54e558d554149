"""Files that are no CSV in UTF-8: which format or encoding they have instead, and the hint."""

import codecs
from pathlib import Path
from typing import BinaryIO

from common.csv_files.problems import CsvFault

_CHUNK = 1 << 20
_HINT = "Save the file as CSV UTF-8."
_HUNGARIAN = frozenset("áéíóöőúüűÁÉÍÓÖŐÚÜŰ§–„”’€")
"""What the bytes of Hungarian text in Windows-1250 stand for, apart from ASCII."""


def foreign_format(raw: BinaryIO) -> tuple[str, CsvFault] | None:
    """What is wrong with the file as a whole by its first bytes, or ``None``; then reads on."""
    head = raw.read(4)
    raw.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        complaint = f"is UTF-16 (what spreadsheets call Unicode text), not UTF-8. {_HINT}"
        return complaint, CsvFault.UTF16
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return f"is a spreadsheet, not CSV. {_HINT}", CsvFault.SPREADSHEET
    return None


def foreign_encoding(path: Path) -> tuple[int, str, CsvFault]:
    """The first line of a file that is not UTF-8, and the complaint of it."""
    number = 0
    with path.open("rb") as raw:
        for number, line in enumerate(iter(lambda: raw.readline(_CHUNK), b""), start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                if _is_hungarian_ansi(line):
                    complaint = f"is not UTF-8 but Windows-1250 (ANSI). {_HINT}"
                    return number, complaint, CsvFault.ANSI
                break
    return number, f"is not UTF-8. {_HINT}", CsvFault.NOT_UTF8


def _is_hungarian_ansi(line: bytes) -> bool:
    text = line.decode("cp1250", errors="replace")
    return all(character.isascii() or character in _HUNGARIAN for character in text)
