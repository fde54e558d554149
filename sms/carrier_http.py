"""HTTP to the carrier under one deadline for the whole answer, and with a limit to its size.

The time-outs of ``requests`` hold for each byte anew: a server that trickles keeps a thread for
ever. Here a request's connection is shut down when its time is over, wherever it stands, so that
after the deadline nothing of it is open any more. What the network has not taken by then is thrown
away: the system would go on offering it for minutes, and the carrier would get a message that was
meanwhile proved absent.
"""

import logging
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from os import dup
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ContentDecodingError, ReadTimeout, RequestException
from twilio.http.response import Response
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError

CONNECT_SHARE = 0.3
"""The part of the time allowed in which the connection must stand."""
MOST_BYTES = 8 * 1024 * 1024
"""An answer's size, unpacked: three times a full page of the longest messages."""
MOST_THREADS = 64
"""Connections that are kept open for the next request."""
_CHUNK = 64 * 1024
_THROW_AWAY = struct.pack("ii", 1, 0)
"""``linger`` on, for no time: what was not sent is dropped, and the other side gets a reset."""

_under = threading.local()
"""``deadline`` is the one under which this thread asks the carrier."""


class AnswerTooLargeError(RequestException):
    """The answer is larger than anything that the carrier has to say."""


class Deadline:
    """Shuts down the connection that it watches once ``seconds`` are over.

    ``status`` is the HTTP status of the last answer that came whole.
    """

    def __init__(self, seconds: float) -> None:
        self.status: int | None = None
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds until it is over; not positive when it is."""
        return self._ends - time.monotonic()

    def watch(self, connection: Any) -> None:
        """Watch this connection in place of the one before; a socket, or TLS around one."""
        # A handle of its own: TLS takes the socket over, and the client may close it early.
        handle = socket.socket(fileno=dup(connection.fileno()))
        with self._lock:
            self._let_go()
            self._watched = handle
        if self.left <= 0:
            self._shut_down()

    def end(self) -> None:
        """Watch nothing any more; a connection on which no whole answer came is thrown away."""
        self._timer.cancel()
        if self.status is None:
            self._shut_down()
        with self._lock:
            self._let_go()

    def _shut_down(self) -> None:
        with self._lock:
            if self._watched is not None:
                with suppress(OSError):
                    # At its last close, with what waits to be sent.
                    self._watched.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _THROW_AWAY)
                    self._watched.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None


class CarrierHttpClient:
    """What Twilio's client asks through (its ``HttpClient``): a connection that ends in time.

    ``told`` gets the ``Date`` of each answer in JSON, which is the carrier's and no proxy's.
    """

    def __init__(self, timeout: timedelta, told: Callable[[str | None], None]) -> None:
        self._seconds = timeout.total_seconds()
        self._told = told
        adapter = _Adapter(pool_maxsize=MOST_THREADS)
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        # What the environment says is looked up in ``_surroundings``.
        self._session.trust_env = False
        self._around: dict[str, Any] = {}
        # It would log each request with the number.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)

    @contextmanager
    def deadline(self) -> Iterator[Deadline]:
        """All that this thread asks inside is over when the time allowed is."""
        deadline = _under.deadline = Deadline(self._seconds)
        try:
            yield deadline
        finally:
            _under.deadline = None
            deadline.end()

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
        deadline: Deadline = _under.deadline
        if deadline.left <= 0:
            raise ReadTimeout("the time allowed is over")
        wanted = {**(headers or {}), "Accept-Encoding": "identity"}
        connect = min(self._seconds * CONNECT_SHARE, deadline.left)
        around = self._surroundings(url)
        with self._session.request(
            method.upper(),
            url,
            params=params,
            data=data,
            headers=wanted,
            auth=auth,
            timeout=(connect, deadline.left),
            allow_redirects=allow_redirects,
            proxies=around["proxies"],
            verify=around["verify"],
            stream=True,
        ) as response:
            try:
                text = _read(response, deadline).decode("utf-8", "replace")
            except (AnswerTooLargeError, ContentDecodingError):
                # Read to its end, such an answer would leave its connection open for the next.
                self._session.close()
                raise
        deadline.status = response.status_code
        if "json" in response.headers.get("Content-Type", ""):
            self._told(response.headers.get("Date"))
        return Response(response.status_code, text, response.headers)

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


def _read(response: requests.Response, deadline: Deadline) -> bytes:
    body = bytearray()
    try:
        while chunk := response.raw.read(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > MOST_BYTES:
                raise AnswerTooLargeError("the answer is too large")
    except HTTPError as error:
        raise RequestsConnectionError("the answer broke off") from error
    if deadline.left <= 0:
        # An answer without a length ends where the connection was shut down.
        raise ReadTimeout("the time allowed is over")
    return _unpack(bytes(body), response.headers.get("Content-Encoding", "identity"))


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


class _WatchedConnection(HTTPConnection):
    """A connection that this thread's deadline watches from its first moment to its last."""

    def _new_conn(self) -> socket.socket:
        deadline: Deadline = _under.deadline
        connection = super()._new_conn()
        if deadline.left <= 0:
            # Name and addresses took all the time: nothing of the request was sent.
            connection.close()
            raise ConnectTimeoutError(self, "the time allowed is over")
        deadline.watch(connection)
        return connection

    def request(self, *arguments: Any, **named: Any) -> None:
        # One that was kept open from an earlier request.
        if self.sock is not None:
            _under.deadline.watch(self.sock)
        super().request(*arguments, **named)


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager
