"""The messages of the telephone company: Twilio's Messages API, its webhooks, faults on demand.

What is simulated are text messages. Media, content templates, scheduled sending and Smart Encoding
are not: a request that asks for one of the first three is refused, ``SmartEncoded`` has no effect.
"""

from simulator.messages.delivery import Delays
from simulator.messages.faults import (
    CodedFault,
    Fault,
    Faults,
    FaultsError,
    StatusFault,
    TimedFault,
)
from simulator.messages.message import Message
from simulator.messages.opt_out import OptOutMode
from simulator.messages.service import MessageService, Reply
from simulator.messages.traffic import ApiRequest, WebhookFailure

__all__ = [
    "ApiRequest",
    "CodedFault",
    "Delays",
    "Fault",
    "Faults",
    "FaultsError",
    "Message",
    "MessageService",
    "OptOutMode",
    "Reply",
    "StatusFault",
    "TimedFault",
    "WebhookFailure",
]
