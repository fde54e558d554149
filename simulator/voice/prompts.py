"""What a call lets its caller hear: Say, Play and Pause, and what a call waits for at all."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from simulator.voice.dial import seconds_of
from simulator.voice.document import Document
from simulator.voice.events import Heard, Interrupted
from simulator.voice.record import CallRecord
from simulator.voice.sound import keypad_seconds, sound_seconds
from simulator.voice.speech import Utterance, character_limit, loops, utterance
from simulator.webhook import WebhookError, Webhooks, resolve

State = Literal[
    "fetching", "speaking", "pausing", "gathering", "dialling", "talking", "queued", "ended"
]


@dataclass(frozen=True, slots=True)
class Wait:
    """What the call waits for: ``seconds`` to pass, or one of the keys in ``hears``."""

    seconds: float
    state: State
    hears: str = ""
    quiet: bool = False


Hearing = Generator[Wait, str | None, str | None]
"""Ends with the key that cut it short, if one did."""


class Prompts:
    """Speaks, plays and rests; sounds are fetched by ``webhooks``."""

    def __init__(self, record: CallRecord, webhooks: Webhooks) -> None:
        self._record = record
        self._webhooks = webhooks

    def present(self, verb: Element, document: Document, hears: str = "") -> Hearing:
        state: State = "gathering" if hears else "pausing" if verb.tag == "Pause" else "speaking"
        if verb.tag == "Pause":
            return (yield Wait(seconds_of(verb, "length", 1.0), state, hears))
        if verb.tag == "Play":
            url = (verb.text or "").strip()
            caption = f"♪ {url.rpartition('/')[2] or verb.get('digits', '')}"
            seconds = self._play_seconds(verb, resolve(document.url, url)) * loops(verb)
            return (yield from self.speak(Utterance(caption, seconds, ""), state, hears))
        said = utterance(verb)
        if not said.seconds:
            self._record.warn(13520, "nothing to say")
            return None
        if len(said.caption.encode()) > character_limit(verb):
            self._record.warn(13521, f"more than {character_limit(verb)} bytes to say")
            return None
        return (yield from self.speak(said, state, hears))

    def nested(self, gather: Element, document: Document, hears: str) -> Hearing:
        for verb in gather:
            if verb.tag not in ("Say", "Play", "Pause") or verb.get("digits"):
                self._record.warn(13320, f"<{verb.tag}> may not stand in <Gather>")
                continue
            key = yield from self.present(verb, document, hears)
            if key is not None:
                self._record.note(Interrupted(self._record.now))
                return key
        return None

    def speak(self, said: Utterance, state: State = "speaking", hears: str = "") -> Hearing:
        if said.caption and said.seconds > 0:
            heard = Heard(said.caption, self._record.now, said.seconds, said.language, said.rate)
            self._record.note(heard)
        return (yield Wait(said.seconds, state, hears))

    def _play_seconds(self, verb: Element, url: str) -> float:
        if verb.get("digits"):
            return keypad_seconds(verb.get("digits", ""))
        try:
            sound = self._webhooks.send(url, "GET", [], []).response
            return sound_seconds(sound, self._record.warn)
        except WebhookError as failure:
            self._record.warn(failure.code, failure.text)
            return 0.0
