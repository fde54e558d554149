"""Reading an answer as TwiML: what is refused outright, and what is only warned about."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring

from simulator.transport import DOCUMENT_LIMIT
from simulator.voice.speech import speaking_rate
from simulator.webhook import Answer, WebhookError

MARKUP_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
SOUND_TYPES = frozenset(
    f"audio/{kind}"
    for kind in "mpeg wav wave x-wav aiff x-aifc x-aiff x-gsm gsm ulaw".split()  # noqa: SIM905 - reads better than nine quoted strings
)

_PROMPT = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop", "digits"}),
    "Pause": frozenset({"length"}),
}
_GATHER = (
    "input action method timeout finishOnKey numDigits actionOnEmptyResult speechTimeout language "
    "hints speechModel profanityFilter enhanced partialResultCallback partialResultCallbackMethod "
    "bargeIn maxSpeechTime debug"
)
_DIAL = (
    "action method timeout timeLimit callerId record answerOnBridge hangupOnStar ringTone "
    "sequential trim recordingStatusCallback recordingStatusCallbackMethod "
    "recordingStatusCallbackEvent recordingTrack referUrl referMethod events"
)
_NUMBER = (
    "sendDigits url method statusCallback statusCallbackMethod statusCallbackEvent byoc "
    "machineDetection machineDetectionTimeout amdStatusCallback amdStatusCallbackMethod"
)
VERBS: dict[str, frozenset[str]] = {
    **_PROMPT,
    "Gather": frozenset(_GATHER.split()),
    "Redirect": frozenset({"method"}),
    "Dial": frozenset(_DIAL.split()),
    "Enqueue": frozenset({"action", "method", "waitUrl", "waitUrlMethod", "maxQueueSize"}),
    "Hangup": frozenset(),
    "Reject": frozenset({"reason"}),
}
"""The verbs that the simulator performs, with every attribute that the carrier knows on them."""

NESTED: dict[str, dict[str, frozenset[str]]] = {
    "Gather": _PROMPT,
    "Dial": {"Number": frozenset(_NUMBER.split())},
}
"""The nouns and verbs that may stand inside another one."""

_SPEECH_TAGS = frozenset("break emphasis lang p phoneme prosody s say-as sub w".split())  # noqa: SIM905 - as above


@dataclass(frozen=True, slots=True)
class Document:
    """A TwiML document as it came (``text``), where it came from, and its verbs in order."""

    url: str
    text: str
    root: Element

    @property
    def verbs(self) -> list[Element]:
        """The root's children; none when the root is not ``Response``."""
        return list(self.root) if self.root.tag == "Response" else []


def read_document(answer: Answer) -> Document:
    """Turn a webhook's answer into a document by the carrier's rules.

    A sound becomes one Play; plain text that is no TwiML is spoken. Raises ``WebhookError`` with
    11750 (over 64 kB), 12300 (content type) or 12100 (XML does not parse).
    """
    response, url = answer
    kind = response.header("Content-Type").partition(";")[0].strip().lower()
    if kind in SOUND_TYPES:
        return Document(url, "", _wrapped("Play", url))
    if kind not in MARKUP_TYPES and kind != "text/plain":
        text = f"content type {kind!r} is neither markup, sound nor plain text"
        raise WebhookError(12300, text if kind else "the answer has no content type", url)
    if len(response.body) > DOCUMENT_LIMIT:
        raise WebhookError(11750, "the document is larger than 64 kB", url)
    text = response.body.decode("utf-8", errors="replace")
    try:
        return Document(url, text, _parsed(response.body, url))
    except WebhookError:
        if kind != "text/plain":
            raise
        return Document(url, text, _wrapped("Say", text))


def _parsed(body: bytes, url: str) -> Element:
    if b"<!DOCTYPE" in body:
        # No voice document needs one, and refusing it leaves no entity to expand.
        raise WebhookError(12100, "a document type declaration is not accepted", url)
    try:
        return fromstring(body)  # noqa: S314 - without a document type there are no entities
    except ParseError as error:
        raise WebhookError(12100, f"the XML does not parse: {error}", url) from error


def _wrapped(verb: str, text: str) -> Element:
    root = Element("Response")
    SubElement(root, verb).text = text
    return root


def unknown_parts(document: Document) -> Iterator[str]:
    """Every part that the carrier's schema does not know (warning 12200), in document order."""
    root = document.root
    if root.tag != "Response":
        yield f"the document's root is <{root.tag}>, not <Response>"
        return
    if _has_text(root):
        yield "text outside of a verb"
    for verb in root:
        if verb.tag not in VERBS:
            yield f"unknown verb <{verb.tag}>{_meant(verb.tag)}"
            continue
        yield from _unknown_attributes(verb, VERBS[verb.tag])
        yield from _unknown_content(verb)


def _unknown_content(verb: Element) -> Iterator[str]:
    if verb.tag == "Say":
        for part in verb.iter():
            if part is not verb and part.tag not in _SPEECH_TAGS:
                yield f"unknown tag <{part.tag}> in <Say>"
            rate = part.get("rate") if part.tag == "prosody" else None
            if rate is not None and speaking_rate(rate) is None:
                yield f"rate {rate!r} of <prosody> is neither a word for one nor like 80%"
        return
    allowed = NESTED.get(verb.tag, {})
    for part in verb:
        if part.tag in allowed:
            yield from _unknown_attributes(part, allowed[part.tag])
            yield from _unknown_content(part)
        elif verb.tag != "Gather":  # an illegal verb in a Gather has a warning of its own, 13320
            yield f"<{part.tag}> may not stand in <{verb.tag}>"


def _unknown_attributes(verb: Element, known: frozenset[str]) -> Iterator[str]:
    return (
        f"unknown attribute {name} of <{verb.tag}>" for name in verb.attrib if name not in known
    )


def _has_text(root: Element) -> bool:
    return any(text and text.strip() for text in [root.text, *(verb.tail for verb in root)])


def _meant(tag: str) -> str:
    meant = next((verb for verb in VERBS if verb.lower() == tag.lower()), "")
    return f", perhaps <{meant}>" if meant else ""
