"""A telephone company on your desk: it runs TwiML and signs its webhooks as Twilio does.

It speaks HTTP only and knows nothing of the service that it calls.
"""

from simulator.carrier import Carrier
from simulator.transport import HttpTransport, Response, Transport, WsgiTransport
from simulator.voice.call import CallOverError, SimulatedCall
from simulator.voice.dial import DialOutcome
from simulator.voice.line import Line
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
