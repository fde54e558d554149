"""How a command becomes the server of an application."""

import os
import sys
from typing import NoReturn

from service import server_log, step_back

STOP_SECONDS = 7
"""How long requests in progress may take after SIGTERM."""


def serve_beside_calls(host: str, port: int, application: str) -> NoReturn:
    """Become the server of an RSGI factory whose requests matter less than calls.

    It takes this process over, so a supervisor's signals reach it directly.
    """
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--factory", "--http", "1"]
    command += ["--host", host, "--port", str(port), "--no-ws"]
    # Else who reads an answer slowly would hold up the end of the process.
    command += ["--workers-kill-timeout", str(STOP_SECONDS)]
    step_back()
    sys.stdout.flush()
    os.execv(sys.executable, [*command, *server_log(), application])  # noqa: S606
