"""Somebody who writes to the line instead of calling it, through the carrier's signed webhooks."""

from simulator.messages import MessageService
from simulator.transport import WsgiTransport
from tests.support.calls.telephone import PUBLIC_URL, TOKEN, Exchange
from tests.support.databases.database import Database

PHONE = "+36301234567"
LINE = "+36209383838"


class Writer:
    """A customer with a telephone who writes to the line."""

    def __init__(self, database: Database, exchange: Exchange) -> None:
        self.database = database
        self.exchange = exchange
        self._service = MessageService(
            "AC" + "0" * 32,
            TOKEN,
            f"{PUBLIC_URL}/sms/inbound",
            transport=WsgiTransport(exchange._proxy),
            rng=exchange.rng,
        )

    def writes(self, body: str, phone: str = PHONE) -> str:
        """Send a message and return what comes back."""
        answers = self._service.reply(phone, LINE, body).answers
        return " ".join(answer.body for answer in answers)

    def close(self) -> None:
        self._service.close()
