"""Running TwiML: a generator that says what it waits for and is resumed with a key or by time.

The generator knows no clock but ``record.now``, which whoever drives it moves on. Each ``Wait`` is
answered with the key that ended it, or with None when its seconds are over.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from simulator.parameters import Parties, new_sid, standard_form, unknown_fields
from simulator.transport import Form
from simulator.voice.dial import (
    RING_SECONDS,
    DialOutcome,
    Transfer,
    dial_report,
    numbers_of,
    outcome_of,
    seconds_of,
)
from simulator.voice.document import Document, read_document, unknown_parts
from simulator.voice.events import CallError, Dialled, Dialling, EndedBy
from simulator.voice.gather import KEYS, Collector, GatherSettings, gather_settings, verb_method
from simulator.voice.line import Line
from simulator.voice.prompts import Prompts, Wait
from simulator.voice.record import CallRecord
from simulator.voice.speech import Utterance
from simulator.webhook import WebhookError, Webhooks, resolve

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
DOCUMENTS_IN_A_ROW = 100
"""So many documents without a chance for the caller to press a key are taken for a loop."""


@dataclass(frozen=True, slots=True)
class Go:
    """The next document to ask for, with the fields that only this request carries."""

    url: str
    method: str = "POST"
    extra: Form = field(default_factory=list)


Waits = Generator[Wait, str | None, None]
Verdict = Go | EndedBy | None
"""A verb's outcome: another document, the end of the call, or on to the next verb."""
Performance = Generator[Wait, str | None, Verdict]


