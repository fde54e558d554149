"""How a command becomes the server of an application."""

import os
import sys
from typing import NoReturn

from service import server_log, step_back


def serve_beside_calls(host: str, port: int, application: str) -> NoReturn:
    """Become the server of a WSGI factory whose requests matter less than calls.

    It takes this process over, so a supervisor's signals reach it directly.
    """
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory"]
    command += ["--host", host, "--port", str(port), "--blocking-threads", "4", "--no-ws"]
    step_back()
    sys.stdout.flush()
    os.execv(sys.executable, [*command, *server_log(), application])  # noqa: S606
