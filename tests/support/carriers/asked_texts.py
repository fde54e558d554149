"""Callers who ask for texts, and a worker that sends them."""

import threading
from random import Random

from click.testing import CliRunner, Result
from huey import MemoryHuey
from sqlalchemy import select

from backend.db.tables.messages import campaigns, outbox
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind
from backend.interface.published_text import PublishedText
from cli import commands
from messages.campaigns.on_request import (
    TextAnswers,
)
from messages.delivery.worker import Worker
from tests.support.carriers.sending_desk import SendingDesk

CALLER = "+36305550001"


SUNDAY_NIGHT = "2026-11-22 23:30"


ACCOUNT = PublishedText(
    "elmu_account_hu",
    "Szamlaszamunk: 13700016-02287016. Kérdés: 06 80 202 938, eloszto@elmu.hu. Postacimünk: "
    "1300 Budapest, Pf. 151. ELMU-EMASZ",
    ("13700016-02287016", "+3680202938", "eloszto@elmu.hu", "1300"),
)


PHONES = PublishedText("phones_hu", "Telefonunk: 06 80 202 938. ELMU-EMASZ", ("+3680202938",))


def answers(desk: SendingDesk) -> TextAnswers:
    return TextAnswers(desk.context.facts(MessageKind.SERVICE), Random())  # noqa: S311 - ids of tests


def ask(desk: SendingDesk, text: PublishedText = ACCOUNT, phone: str = CALLER) -> bool:
    """What the call does when the key is pressed."""
    with write(desk.database.engine) as connection:
        return answers(desk).send(connection, phone, text, desk.clock())


def may_get(desk: SendingDesk, phone: str = CALLER) -> bool:
    with write(desk.database.engine) as connection:
        return answers(desk).may_get(connection, phone, desk.clock())


def asked_for(desk: SendingDesk) -> list[str]:
    """The campaigns of what was asked for, in that order."""
    of_calls = select(outbox.c.campaign_id).join(campaigns).where(campaigns.c.source == "call")
    with read(desk.database.engine) as connection:
        return list(connection.scalars(of_calls.order_by(outbox.c.number)))


def work(desk: SendingDesk) -> None:
    """One tick of a worker, and what it brings."""
    engine = MemoryHuey(results=False)
    Worker(engine, desk.context, 4, threading.Event()).tick()
    while task := engine.dequeue():
        engine.execute(task)


def zoldszam(desk: SendingDesk, *arguments: str) -> str:
    said: Result = CliRunner().invoke(commands, [*arguments, "--database", desk.database.url])
    assert said.exit_code == 0, said.output
    return said.output
