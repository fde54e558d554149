"""A telephone company on your desk: it runs TwiML and signs its webhooks as Twilio does.

It speaks HTTP only and knows nothing of the service that it calls.
"""

from simulator.call import CallOverError, SimulatedCall
from simulator.carrier import Carrier
from simulator.dial import DialOutcome
from simulator.line import Line
from simulator.transport import HttpTransport, Response, Transport, WsgiTransport
from simulator.webhook import Request

__all__ = [
    "CallOverError",
    "Carrier",
    "DialOutcome",
    "HttpTransport",
    "Line",
    "Request",
    "Response",
    "SimulatedCall",
    "Transport",
    "WsgiTransport",
]
