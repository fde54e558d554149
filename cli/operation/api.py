"""``zoldszam api``: the JSON API for other systems behind its server, and its description."""

import json

import click

from api.application import OPERATIONS
from api.openapi import document
from app import create_api
from backend.db.schema import require_newest
from service import serve_beside_calls


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
    engine = create_api().extensions["engine"]
    require_newest(engine)
    # The worker is a fork of this process and inherits no connection.
    engine.dispose()
    serve_beside_calls("service:create_api_service", host, port)


@api_group.command("openapi")
def openapi_command() -> None:
    """Print the OpenAPI 3.1 document of the API."""
    click.echo(json.dumps(document(OPERATIONS), ensure_ascii=False, indent=2))
