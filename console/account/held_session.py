"""What a browser holds of its session, and where it goes with it."""

from flask import session, url_for

from backend.staff.authentication.sessions import find_session
from console.web.access import SID, owed
from console.web.parts import parts, reading


def place_after(sid: str, next_path: str) -> str:
    """Where the browser that holds ``sid`` goes: to what is still owed, else to ``next_path``."""
    with reading() as connection:
        found = find_session(connection, sid, parts().clock())
    place = None if found is None else owed(found)
    return next_path if place is None else url_for(place, next=next_path)


def hold(sid: str, *, token: str | None = None) -> None:
    """Give the browser its session; of the one before language and that ``token`` of forms."""
    kept = {"language": session.get("language"), "csrf_token": token, SID: sid}
    session.clear()
    session.update({name: value for name, value in kept.items() if value is not None})
