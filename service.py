"""The service process: what ``zoldszam serve`` runs, and how its server is set up."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from backend.logs import configure_logging
from common.collecting import nothing_collected
from settings_environment import logs_as_json
from telemetry.server_log import SERVER_CONFIG
from web_server.draining import is_draining, listen

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from web_server.page_buffering import PageBuffering
    from web_server.request_buffering import RequestBuffering

BODY_SECONDS = 5.0
"""From the headers to the last byte of the body; a carrier sends both at once."""

REQUEST_THREADS = {"postgresql": 8, "sqlite": 4}
"""Requests that a worker works on at once; the pool of the database has room for them. SQLite has
one writer: more threads would take the interpreter from the one whose turn it is."""

PAGE_THREADS = 4
"""Requests of staff, or of other systems, that are worked on at once."""

BESIDE_CALLS = 10
"""Niceness of what serves staff and other systems: a tenth of a busy processor is left to it, and a
page waits rather than a caller. It is no less than that, or what holds a lock would be held up."""

_PROGRAM = (
    "app",
    "backend.db.sqlite.checkpoints",
    "web_server.request_buffering",
    "num2words",
    "prometheus_client",
)
"""What ``create_service`` and what it calls load when they are called."""


def create_service() -> RequestBuffering:
    """Build what a server process runs (RSGI): the application behind request buffering."""
    configure_logging(as_json=logs_as_json())
    listen()
    with nothing_collected():
        from app import create_app
        from backend.db.sqlite.checkpoints import start_checkpoints

        app = create_app()
    engine = app.extensions["engine"]
    start_checkpoints(engine)
    return buffered(app, REQUEST_THREADS[engine.dialect.name])


def buffered(
    app: WSGIApplication, threads: int = REQUEST_THREADS["postgresql"]
) -> RequestBuffering:
    """The application behind request buffering, as the service's is."""
    from app import MOST_FORM_BYTES
    from web_server.request_buffering import RequestBuffering

    return RequestBuffering(
        app,
        body_seconds=BODY_SECONDS,
        most_body_bytes=MOST_FORM_BYTES,
        threads=threads,
        draining=is_draining,
    )


def create_console_service() -> PageBuffering:
    """Build what the console's server process runs (RSGI)."""
    configure_logging(as_json=logs_as_json())
    with nothing_collected():
        from app import create_console
        from console.campaigns.plan_steps import MOST_FILE_BYTES
        from web_server.page_buffering import PageBuffering

        app = create_console()
    return PageBuffering(app, most_body_bytes=MOST_FILE_BYTES, threads=PAGE_THREADS)


def create_api_service() -> PageBuffering:
    """Build what the server process of the API runs (RSGI)."""
    configure_logging(as_json=logs_as_json())
    with nothing_collected():
        from api.application import MOST_BODY_BYTES
        from app import create_api
        from web_server.page_buffering import PageBuffering

        app = create_api()
    return PageBuffering(app, most_body_bytes=MOST_BODY_BYTES, threads=PAGE_THREADS)


def serve(host: str, port: int, workers: int, drain: float = 0.0) -> None:
    """Answer webhooks at one machine's address until SIGTERM or SIGINT.

    A worker that dies is started again. After the signal requests in progress are finished; with
    ``drain`` this is taken for not ready so many seconds before, and answers on.
    """
    with nothing_collected():
        # Workers are forks of this process: what is loaded here none of them loads again.
        for name in _PROGRAM:
            import_module(name)
    _serve("service:create_service", host, port, workers=workers, drain=drain)


def serve_beside_calls(factory: str, host: str, port: int) -> None:
    """As ``serve``, by one worker, what ``factory`` builds: its requests matter less than calls."""
    step_back()
    _serve(factory, host, port, workers=1, drain=0.0)


def _serve(factory: str, host: str, port: int, *, workers: int, drain: float) -> None:
    from web_server import draining_server

    log_config = json.loads(SERVER_CONFIG.read_text("utf-8")) if logs_as_json() else None
    draining_server.serve(factory, host, port, workers=workers, drain=drain, log_config=log_config)


def step_back() -> None:
    """Let this process, and what it starts, work at ``BESIDE_CALLS``: webhooks go first."""
    lower = max(os.getpriority(os.PRIO_PROCESS, 0), BESIDE_CALLS)
    # Where a sandbox forbids it, its own weights decide.
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, lower)
