"""How a webhook travels: the protocol that the carrier needs, and two ways to keep it."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

import requests
from requests.exceptions import ConnectTimeout, ReadTimeout, RequestException, SSLError
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DOCUMENT_LIMIT = 64 * 1024
"""Bytes of the largest document that the carrier accepts (error 11750)."""

Form = list[tuple[str, str]]


class Timeout(NamedTuple):
    """Seconds allowed for the connection, for silence on the wire, and for the whole exchange."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer. The body is cut one byte past ``DOCUMENT_LIMIT``."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header whatever its case, or an empty string."""
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), "")


class TransportError(Exception):
    """No complete answer came. ``code`` is the carrier's; ``retry_class`` names the URL
    fragment's class (``ct``, ``rt``) under which the attempt may be repeated, if any.
    """

    code = 11200
    retry_class = ""


class ConnectError(TransportError):
    """No TCP or TLS connection came about, so the service has seen nothing."""

    code = 11205
    retry_class = "ct"


class NoAnswerError(TransportError):
    """The service took the request and did not answer within the time allowed."""

    retry_class = "rt"


class TimeUsedUpError(TransportError):
    """All attempts together took as long as they may."""

    code = 11203


class BrokenAnswerError(TransportError):
    """The answer stopped half-way; such an attempt is never repeated."""


class Transport(Protocol):
    """Carries one request; a GET has no form. Redirects are not followed.

    Raises ``TransportError`` kinds only.
    """

    def send(
        self, method: str, url: str, form: Form, headers: Mapping[str, str], timeout: Timeout
    ) -> Response: ...


class HttpTransport:
    """Real HTTP. Keeps no connection open and no cookie, and heeds no proxy or netrc setting.

    Of the environment it heeds, as ``requests`` does, whose certificates are to be trusted:
    ``REQUESTS_CA_BUNDLE``, else ``CURL_CA_BUNDLE``, names a file or folder of them.
    """

    def __init__(self, session: requests.Session | None = None) -> None:
        self._session = session or requests.Session()
        around = self._session.merge_environment_settings("https://", {}, None, None, None)
        self._session.verify = around["verify"]
        self._session.trust_env = False

    def send(
        self, method: str, url: str, form: Form, headers: Mapping[str, str], timeout: Timeout
    ) -> Response:
        deadline = monotonic() + timeout.total
        self._session.cookies.clear()
        try:
            answer = self._session.request(
                method,
                url,
                data=_encoded(method, form),
                headers={**headers, "Connection": "close"},
                timeout=(timeout.connect, timeout.read),
                allow_redirects=False,
                stream=True,
            )
        except RequestException as error:
            raise _failure(error) from error
        with answer:
            return Response(answer.status_code, dict(answer.headers), _body(answer, deadline))


def _encoded(method: str, form: Form) -> bytes | None:
    return None if method == "GET" else urlencode(form).encode()


def _failure(error: RequestException) -> TransportError:
    reason: object = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    unconnected = (NewConnectionError, ConnectTimeoutError)
    if isinstance(error, SSLError):
        return ConnectError(
            "no encrypted connection to the service: its certificate may not be trusted "
            "(REQUESTS_CA_BUNDLE names the file of an authority of one's own)"
        )
    if isinstance(error, ConnectTimeout) or isinstance(reason, unconnected):
        return ConnectError("no connection to the service")
    if isinstance(error, ReadTimeout):
        return NoAnswerError("no answer within the time allowed")
    return BrokenAnswerError(f"the exchange failed ({type(error).__name__})")


def _body(answer: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    try:
        for piece in answer.iter_content(8192):
            body += piece
            if len(body) > DOCUMENT_LIMIT:
                break
            if monotonic() > deadline:
                raise BrokenAnswerError("the answer did not end within the time allowed")
    except (RequestException, ReadTimeoutError) as error:
        raise BrokenAnswerError("the answer stopped half-way") from error
    return bytes(body[: DOCUMENT_LIMIT + 1])


class WsgiTransport:
    """Hands requests straight to a WSGI application, for tests without a server."""

    def __init__(self, application: "WSGIApplication") -> None:
        # Loaded for tests only: a call over HTTP does without it.
        from werkzeug.test import Client

        self._client = Client(application, use_cookies=False)

    def send(
        self,
        method: str,
        url: str,
        form: Form,
        headers: Mapping[str, str],
        timeout: Timeout,  # noqa: ARG002 - nothing to wait for in one process
    ) -> Response:
        parts = urlsplit(url)
        answer = self._client.open(
            parts.path or "/",
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}/",
            query_string=parts.query,
            data=_encoded(method, form),
            headers=dict(headers),
            buffered=True,
        )
        with answer:
            content = answer.get_data()[: DOCUMENT_LIMIT + 1]
            return Response(answer.status_code, dict(answer.headers), content)
