"""HTTP under one deadline for the whole answer.

The time-outs of ``requests`` hold for each byte anew: a server that trickles keeps a thread for
ever. Here a request's connection is shut down when its time is over, wherever it stands, so that
after the deadline nothing of it is open any more. What the network has not taken by then is thrown
away: the system would go on offering it for minutes, and a carrier would get a message that was
meanwhile proved absent.
"""

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError

_THROW_AWAY = struct.pack("ii", 1, 0)
"""``linger`` on, for no time: what was not sent is dropped, and the other side gets a reset."""

_under = threading.local()
"""``deadline`` is the one under which this thread asks."""


class _Handle:
    """A connection's own handle of its socket, closed by whoever lets go of it last.

    TLS takes the socket itself over, and the client may close it before it has read the answer.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = socket.socket(fileno=os.dup(connection.fileno()))
        self._lock = threading.Lock()
        self._holders = 1

    def take(self) -> None:
        with self._lock:
            self._holders += 1

    def let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            if not self._holders:
                self._socket.close()

    def shut_down(self) -> None:
        """Shut the connection down; what waits to be sent is thrown away at its last close."""
        with self._lock, suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _THROW_AWAY)
            self._socket.shutdown(socket.SHUT_RDWR)


class Deadline:
    """Shuts down the connection that it watches once ``seconds`` are over.

    ``status`` is the HTTP status of the last answer that came whole, and ``date`` what the carrier
    has dated it with.
    """

    def __init__(self, seconds: float) -> None:
        self.status: int | None = None
        self.date: str | None = None
        self.is_over = False
        """Whether nothing is asked under it any more."""
        self.ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: _Handle | None = None
        _watch.add(self)

    @property
    def left(self) -> float:
        """Seconds until it is over; not positive when it is."""
        return self.ends - time.monotonic()

    def watch(self, handle: _Handle) -> None:
        """Watch this connection in place of the one before."""
        handle.take()
        with self._lock:
            self._let_go()
            self._watched = handle
        if self.left <= 0:
            self.shut_down()

    def end(self) -> None:
        """Watch nothing any more; a connection on which no whole answer came is thrown away."""
        self.is_over = True
        if self.status is None:
            self.shut_down()
        with self._lock:
            self._let_go()

    def shut_down(self) -> None:
        """Shut down what is watched; what waits to be sent is thrown away."""
        with self._lock:
            if self._watched is not None:
                self._watched.shut_down()

    def _let_go(self) -> None:
        if self._watched is not None:
            self._watched.let_go()
            self._watched = None


class _Watch:
    """The thread that shuts down at each deadline; a timer for each would be a thread for each."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: list[tuple[float, int, Deadline]] = []
        self._order = count()
        self._thread: threading.Thread | None = None
        self._wakes_at = inf

    def add(self, deadline: Deadline) -> None:
        with self._changed:
            self._forget_what_is_over()
            heappush(self._deadlines, (deadline.ends, next(self._order), deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif deadline.ends < self._wakes_at:
                # Mostly it wakes before, for one that is over by then.
                self._changed.notify()

    def _forget_what_is_over(self) -> None:
        while self._deadlines and self._deadlines[0][2].is_over:
            heappop(self._deadlines)

    def _run(self) -> None:
        while True:
            self._next().shut_down()

    def _next(self) -> Deadline:
        """The next one that comes while something is still asked under it."""
        with self._changed:
            while True:
                self._forget_what_is_over()
                left = self._deadlines[0][2].left if self._deadlines else None
                if left is not None and left <= 0:
                    return heappop(self._deadlines)[2]
                self._wakes_at = inf if left is None else self._deadlines[0][0]
                self._changed.wait(left)


_watch = _Watch()


def _watch_anew() -> None:
    """In a process that was forked there is none of the threads."""
    global _watch
    _watch = _Watch()


os.register_at_fork(after_in_child=_watch_anew)


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """All that this thread asks through a ``DeadlineSession`` inside is over when the time is."""
    deadline = _under.deadline = Deadline(seconds)
    try:
        yield deadline
    finally:
        _under.deadline = None
        deadline.end()


def present_deadline() -> Deadline:
    """The one that ``within`` has set for this thread."""
    deadline: Deadline = _under.deadline
    return deadline


def keep_deadlines(session: requests.Session, connections: int = 1) -> None:
    """Let a session of another library keep the deadline of ``within``, where it is used."""
    adapter = _Adapter(pool_maxsize=connections)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)


class DeadlineSession(requests.Session):
    """A session whose requests are made inside ``within``; it follows no redirect.

    ``connections`` are kept open for the next request.
    """

    def __init__(self, connections: int = 1) -> None:
        super().__init__()
        keep_deadlines(self, connections)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nothing: to find out where one leads, the base would read a body of any size."""


class _WatchedConnection(HTTPConnection):
    """A connection that this thread's deadline watches from its first moment to its last."""

    _handle: _Handle | None = None

    def _new_conn(self) -> socket.socket:
        deadline: Deadline = _under.deadline
        connection = super()._new_conn()
        if deadline.left <= 0:
            # Name and addresses took all the time: nothing of the request was sent.
            connection.close()
            raise ConnectTimeoutError(self, "the time allowed is over")
        self._let_go()
        self._handle = _Handle(connection)
        deadline.watch(self._handle)
        return connection

    def request(self, *arguments: Any, **named: Any) -> None:
        # One that was kept open from an earlier request.
        if self.sock is not None and self._handle is not None:
            _under.deadline.watch(self._handle)
        super().request(*arguments, **named)

    def send(self, data: Any) -> None:
        """Send a part of the request, unless the time is over.

        A process that stood still while it connected would else send it when nobody reckons with
        it any more.
        """
        deadline: Deadline = _under.deadline
        if self.sock is None:
            self.connect()
        if deadline.left <= 0:
            raise TimeoutError("the time allowed is over")
        super().send(data)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.let_go()


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
