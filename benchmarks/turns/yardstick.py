"""What a signed, stateless voice webhook costs: the least that any Flask service on Twilio does.

It runs on any WSGI server, and on the service's own (``create_served``), where a view that gives a
constant answer (``create_constant``) is what the server and the framework cost by themselves.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

from common.collecting import nothing_collected
from service import buffered
from web_server import draining_server

if TYPE_CHECKING:
    from web_server.request_buffering import RequestBuffering

SENTENCE = "Kérjük, adja meg nyolcjegyű felhasználó azonosítóját, a számla első oldalán találja."


def create_app() -> Flask:
    """Build a service with one view: check the signature, ask for keys, remember nothing."""
    app = Flask("yardstick")
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    public_url = os.environ["PUBLIC_URL"]

    @app.post("/voice/incoming")
    @app.post("/voice/turns/<int:number>")
    def ask(number: int = 0) -> Response:
        query = request.query_string.decode("latin-1")
        url = f"{public_url}{request.path}{'?' + query if query else ''}"
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(url, request.form, signature):
            abort(403)
        action = f"{public_url}/voice/turns/{number + 1}"
        response = VoiceResponse()
        gather = Gather(
            input="dtmf", action=action, method="POST", timeout=15, num_digits=8, finish_on_key="#"
        )
        gather.say(SENTENCE, voice="Google.hu-HU-Wavenet-A", language="hu-HU")
        response.append(gather)
        response.redirect(f"{action}?heard=silence", method="POST")
        return Response(str(response), mimetype="text/xml")

    return app


def create_served() -> RequestBuffering:
    """Build the same service for the server that ours runs on."""
    with nothing_collected():
        return buffered(create_app())


def create_constant() -> RequestBuffering:
    """Build a service that answers every webhook alike, for the server that ours runs on."""
    with nothing_collected():
        app = Flask("constant")

        @app.post("/voice/incoming")
        @app.post("/voice/turns/<int:_number>")
        def answer(_number: int = 0) -> Response:
            return Response("<Response/>", mimetype="text/xml")

        return buffered(app)


def main() -> None:
    """Serve one of them as the service is served."""
    parser = argparse.ArgumentParser()
    parser.add_argument("factory")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    given = parser.parse_args()
    target = f"benchmarks.turns.yardstick:{given.factory}"
    draining_server.serve(
        target, "127.0.0.1", given.port, workers=given.workers, drain=0.0, log_config=None
    )


if __name__ == "__main__":
    main()
