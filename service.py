"""The service process: what ``zoldszam serve`` runs, and how its server is set up."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from backend.logs import configure_logging
from carrier.draining import is_draining, listen
from common.collecting import nothing_collected
from settings import HERE, logs_as_json
from telemetry.server_log import SERVER_CONFIG

if TYPE_CHECKING:
    from flask import Flask

    from carrier.request_buffering import RequestBuffering

BODY_SECONDS = 5.0
"""From the headers to the last byte of the body; a carrier sends both at once."""

REQUEST_THREADS = 8
"""Requests that a worker works on at once; the pool of the database has room for them."""

CONNECTIONS = 1000
"""Connections that a worker keeps open; one that waits costs no thread."""

STOP_SECONDS = 7

BESIDE_CALLS = 10
"""Niceness of what serves staff and other systems: a tenth of a busy processor is left to it, and a
page waits rather than a caller. It is no less than that, or what holds a lock would be held up."""


def create_service() -> RequestBuffering:
    """Build what a server process runs (RSGI): the application behind request buffering."""
    configure_logging(as_json=logs_as_json())
    listen()
    with nothing_collected():
        from app import MOST_FORM_BYTES, create_app
        from backend.db.sqlite.checkpoints import start_checkpoints
        from carrier.request_buffering import RequestBuffering

        app = create_app()
    start_checkpoints(app.extensions["engine"])
    return RequestBuffering(
        app,
        body_seconds=BODY_SECONDS,
        most_body_bytes=MOST_FORM_BYTES,
        threads=REQUEST_THREADS,
        draining=is_draining,
    )


def create_console_service() -> Flask:
    """Build what the console's server process runs (WSGI)."""
    configure_logging(as_json=logs_as_json())
    with nothing_collected():
        from app import create_console

        return create_console()


def create_api_service() -> Flask:
    """Build what the server process of the API runs (WSGI)."""
    configure_logging(as_json=logs_as_json())
    with nothing_collected():
        from app import create_api

        return create_api()


def server_command(host: str, port: int, workers: int, drain: float = 0.0) -> list[str]:
    """The command line of the server, for one machine and address; ``zoldszam serve`` becomes it.

    A worker that dies is started again. SIGTERM lets requests in progress finish and ends the
    process within ``STOP_SECONDS`` and two more, whatever clients hold open; with ``drain`` it is
    taken for not ready so many seconds before that, and answers on (``carrier.draining_server``).
    """
    return [
        *(sys.executable, "-m", "carrier.draining_server", "service:create_service"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--connections", str(CONNECTIONS), "--stop-seconds", str(STOP_SECONDS)),
        *("--drain", str(drain), *_log_and_place()),
    ]


def step_back() -> None:
    """Let this process, and what it starts, work at ``BESIDE_CALLS``: webhooks go first."""
    lower = max(os.getpriority(os.PRIO_PROCESS, 0), BESIDE_CALLS)
    # Where a sandbox forbids it, its own weights decide.
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, lower)


def server_log() -> list[str]:
    """How the server itself logs, and where it looks for the program."""
    return ["--log-level", "warning", *_log_and_place()]


def _log_and_place() -> list[str]:
    form = ("--log-config", str(SERVER_CONFIG)) if logs_as_json() else ()
    return [*form, "--working-dir", str(HERE)]
