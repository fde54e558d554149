"""``zoldszam health``: what a supervisor asks of a process on its machine."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

import click

from settings import Settings

ANSWER_SECONDS = 5.0
"""Longer than readiness asks the database for."""


@click.command("health")
@click.option("--port", default=8000, show_default=True, help="Port on this machine.")
@click.option(
    "--page",
    default="/readyz",
    show_default=True,
    help="What is asked: /readyz of the service and the API, /login of the console, /metrics of a "
    "worker with --metrics-port.",
)
def health_command(port: int, page: str) -> None:
    """Ask a process whether it works: exit code 0 when it answers with 200, else 1.

    For HEALTHCHECK of a container and the like. It waits five seconds, and asks /metrics with
    METRICS_TOKEN where that is set.
    """
    token = Settings.from_environment().metrics_token if page == "/metrics" else None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", quote(page, safe="/?&=%"), headers=headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise click.ClickException(f"Port {port} does not answer: {error}.") from error
    finally:
        connection.close()
    if status != 200:
        raise click.ClickException(f"{page} at port {port} answers with {status}; see its log.")
    click.echo(f"{page} at port {port} is well.")
