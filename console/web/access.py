"""Access control of views: the session, what it still owes, the permission, the origin."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar, cast

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    redirect,
    request,
    session,
    url_for,
)
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from backend.db.transactions import read, write
from backend.staff.audit import record_act
from backend.staff.authentication.sessions import (
    Session,
    Way,
    find_session,
    is_to_touch,
    key_of,
    sessions_by_key,
    touch,
)
from backend.staff.origin import acting_from
from console.permissions import PERMISSIONS, WITH_FACTOR, allowed
from console.web.memo import Memo
from console.web.own_paths import endpoint_of, pressed_on, safe_next
from console.web.parts import parts
from console.web.words import LANGUAGES, _
from messages.campaigns.lifecycle import Actor

SID = "sid"
_LIVE = Memo(seconds=1)
View = TypeVar("View", bound=Callable[..., object])


class ProofAwaited(Unauthorized):
    """The form of this request waits for password or code; it came from ``next_path``."""

    def __init__(self, next_path: str) -> None:
        super().__init__()
        self.next_path = next_path


class Need(NamedTuple):
    """What a view asks of whoever calls it; no permission: anybody may.

    ``most_bytes`` is how large its request may be, where that is more than usual.
    """

    permission: str | None
    fresh: bool = False
    poll: bool = False
    unfinished: bool = False
    most_bytes: int | None = None


def needs(
    permission: str, *, fresh: bool = False, poll: bool = False, most_bytes: int | None = None
) -> Callable[[View], View]:
    """Declare the permission of a view; ``fresh``: password or code within a quarter of an hour.

    A ``poll`` is no sign that somebody is there. ``most_bytes`` lets who is logged in load up a
    larger file than a form may be.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"there is no permission {permission}")
    return _declare(Need(permission, fresh, poll, most_bytes=most_bytes))


def open_to_all(view: View) -> View:
    """Declare that a view is for anybody, logged in or not."""
    return _declare(Need(None))(view)


def while_logging_in(view: View) -> View:
    """Declare a view for whoever has given name and password, whatever they still owe."""
    return _declare(Need("me", unfinished=True))(view)


def proved_while_logging_in(view: View) -> View:
    """As ``while_logging_in``, for who has proved within a quarter of an hour that it is them."""
    return _declare(Need("me", fresh=True, unfinished=True))(view)


def signed() -> Session:
    """The session of this request. Raises ``Unauthorized`` where nobody is logged in."""
    found = g.get("signed")
    if found is None:
        raise Unauthorized
    return cast(Session, found)


def actor() -> Actor:
    """Who acts now."""
    return Actor(signed().name, parts().clock())


def may(permission: str) -> bool:
    found = g.get("signed")
    return found is not None and allowed(found.role, permission)


def guard(app: Flask) -> None:
    """Let every request through the checks, before the application looks at its form."""
    app.before_request(_refuse_foreign_origin)
    app.before_request(_load_session)
    app.before_request(_allow_file)
    app.after_request(_forget_sessions)


def admit(app: Flask) -> None:
    """Check session and permission, after the token of the form."""
    app.before_request(_admit)


def require_declared(app: Flask) -> None:
    """Raise ``LookupError`` for an endpoint that declares no permission."""
    for endpoint, view in app.view_functions.items():
        if endpoint != "static" and not hasattr(view, "need"):
            raise LookupError(f"the endpoint {endpoint} declares no permission")


def asks_for_proof(path: str) -> bool:
    """Whether the path is one of ours that takes a form and wants to know first who sends it."""
    endpoint = endpoint_of(path, "POST")
    return endpoint is not None and _need_of(endpoint).fresh


def owed(found: Session) -> str | None:
    """The endpoint where the user has to give what is still owed, if anything is."""
    if found.owes_code:
        return "login.code"
    if found.owes_password:
        return "login.new_password"
    required = parts().second_factor == "required" and found.role in WITH_FACTOR
    has_factor = found.has_factor or found.way == Way.PROVIDER_WITH_FACTOR
    return "login.factor" if required and not has_factor else None


