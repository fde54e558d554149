"""What a signed, stateless voice webhook costs: the least that any Flask service on Twilio does."""

import os

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

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
