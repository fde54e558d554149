"""``zoldszam demo``: the whole desk on one machine: made-up customers, a simulated carrier."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any

import click
import requests
from flask import Flask

from cli.support.demo_past import Past
from cli.support.demo_setup import (
    COLLEAGUES,
    PASSWORD,
    demo_settings,
    load_demo_records,
    process_environment,
    write_local_settings,
)
from cli.support.local_settings import LOCAL_SETTINGS
from common.timezone import local_date
from ivr.lines.entries import configured_lines
from settings import HERE, Settings
from simulator.account import AccountNumbers
from simulator.carrier import Carrier
from simulator.messages import MessageService
from simulator.server import create_simulator
from simulator.voice.phone_page import DEMONSTRATION, PhonePage, demonstration
from sms.account import Account
from sms.setup.addresses import CALLS, MESSAGES

HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 15
SERVER_SECONDS = 5
"""How long the simulator's requests in progress may take when it is stopped."""
ZOLDSZAM = (sys.executable, "-c", "from cli import main; main()")


@dataclass(frozen=True)
class Server:
    """A server process: its name for people, its port and the page that tells that it is up."""

    name: str
    port: int
    health: str

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@click.command("demo")
@click.option("--service-port", default=8000, show_default=True, help="Port of the service.")
@click.option("--simulator-port", default=8001, show_default=True, help="Port of the web phone.")
@click.option("--console-port", default=8002, show_default=True, help="Port of the staff's pages.")
@click.option(
    "--past/--no-past",
    default=True,
    show_default=True,
    help="Make up a week of calls and messages at the first start.",
)
def demo_command(service_port: int, simulator_port: int, console_port: int, *, past: bool) -> None:
    """Start service, sender and a simulated telephone company, with a dozen made-up customers.

    Sets up a database of its own in var/, loads the customers with reading windows around today,
    and runs until Ctrl-C. At its first start it makes up a week of calls and messages meanwhile.
    What callers settle is kept for the next start. Nothing leaves this machine, and no setting of
    the environment counts: the lines are those of lines.yaml.
    """
    # Said outright: a shell that starts this in the background has interrupts ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    service = Server("service", service_port, "/readyz")
    simulator = Server("simulator", simulator_port, "/phone")
    console = Server("console", console_port, "/login")
    for server in (service, simulator, console):
        _require_free(server)
    settings = demo_settings(service.url, simulator.url)
    is_new = load_demo_records(settings["DATABASE_URL"], datetime.now(UTC))
    write_local_settings(settings)
    environment = process_environment(settings)
    made_up = None
    if is_new and past:
        click.echo("A week of calls and messages is made up (a few seconds, once)")
        made_up = Past(environment)
    try:
        with _running([service, simulator, console], environment) as processes:
            if made_up is not None:
                # The sender would take over what is being sent there.
                made_up.wait_for_messages(START_SECONDS)
            processes.append(_start([*ZOLDSZAM, "worker"], environment, subprocess.DEVNULL))
            _announce(service, simulator, console)
            _wait_for_the_end(processes, made_up)
    except KeyboardInterrupt:
        click.echo()
    finally:
        if made_up is not None:
            _stop([made_up.process])
    click.echo("Stopped.")


def create_demo_simulator() -> Flask:
    """Build the telephone company's server for the service at ``PUBLIC_URL``.

    The service shares our account and token; its messages come from ``SMS_FROM``.
    """
    settings = Settings.from_environment()
    public_url, account = settings.callback_url, settings.account
    carrier = Carrier(
        voice_url=f"{public_url}/voice/incoming",
        status_url=f"{public_url}/voice/status",
        fallback_url=f"{public_url}/voice/fallback",
        account_sid=account.account_sid,
        auth_token=account.auth_token,
    )
    messages = MessageService(
        account.account_sid,
        account.auth_token,
        sms_url=f"{public_url}/sms/inbound",
        senders=(account.sender,),
    )
    return create_simulator(
        carrier,
        page=_phone_page(settings),
        messages=messages,
        numbers=_account_numbers(settings, account, public_url),
    )


