"""Downloads: a POST, because each is recorded before it is made."""

from werkzeug.exceptions import TooManyRequests

from backend.staff.exports import note_export
from console.web.access import signed
from console.web.parts import parts, writing


def note_download(what: str) -> None:
    """Record the download of a list. Raises ``TooManyRequests`` for the 21st in an hour."""
    with writing() as connection:
        if not note_export(connection, signed().name, what, parts().clock()):
            raise TooManyRequests
