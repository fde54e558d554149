"""Reading the service's answer to a reply: the messages that it asks the carrier to send."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from simulator.voice.document import read_document
from simulator.webhook import Answer, resolve


class Sending(NamedTuple):
    """A ``<Message>``: None stands for what the carrier fills in by itself."""

    body: str
    to: str | None = None
    from_: str | None = None
    status_callback: str | None = None


class Redirect(NamedTuple):
    """Ask there instead."""

    url: str
    method: str


class Unknown(NamedTuple):
    """A part that the carrier does not know (warning 12200) and passes over."""

    text: str


def read_answer(answer: Answer) -> Iterator[Sending | Redirect | Unknown]:
    """What the answer asks for, in order. An empty one asks for nothing; plain text is a message.

    Nothing after a ``<Redirect>`` counts. Raises ``WebhookError`` as ``read_document`` does.
    """
    response = answer.response
    if not response.body.strip():
        return
    plain = response.header("Content-Type").lower().startswith("text/plain")
    document = read_document(answer)
    if plain and [verb.tag for verb in document.verbs] == ["Say"]:
        yield Sending(document.text.strip())
        return
    if document.root.tag != "Response":
        yield Unknown(f"the document's root is <{document.root.tag}>, not <Response>")
    for verb in document.verbs:
        if verb.tag == "Redirect":
            url = resolve(answer.url, (verb.text or "").strip())
            yield Redirect(url, verb.get("method", "POST").upper())
            return
        yield (
            _message(verb, answer.url)
            if verb.tag == "Message"
            else Unknown(f"unknown verb <{verb.tag}>")
        )


def _message(verb: Element, base: str) -> Sending:
    bodies = verb.findall("Body")
    text = "".join(part.text or "" for part in bodies) if bodies else verb.text or ""
    callback = verb.get("action") or verb.get("statusCallback")
    return Sending(
        text.strip(),
        verb.get("to"),
        verb.get("from"),
        resolve(base, callback) if callback else None,
    )
