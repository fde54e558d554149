"""The console's words: English in the code, Hungarian and English from the catalogues."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import g, has_request_context

LOCALE = Path(__file__).parents[1] / "locale"
LANGUAGES = ("hu", "en")


_SPOKEN = ContextVar("spoken", default=LANGUAGES[0])


def language() -> str:
    """The language of this request; Hungarian unless the user has chosen otherwise."""
    return str(g.get("language", "hu")) if has_request_context() else _SPOKEN.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say words in that language where there is no request, as in a worker."""
    before = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(code: str) -> Translations:
    """The words of a language, read once a process from its ``.po`` files: one for each room."""
    first, *others = (_compiled(file) for file in sorted((LOCALE / code).glob("*.po")))
    for other in others:
        first.merge(other)
    return first


def _compiled(file: Path) -> Translations:
    compiled = BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=file.parent.name))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """The message in the language of this request, with the values in their places."""
    found: str = catalogue(language()).gettext(message) if message else ""
    return found % values if values else found


_ = gettext


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The message that goes with this number, which is ``%(n)s`` unless given otherwise."""
    found: str = catalogue(language()).ngettext(singular, plural, n)
    return found % {"n": n, **values}


def word(context: str, code: str) -> str:
    """The word for a code: ``word("campaign state", "draft")``."""
    return str(catalogue(language()).pgettext(context, code))


def N_(message: str) -> str:  # noqa: N802 - the usual name
    """Mark a message that is translated where it is shown."""
    return message
