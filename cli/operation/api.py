"""``zoldszam api``: the JSON API for other systems behind its server, and its description."""

import json
import os
import sys

import click

from api.application import OPERATIONS
from api.openapi import document
from app import create_api
from backend.db.schema import require_newest
from service import server_log, step_back


@click.group("api", invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8003, show_default=True, help="Port to listen on.")
@click.pass_context
def api_group(context: click.Context, host: str, port: int) -> None:
    """Serve the JSON API for other systems until SIGTERM or Ctrl-C.

    A process of its own, which only those other systems need to reach. Each has a key of its own:
    zoldszam api-key add. Put a proxy with TLS in front of it.
    """
    if context.invoked_subcommand is not None:
        return
    require_newest(create_api().extensions["engine"])
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory"]
    command += ["--host", host, "--port", str(port), "--blocking-threads", "4", "--no-ws"]
    command += [*server_log(), "service:create_api_service"]
    sys.stdout.flush()
    step_back()
    # The server takes this process over, so a supervisor's signals reach it directly.
    os.execv(command[0], command)  # noqa: S606


@api_group.command("openapi")
def openapi_command() -> None:
    """Print the OpenAPI 3.1 document of the API."""
    click.echo(json.dumps(document(OPERATIONS), ensure_ascii=False, indent=2))
