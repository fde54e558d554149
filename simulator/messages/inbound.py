"""Passing a recipient's message on to the service, and hearing what it wants to answer."""

from collections.abc import Iterator

from simulator.messages.answer import Redirect, Sending, Unknown, read_answer
from simulator.messages.creation import exceeds_limit
from simulator.messages.message import Message
from simulator.messages.traffic import WebhookFailure
from simulator.parameters import API_VERSION, country_of
from simulator.transport import Form
from simulator.webhook import MAXIMUM_REDIRECTS, WebhookError, Webhooks


def inbound_form(message: Message) -> Form:
    """The fields of the webhook: unknown places are present and empty."""
    sender = message.from_ or ""
    fields = {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "Body": message.body,
        "From": sender,
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(message.num_segments),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "To": message.to,
    }
    if message.messaging_service_sid is not None:
        fields["MessagingServiceSid"] = message.messaging_service_sid
    for side, number in (("From", sender), ("To", message.to)):
        fields |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": ""}
        fields[f"{side}Country"] = country_of(number)
    return list(fields.items())


def ask(webhooks: Webhooks, url: str, form: Form) -> Iterator[Sending | WebhookFailure]:
    """Send the webhook and give what the answer asks for, in order; redirects are followed.

    A failure that comes this way concerns one part of the answer. Raises ``WebhookError`` when
    there is no answer or none that can be read.
    """
    method = "POST"
    for _ in range(MAXIMUM_REDIRECTS + 1):
        answer = webhooks.send(url, method, form, [])
        redirect: Redirect | None = None
        for part in read_answer(answer):
            if isinstance(part, Redirect):
                redirect = part
            elif isinstance(part, Unknown):
                yield WebhookFailure(12200, part.text, answer.url, None)
            elif not part.body or exceeds_limit(part.body):
                code = 21617 if part.body else 21602
                yield WebhookFailure(code, "the answer cannot be sent", answer.url, None)
            else:
                yield part
        if redirect is None:
            return
        url, method = redirect.url, redirect.method
    raise WebhookError(11215, f"more than {MAXIMUM_REDIRECTS} redirects", url)
