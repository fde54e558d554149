"""HTTP to the carrier under one deadline for the whole answer, and with a limit to its size."""

import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ContentDecodingError, ReadTimeout, RequestException
from twilio.http.response import Response
from urllib3.exceptions import HTTPError

from backend.http_deadline import Deadline, DeadlineSession, present_deadline, within

CONNECT_SHARE = 0.3
"""The part of the time allowed in which the connection must stand."""
MOST_BYTES = 8 * 1024 * 1024
"""An answer's size, unpacked: three times a full page of the longest messages."""
MOST_THREADS = 64
"""Connections that are kept open for the next request."""
_CHUNK = 64 * 1024


class AnswerTooLargeError(RequestException):
    """The answer is larger than anything that the carrier has to say."""


class CarrierHttpClient:
    """What Twilio's client asks through (its ``HttpClient``): a connection that ends in time.

    ``told`` gets the ``Date`` of each answer in JSON, which is the carrier's and no proxy's.
    """

    def __init__(self, timeout: timedelta, told: Callable[[str | None], None]) -> None:
        self._seconds = timeout.total_seconds()
        self._told = told
        self._session = DeadlineSession(MOST_THREADS)
        # What the environment says is looked up in ``_surroundings``.
        self._session.trust_env = False
        self._around: dict[str, Any] = {}
        # It would log each request with the number.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)

    @contextmanager
    def deadline(self) -> Iterator[Deadline]:
        """All that this thread asks inside is over when the time allowed is."""
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
        deadline = present_deadline()
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
