"""Headers of every answer: what a browser may do with our pages."""

from flask import Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
_YEAR = 365 * 24 * 3600


def add_headers(response: Response) -> Response:
    """Add them; vendored files have their version in the name and may be kept for a year."""
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Robots-Tag"] = "noindex"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    if request.endpoint == "static" and response.status_code == 200:
        versioned = request.path.startswith("/static/vendor/") or "v" in request.args
        kept = f"public, max-age={_YEAR}, immutable" if versioned else "no-cache"
        headers["Cache-Control"] = kept
    else:
        headers["Cache-Control"] = "no-store"
    return response
