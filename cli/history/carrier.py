"""The telephone company of the past: it takes and delivers messages by a clock that is set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from backend.desks import load_calendar, load_desks
from cli.history.service import PastService
from messages.campaigns.desk_contact import desk_facts
from messages.delivery.sending_context import SendingContext
from simulator.carrier import Carrier
from simulator.messages import Delays, MessageService
from simulator.messages.agenda import Agenda
from simulator.server import create_simulator
from simulator.threaded_server import running
from simulator.transport import WsgiTransport
from sms.error_codes import load_codes
from sms.twilio_gateway import TwilioGateway

_DELAYS = Delays(sent=1.5, delivered=6.0)


@dataclass(frozen=True, slots=True)
class PastCarrier:
    """The simulated carrier, and what sending through it needs.

    ``wait`` lets seconds pass: the clock moves, and receipts whose time has come are posted.
    """

    messages: MessageService
    sending: SendingContext
    wait: Callable[[float], bool]


@contextmanager
def past_carrier(service: PastService) -> Iterator[PastCarrier]:
    """Run the carrier's interface at an address of this machine, for the service's account."""
    account, clock = service.settings.account, service.clock
    agenda = Agenda(workers=0, clock=lambda: clock().timestamp())
    messages = MessageService(
        account.account_sid,
        account.auth_token,
        f"{service.settings.callback_url}/sms/inbound",
        transport=WsgiTransport(service.app),
        rng=service.rng,
        clock=lambda: clock().timestamp(),
        delays=_DELAYS,
        senders=(account.sender,),
        agenda=agenda,
    )

    def wait(seconds: float) -> bool:
        clock.pass_by(seconds)
        agenda.do_due()
        return False

    line = Carrier(voice_url=service.settings.callback_url, auth_token=account.auth_token)
    with running(create_simulator(line, messages=messages)) as url:
        yield PastCarrier(messages, _sending(service, url, wait), wait)
    messages.close()


def _sending(service: PastService, url: str, wait: Callable[[float], bool]) -> SendingContext:
    settings, clock = service.settings, service.clock
    account = replace(settings.account, api_url=url)
    codes, policy = load_codes(settings.carrier_codes), settings.sending_policy
    desks = load_desks(settings.desks)
    gateway = TwilioGateway(account, codes, policy.send_timeout, lambda: clock().timestamp())
    gateway.check()
    return SendingContext(
        engine=service.engine,
        gateway=gateway,
        policy=policy,
        calendar=load_calendar(settings.calendar),
        facts=lambda kind: desk_facts(desks, kind),
        public_url=settings.callback_url,
        clock=clock,
        wait=wait,
        rng=service.rng,
    )