def _declare(need: Need) -> Callable[[View], View]:
    def declared(view: View) -> View:
        view.need = need  # type: ignore[attr-defined]  # kept on the function itself
        return view

    return declared


def _need_of(endpoint: str | None) -> Need:
    if endpoint is None or endpoint == "static":
        return Need(None)
    view = current_app.view_functions[endpoint]
    return cast(Need, getattr(view, "need"))  # noqa: B009 - declared by the decorators


def _refuse_foreign_origin() -> None:
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    foreign = origin is not None and origin != request.host_url.rstrip("/")
    if foreign or site not in {"same-origin", "none"}:
        raise Forbidden


def _load_session() -> None:
    if request.endpoint == "static":
        return
    chosen = session.get("language")
    g.language = chosen if chosen in LANGUAGES else "hu"
    sid = session.get(SID)
    if sid is None:
        return
    found = _polling(sid) if _need_of(request.endpoint).poll else None
    if found is None:
        with read(parts().engine) as connection:
            found = find_session(connection, sid, parts().clock())
    if found is None:
        session.pop(SID)
        g.was_signed = True
        return
    g.signed = found
    g.language = found.language or g.language


def _polling(sid: str) -> Session | None:
    """The session of a poll, looked up for all of them once in a second.

    A right that is taken away here ends with the next poll; where that was done by another process,
    polls tell their figures for a second more. ``None`` where the session has to be looked up.
    """
    engine, now = parts().engine, parts().clock()

    def look_up() -> Mapping[str, Session]:
        with read(engine) as connection:
            return sessions_by_key(connection, now)

    found = _LIVE.get(engine, now, look_up).get(key_of(sid))
    return found if found is not None and now < found.ends_at() else None


def _forget_sessions(response: Response) -> Response:
    """Look sessions up anew once somebody has acted, who may have ended some."""
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        _LIVE.clear()
    return response


def _allow_file() -> None:
    """Before anything reads the form, as the check of its token does; for nobody from outside."""
    need = _need_of(request.endpoint)
    if need.most_bytes is not None and g.get("signed") is not None:
        request.max_content_length = need.most_bytes


def _admit() -> AnyResponse | None:
    need = _need_of(request.endpoint)
    if need.permission is None:
        return None
    found = g.get("signed")
    if found is None:
        return _to_login()
    _note_presence(found, need)
    if not need.unfinished and (place := owed(found)) is not None:
        return _leads(url_for(place, next=_here()))
    if not allowed(found.role, need.permission):
        _note_denial(found, need.permission)
        raise Forbidden
    if need.fresh and not found.is_proved(parts().clock()):
        return _proof_first()
    return None


def _proof_first() -> AnyResponse:
    """Ask for password or code; a form is kept and sent once more when that was given."""
    if request.method == "GET" or "HX-Request" in request.headers:
        return _leads(url_for("login.again", next=_here()))
    if request.files:
        flash(_("Please confirm that it is you, and press the button again."))
        return _leads(url_for("login.again", next=_here()))
    raise ProofAwaited(_here())


def _to_login() -> AnyResponse:
    ended = bool(g.get("was_signed"))
    target = url_for("login.login", next=_here(), ended=int(ended) or None)
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": target})
    if ended or request.method != "GET":
        g.next = _here()
        raise Unauthorized
    return redirect(target, 303)


def _leads(target: str) -> AnyResponse:
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target, 303)


def _here() -> str:
    """The page to come back to: this one, or the one whose form was sent."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return safe_next(request.full_path.rstrip("?"))
    return pressed_on() or "/"


def _note_presence(found: Session, need: Need) -> None:
    now = parts().clock()
    if not need.poll and is_to_touch(found, now):
        with write(parts().engine) as connection:
            touch(connection, found.key, now)
        g.signed = replace(found, seen_at=now)


def _note_denial(found: Session, permission: str) -> None:
    with (
        acting_from(found.key, request.remote_addr or ""),
        write(parts().engine) as connection,
    ):
        record_act(connection, found.name, "console denied", permission, None, parts().clock())
