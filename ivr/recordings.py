"""Recorded sentences for the carrier to fetch: sounds hold nothing personal, so nobody signs."""

import re
from pathlib import Path

from flask import Blueprint, Response, abort, request

from menus.recordings import SOUNDS

_A_YEAR = 365 * 24 * 3600
_AN_HOUR = 3600
_LANGUAGE = re.compile(r"[a-z]{2}")
_PROMPT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*")


def recordings_blueprint(folder: Path) -> Blueprint:
    """Serve the sounds of that folder, and nothing else of it or around it.

    An address with a version (``?v=``) never changes its sound, so it may be kept for good.
    """
    blueprint = Blueprint("recordings", __name__, url_prefix="/voice/recordings")
    root = folder.resolve()

    @blueprint.get("/<language>/<name>")
    def sound(language: str, name: str) -> Response:
        file = _sound(root, language, name)
        if file is None:
            abort(404)
        answer = Response(file.read_bytes(), mimetype=SOUNDS[file.suffix])
        answer.cache_control.public = True
        answer.cache_control.max_age = _A_YEAR if "v" in request.args else _AN_HOUR
        answer.cache_control.immutable = "v" in request.args
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    return blueprint


def _sound(root: Path, language: str, name: str) -> Path | None:
    """The sound's file. Names that no prompt could have never get to the file system."""
    prompt, dot, ending = name.rpartition(".")
    if f"{dot}{ending}" not in SOUNDS:
        return None
    if not (_LANGUAGE.fullmatch(language) and _PROMPT.fullmatch(prompt)):
        return None
    file = root / language / name
    return file if file.is_file() else None
