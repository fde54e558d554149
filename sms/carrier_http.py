"""HTTP to the carrier under one deadline for the whole answer, and with a limit to its size."""

import logging
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ContentDecodingError, ReadTimeout, RequestException
from twilio.http.response import Response
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from backend.http_deadline import Deadline, DeadlineSession, present_deadline, within

CONNECT_SHARE = 0.3
"""The part of the time allowed in which the connection must stand."""
MOST_BYTES = 8 * 1024 * 1024
"""An answer's size, unpacked: three times a full page of the longest messages."""
MOST_THREADS = 64
"""Connections that are kept open for the next request."""
_CHUNK = 64 * 1024
_FORM = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "zoldszam",
}


class AnswerTooLargeError(RequestException):
    """The answer is larger than anything that the carrier has to say."""


@dataclass(frozen=True, slots=True)
class _Route:
    """How an address is reached: the connections, what is asked for on them, a proxy's headers."""

    pool: HTTPConnectionPool
    target: str
    headers: Mapping[str, str]


class CarrierHttpClient:
    """What Twilio's client asks through (its ``HttpClient``): a connection that ends in time."""

    def __init__(self, timeout: timedelta) -> None:
        self._seconds = timeout.total_seconds()
        self._session = DeadlineSession(MOST_THREADS)
        # What the environment says is looked up in ``_surroundings``.
        self._session.trust_env = False
        self._around: dict[str, Any] = {}
        self._routes: dict[str, _Route] = {}
        # It would log each request with the number.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)

    @contextmanager
    def deadline(self) -> Iterator[Deadline]:
        """All that this thread asks inside is over when the time allowed is.

        Its ``date`` is that of the last answer in JSON, which is the carrier's and no proxy's.
        """
        with within(self._seconds) as deadline:
            yield deadline

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline's time is what counts
        allow_redirects: bool = False,
    ) -> Response:
        """Ask once, inside ``deadline``.

        Raises ``requests.RequestException``, whose text may hold what was asked for.
        """
        deadline, allowed = self._allowed()
        around = self._surroundings(url)
        with self._session.request(
            method.upper(),
            url,
            params=params,
            data=data,
            headers={**(headers or {}), "Accept-Encoding": "identity"},
            auth=auth,
            timeout=allowed,
            allow_redirects=allow_redirects,
            proxies=around["proxies"],
            verify=around["verify"],
            stream=True,
        ) as response:
            try:
                text = _read(response.raw, deadline)
            except HTTPError as error:
                raise RequestsConnectionError("the answer broke off") from error
            except (AnswerTooLargeError, ContentDecodingError):
                # Read to its end, such an answer would leave its connection open for the next.
                self._session.close()
                raise
        _note(deadline, response.status_code, response.headers)
        return Response(response.status_code, text, response.headers)

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """Post a form once, inside ``deadline``; the answer's status and text.

        By urllib3 itself, for each message of a campaign: what ``requests`` and Twilio's client add
        costs more than the request. Raises ``urllib3.exceptions.HTTPError`` or
        ``requests.RequestException``, whose texts may hold what was asked for.
        """
        deadline, allowed = self._allowed()
        route = self._routes.get(url) or self._find_route(url)
        response = route.pool.urlopen(
            "POST",
            route.target,
            body=urlencode(form).encode(),
            headers={**_FORM, **route.headers, **headers},
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(*allowed),
            preload_content=False,
            decode_content=False,
        )
        try:
            text = _read(response, deadline)
        except BaseException:
            response.close()
            raise
        _note(deadline, response.status, response.headers)
        return response.status, text

    def _allowed(self) -> tuple[Deadline, tuple[float, float]]:
        """This thread's deadline, and the seconds until the connection stands and for silence."""
        deadline = present_deadline()
        left = deadline.left
        if left <= 0:
            raise ReadTimeout("the time allowed is over")
        return deadline, (min(self._seconds * CONNECT_SHARE, left), left)

    def _find_route(self, url: str) -> _Route:
        """As ``requests`` finds it, with proxies and certificates; the connections are the same."""
        around = self._surroundings(url)
        request = requests.Request("POST", url).prepare()
        session: Any = self._session
        proxies = session.rebuild_proxies(request, around["proxies"])
        adapter = session.get_adapter(url)
        pool = adapter.get_connection_with_tls_context(request, around["verify"], proxies=proxies)
        adapter.cert_verify(pool, url, around["verify"], None)
        of_proxy = {
            name: value for name, value in request.headers.items() if name.startswith("Proxy-")
        }
        route = _Route(pool, adapter.request_url(request, proxies), of_proxy)
        self._routes[url] = route
        return route

    def _surroundings(self, url: str) -> Any:
        """Proxies and certificates that the environment names, looked up once for each server.

        Looked up for each request they would cost a sixth of it.
        """
        server = "/".join(url.split("/", 3)[:3])
        if server not in self._around:
            self._around[server] = requests.Session().merge_environment_settings(
                url, {}, True, None, None
            )
        return self._around[server]


def _note(deadline: Deadline, status: int, headers: Mapping[str, str]) -> None:
    deadline.status = status
    if "json" in headers.get("Content-Type", ""):
        deadline.date = headers.get("Date")


def _read(response: Any, deadline: Deadline) -> str:
    """The body of an answer of urllib3's, which is given as it was sent."""
    body = bytearray()
    while chunk := response.read(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > MOST_BYTES:
            raise AnswerTooLargeError("the answer is too large")
    if deadline.left <= 0:
        # An answer without a length ends where the connection was shut down.
        raise ReadTimeout("the time allowed is over")
    encoding = response.headers.get("Content-Encoding", "identity")
    return _unpack(bytes(body), encoding).decode("utf-8", "replace")


def _unpack(body: bytes, encoding: str) -> bytes:
    """Some servers pack what they were asked to send as it is."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacking.decompress(body, MOST_BYTES + 1)
    except zlib.error as error:
        raise ContentDecodingError("the answer cannot be unpacked") from error
    if len(unpacked) > MOST_BYTES:
        raise AnswerTooLargeError("the answer is too large")
    if not unpacking.eof:
        raise ContentDecodingError("the answer broke off")
    return unpacked
