"""``zoldszam console``: the staff's pages behind their server."""

import click

from app import create_console
from backend.db.schema import require_newest
from service import serve_beside_calls


@click.command("console")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8002, show_default=True, help="Port to listen on.")
def console_command(host: str, port: int) -> None:
    """Serve the staff's pages until SIGTERM or Ctrl-C.

    A process of its own, so that a slow page holds up no call. SECRET_KEY has to be set, the same
    as the service's. Behind a proxy, CONSOLE_PROXIES says how many.
    """
    engine = create_console().extensions["console"].engine
    require_newest(engine)
    # The worker is a fork of this process and inherits no connection.
    engine.dispose()
    serve_beside_calls("service:create_console_service", host, port)