class Script:
    """One call's TwiML from the first webhook to the end; ``ended_by`` is set when it is over.

    ``gather`` is the Gather that collects now, ``entered`` what it holds so far, ``gathers`` how
    many there have been. ``transfer`` is the Dial that goes on. ``before_next`` is called once
    before the next webhook goes out, as another one that overtakes it.
    """

    def __init__(self, line: Line, parties: Parties, record: CallRecord) -> None:
        self._line = line
        self._parties = parties
        self._record = record
        self._documents_in_a_row = 0
        self.webhooks = Webhooks(
            line.transport, line.auth_token, line.rng, record.requests.append, line.clock
        )
        self._prompts = Prompts(record, self.webhooks)
        self.call_status = "ringing"
        self.ended_by: EndedBy = "application"
        self.gather: GatherSettings | None = None
        self.gathers = 0
        self.entered = ""
        self.transfer: Transfer | None = None
        self.before_next: Callable[[], None] | None = None
        self._verbs: dict[str, Callable[[Element, Document], Performance]] = {
            "Say": self._prompt,
            "Play": self._prompt,
            "Pause": self._prompt,
            "Gather": self._gather,
            "Redirect": self._redirect,
            "Dial": self._dial,
            "Enqueue": self._enqueue,
            "Hangup": self._hang_up,
            "Reject": self._reject,
        }

    def run(self) -> Waits:
        """Perform documents until one ends the call."""
        verdict: Verdict = Go(self._line.voice_url)
        while isinstance(verdict, Go):
            document = yield from self._fetch(verdict)
            verdict = "error"
            if document is not None:
                verdict = yield from self._perform(document)
        self.ended_by = verdict or "application"

    def form(self) -> Form:
        fields = standard_form(self._parties, self.call_status)
        return fields + (unknown_fields(self._line.rng) if self._line.unknown_parameters else [])

    def method(self, wanted: str) -> str:
        """How a webhook really arrives: by GET where a proxy turns every POST into it."""
        return "GET" if self._line.by_get else wanted

    def broken_off(self) -> Go | None:
        """The report of the transfer in the middle of which the caller hangs up, if there is one.

        While it rings, the carrier calls it off; a talk is over.
        """
        transfer = self.transfer
        if transfer is None:
            return None
        word, talked = transfer.broken_off(self._record.now)
        self._record.note(Dialled(transfer.number, word, talked, self._record.now))
        verdict = self._action(transfer.verb, transfer.document, self._report(word, talked))
        return verdict if isinstance(verdict, Go) else None

    def _report(self, word: str, talked: float) -> Form:
        return dial_report(word, talked, new_sid("CA", self._line.rng))

    # --- documents

    def _fetch(self, go: Go) -> Generator[Wait, str | None, Document | None]:
        """Ask for a document, then for the fallback's; say the carrier's sentence when both fail.

        The fields of the failed request are not repeated to the fallback.
        """
        self._documents_in_a_row += 1
        if self._documents_in_a_row > DOCUMENTS_IN_A_ROW:
            text = f"{DOCUMENTS_IN_A_ROW} documents in a row left the caller no key to press"
            self._record.note(CallError(0, text, go.url, None, self._record.now))
        else:
            document = yield from self._attempt(go)
            if document is not None:
                return document
        yield from self._prompts.speak(Utterance(APPLICATION_ERROR, 4.0, "en-US"))
        return None

    def _attempt(self, go: Go) -> Generator[Wait, str | None, Document | None]:
        while True:
            form = self.form()
            if self.before_next is not None:
                before, self.before_next = self.before_next, None
                before()
            try:
                answer = self.webhooks.send(go.url, self.method(go.method), form, go.extra)
                document = read_document(answer)
            except WebhookError as failure:
                self.note_failure(failure)
                yield Wait(failure.seconds + self._line.fetch_seconds, "fetching")
                fallback = self._line.fallback_url
                if not fallback or go.url == fallback:
                    return None
                error = [("ErrorCode", str(failure.code)), ("ErrorUrl", failure.url)]
                go = Go(fallback, extra=error)
                continue
            yield Wait(self._line.fetch_seconds, "fetching")
            self.call_status = "in-progress"
            self._record.documents.append(document)
            return document

    def note_failure(self, failure: WebhookError) -> None:
        now = self._record.now
        self._record.note(CallError(failure.code, failure.text, failure.url, failure.status, now))

    def _perform(self, document: Document) -> Performance:
        for part in unknown_parts(document):
            self._record.warn(12200, part)
        for verb in document.verbs:
            if verb.tag in self._verbs:
                verdict = yield from self._verbs[verb.tag](verb, document)
                if verdict is not None:
                    return verdict
        return "application"

    def _prompt(self, verb: Element, document: Document) -> Performance:
        yield from self._prompts.present(verb, document)
        return None

    # --- keys

    def _gather(self, verb: Element, document: Document) -> Performance:
        self._documents_in_a_row = 0
        self.gathers += 1
        self.entered = ""
        self.gather = settings = gather_settings(verb, self._record.warn)
        hears = KEYS if settings.hears_keys else ""
        collector = Collector(settings)
        key = yield from self._prompts.nested(verb, document, hears)
        while key is None or not collector.take(key):
            self.entered = collector.digits
            key = yield Wait(settings.timeout, "gathering", hears, quiet=True)
            if key is None:
                break
        self.gather = None
        if not collector.digits and not settings.action_on_empty:
            return None
        # Digits is left out of an empty result; the documentation does not say that it comes.
        extra = [("Digits", collector.digits)] if collector.digits else []
        extra += [("FinishedOnKey", collector.finished_on), ("msg", "Gather End")]
        return Go(resolve(document.url, settings.action), settings.method, extra)

    # --- away from this document

    def _redirect(self, verb: Element, document: Document) -> Performance:
        yield from ()
        url = resolve(document.url, (verb.text or "").strip())
        return Go(url, verb_method(verb, 12200, self._record.warn))

    def _hang_up(self, verb: Element, document: Document) -> Performance:  # noqa: ARG002 - a verb's shape
        yield from ()
        return "application"

    def _reject(self, verb: Element, document: Document) -> Performance:  # noqa: ARG002 - a verb's shape
        yield from ()
        self.call_status = "busy" if verb.get("reason") == "busy" else "no-answer"
        return "rejected"

    # --- other people

    def _dial(self, verb: Element, document: Document) -> Performance:
        self._documents_in_a_row = 0
        numbers = numbers_of(verb)
        if not numbers:
            self._record.warn(12200, "<Dial> holds no number")
        number, outcome = self._first_to_answer(numbers)
        for each in numbers:
            self._record.note(Dialling(each, self._record.now))
        self.transfer = Transfer(verb, document, number)
        yield Wait(RING_SECONDS.get(outcome.outcome, seconds_of(verb, "timeout", 30)), "dialling")
        talk = min(outcome.seconds, seconds_of(verb, "timeLimit", 14_400))
        hears = "*" if verb.get("hangupOnStar", "false").lower() == "true" else ""
        answered_at = self._record.now
        if outcome.outcome == "answered":
            self.transfer = Transfer(verb, document, number, answered_at)
            yield Wait(talk, "talking", hears)
        self.transfer = None
        talked = self._record.now - answered_at
        self._record.note(Dialled(number, outcome.outcome, talked, self._record.now))
        answered = outcome.outcome == "answered"
        word = "completed" if answered else outcome.outcome
        return self._action(verb, document, self._report(word, talked))

    def _first_to_answer(self, numbers: list[str]) -> tuple[str, DialOutcome]:
        number, outcome = "", DialOutcome("failed")
        for number in numbers:
            outcome = outcome_of(self._line.dial_outcome, number)
            if outcome.outcome == "answered":
                break
        return number, outcome

    def _enqueue(self, verb: Element, document: Document) -> Performance:
        """Wait in silence for the desk, then talk; the wait's own document is not performed."""
        self._documents_in_a_row = 0
        outcome = outcome_of(self._line.queue_outcome, (verb.text or "").strip())
        began = self._record.now
        bridged = outcome.outcome == "answered"
        yield Wait(RING_SECONDS.get(outcome.outcome, 30.0), "queued")
        waited = self._record.now - began
        if bridged:
            yield Wait(outcome.seconds, "talking")
        extra = [
            ("QueueResult", "bridged" if bridged else "queue-full"),
            ("QueueSid", new_sid("QU", self._line.rng)),
            ("QueueTime", str(round(waited))),
        ]
        return self._action(verb, document, extra)

    def _action(self, verb: Element, document: Document, extra: Form) -> Verdict:
        if not verb.get("action"):
            return None
        url = resolve(document.url, verb.get("action", "").strip())
        return Go(url, verb_method(verb, 12200, self._record.warn), extra)