def _account_numbers(settings: Settings, account: Account, public_url: str) -> AccountNumbers:
    """The account with the numbers of all lines and the sender, connected as they must be."""
    numbers = AccountNumbers(account.account_sid, account.auth_token, SystemRandom())
    entries = configured_lines(settings.lines, settings.menu_tree)
    ours = {number for entry in entries for number in entry.numbers} | {account.sender}
    addresses = {name: public_url + path for name, path in (CALLS | MESSAGES).items()}
    for number in sorted(ours):
        numbers.add(number, **addresses)
    return numbers


def _phone_page(settings: Settings) -> PhonePage:
    """The web phone, which offers the first number of every line that has one."""
    entries = configured_lines(settings.lines, settings.menu_tree)
    lines = [(entry.name, entry.numbers[0]) for entry in entries if entry.numbers]
    return demonstration(lines) if lines else DEMONSTRATION


def _require_free(server: Server) -> None:
    with socket.socket() as probe:
        # As the server will bind: a connection of the last run that lingers is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, server.port))
        except OSError:
            raise click.ClickException(
                f"Port {server.port} for the {server.name} is taken by another program. Choose "
                f"another one: make run {server.name.upper()}_PORT={server.port + 10}"
            ) from None


@contextmanager
def _running(
    servers: list[Server], environment: dict[str, str]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for server in servers:
            processes.append(_start(_command(server), environment))
        for server, process in zip(servers, processes, strict=True):
            _wait_until_ready(server, process)
        yield processes
    finally:
        _stop(processes)


def _command(server: Server) -> list[str]:
    address = ["--host", HOST, "--port", str(server.port)]
    if server.name == "service":
        # Nobody minds a second without a worker here, and each one more takes longer to start.
        return [*ZOLDSZAM, "serve", *address, "--workers", "1"]
    if server.name == "console":
        return [*ZOLDSZAM, "console", *address]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory"]
    command += [*address, "--blocking-threads", "4"]
    # Else a connection that somebody holds open would hold up the end.
    command += ["--workers-kill-timeout", str(SERVER_SECONDS)]
    command += ["--log-level", "warning", "--working-dir", str(HERE)]
    return [*command, "cli.operation.demo:create_demo_simulator"]


def _start(
    command: list[str], environment: dict[str, str], stdout: int | None = None
) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process only, which then ends all in order.
    return subprocess.Popen(  # noqa: S603
        command, env=environment, start_new_session=True, stdout=stdout
    )


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise click.ClickException(f"The {server.name} stopped while starting; see above.")
        try:
            if requests.get(server.url + server.health, timeout=1).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise click.ClickException(f"The {server.name} did not answer within {START_SECONDS} seconds.")


def _announce(service: Server, simulator: Server, console: Server) -> None:
    click.echo(
        f"""
The line answers.

  Web phone    {simulator.url}/phone
  Messages     {simulator.url}/messages
  Staff        {console.url}
  Service      {service.url}

Colleagues log in with the password "{PASSWORD}":
{", ".join(f"{name} ({role})" for name, role in COLLEAGUES.items())}.

Dial in from another terminal, for example to give a meter reading:

  .venv/bin/zoldszam call --keys "5 1 20293811 48213377# 41530# 1"

or call the district-heating line, which the web phone offers, too:

  .venv/bin/zoldszam call --to +3680000010 --keys "2 1 90010# 70010015# 320# 1"

and see what was settled:

  .venv/bin/zoldszam requests --since {local_date(datetime.now(UTC))}

Reminders go to the page of messages; they need a writer and somebody else's approval, in the
staff's pages or here:

  .venv/bin/zoldszam campaign create --name first --template debt_contact_1 \\
      --debt-register --by anna
  .venv/bin/zoldszam campaign approve ID --by bela
  .venv/bin/zoldszam campaign start ID --by anna

Other commands find the demonstration by {LOCAL_SETTINGS} in this folder, as long as there are no
settings and no records of your own. Ctrl-C ends everything.
"""
    )


def _wait_for_the_end(processes: list[subprocess.Popen[bytes]], past: Past | None) -> None:
    while all(process.poll() is None for process in processes):
        if past is not None and past.is_over:
            click.echo("The week is there." if past.is_made else "The week is not complete.")
            past = None
        time.sleep(0.2)
    raise click.ClickException("A server stopped by itself; see above.")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _stop(processes: Sequence[subprocess.Popen[Any]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # With the processes that it has started, as it does so no more.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
