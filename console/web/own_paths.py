"""Safe redirects: to paths of ours only, for what a browser names comes from anybody."""

from urllib.parse import unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def safe_next(path: str | None) -> str:
    """A path of ours that answers a GET, else the first page: ``next`` comes from anybody."""
    return path if path and endpoint_of(path, "GET") is not None else "/"


def pressed_on() -> str | None:
    """The page of ours whose form was sent; ``None`` where the browser does not tell."""
    referrer = urlsplit(request.headers.get("Referer", ""))
    if referrer.netloc != request.host:
        return None
    return safe_next(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


def endpoint_of(path: str, method: str) -> str | None:
    """The endpoint of a path of ours; of anything else ``None``."""
    if not path.startswith("/") or path[1:2] in {"/", "\\"}:
        return None
    parsed = urlsplit(path)
    if parsed.scheme or parsed.netloc or unquote(path)[1:2] in {"/", "\\"} or "\\" in path:
        return None
    try:
        found: tuple[str, object] = current_app.url_map.bind("").match(parsed.path, method)
    except (HTTPException, RequestRedirect):
        return None
    return found[0]
