"""The edge towards the carrier: a dialogue's turn as a TwiML document.

Only what every TwiML platform runs is used: Say, Play, Gather, Redirect, Dial, Hangup, with each
attribute written out and each prompt inside its Gather, because keys pressed during a bare Say are
lost. Silence comes back by the Redirect behind the Gather. There is no white space between
elements: carriers choke on it inside Redirect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from common.phone_numbers import is_e164
from ivr.dialogue.effects import Dial, HangUp, Listen, Said, Wait
from menus.phrasebook import Phrasebook
from menus.slots import PAUSE, Hours, Key, Path, Text

MOST_BYTES = 64 * 1024
"""A longer document is refused by Twilio (error 11750)."""

PAUSE_MILLISECONDS = 400
SLOW_RATE = "80%"
SLOW_PAUSE_MILLISECONDS = 700
DIAL_TIMEOUT_SECONDS = 30

_HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
NOTHING = f"{_HEAD}</Response>".encode()
"""For a call that is over."""
_BREAK = f'<break time="{PAUSE_MILLISECONDS}ms"/>'
_SLOW_BREAK = f'<break time="{SLOW_PAUSE_MILLISECONDS}ms"/>'
_SHARED = (Key, Path, Hours)
"""What is the same for all callers; a telephone number may be the caller's own."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A carrier's voice and the language tag that belongs to it."""

    name: str
    locale: str


class Links(Struct, frozen=True):
    """Where the carrier reports to: what was heard, silence, and the end of a transfer."""

    heard: str
    silence: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Fallback:
    """An apology in all languages and a Dial to the operator, put into words beforehand."""

    speech: str
    number: str

    def document(self, caller_id: str) -> bytes:
        """Return the document; see ``_dial`` for the number that is shown."""
        return f"{_HEAD}{self.speech}{_dial(self.number, caller_id)}<Hangup/></Response>".encode()


class DocumentTooLongError(Exception):
    """The document would be refused by the carrier; names the size in bytes."""


class TwimlRenderer:
    """Renders turns; sentences that hold nothing personal are rendered once.

    ``recordings`` are the addresses of sounds, by language and prompt, that are played in the place
    of a sentence without slots.
    """

    def __init__(
        self,
        phrasebooks: Mapping[str, Phrasebook],
        voices: Mapping[str, Voice],
        numbers: Mapping[str, str],
        recordings: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self._phrasebooks = phrasebooks
        self._numbers = numbers
        self._recordings = recordings or {}
        self._opening_tags = {
            language: f"<Say language={quoteattr(voice.locale)} voice={quoteattr(voice.name)}>"
            for language, voice in voices.items()
        }
        self._plain: dict[tuple[str, str], str] = {}
        self._shared: dict[Said, str] = {}

    def document(
        self,
        said: tuple[Said, ...],
        wait: Wait,
        links: Links,
        caller_id: str,
        *,
        slow: bool = False,
    ) -> bytes:
        """Return the document of one turn. Raises ``DocumentTooLongError`` above 64 kB."""
        say = self._say_slowly if slow else self._say
        speech = "".join([say(each) for each in said])
        match wait:
            case Listen():
                body = _gather(wait, speech, links)
            case Dial():
                body = f"{speech}{_dial(self._numbers[wait.desk], caller_id, links.dialled)}"
            case HangUp():
                body = f"{speech}<Hangup/>"
        document = f"{_HEAD}{body}</Response>".encode()
        if len(document) > MOST_BYTES:
            raise DocumentTooLongError(f"{len(document)} bytes")
        return document

    def fallback(self, prompt: str, desk: str) -> Fallback:
        """Return what needs nothing but itself: apology, operator, end of call."""
        said = (Said(language, Text(prompt)) for language in self._phrasebooks)
        speech = "".join(map(self._render, said))
        return Fallback(speech, self._numbers[desk])

    def _say(self, said: Said) -> str:
        language, text = said.language, said.text
        if not text.slots:
            plain = self._plain.get((language, text.prompt))
            if plain is None:
                plain = self._play(said) or self._render(said)
                self._plain[language, text.prompt] = plain
            return plain
        shared = self._shared.get(said)
        if shared is not None:
            return shared
        rendered = self._render(said)
        if all(isinstance(value, _SHARED) for _, value in text.slots):
            self._shared[said] = rendered
        return rendered

    def _say_slowly(self, said: Said) -> str:
        """A voice can be slowed down; a recording cannot, so it is not played."""
        words = _with_breaks(self._words(said), _SLOW_BREAK)
        slowly = f'<prosody rate="{SLOW_RATE}">{words}</prosody>'
        return f"{self._opening_tags[said.language]}{slowly}</Say>"

    def _play(self, said: Said) -> str | None:
        address = self._recordings.get((said.language, said.text.prompt))
        return None if address is None else f"<Play>{escape(address)}</Play>"

    def _render(self, said: Said) -> str:
        return f"{self._opening_tags[said.language]}{_with_breaks(self._words(said))}</Say>"

    def _words(self, said: Said) -> str:
        return self._phrasebooks[said.language].speak(said.text)


def _dial(number: str, caller_id: str, action: str = "") -> str:
    # The line's own number is shown: a Hungarian caller's number on a call that comes from
    # abroad is blocked by the operators (rule C.5).
    # An address instead of a number would be refused.
    shown = f" callerId={quoteattr(caller_id)}" if is_e164(caller_id) else ""
    then = f' action={quoteattr(action)} method="POST"' if action else ""
    return (
        f'<Dial{then} timeout="{DIAL_TIMEOUT_SECONDS}"{shown}>'
        f"<Number>{escape(number)}</Number></Dial>"
    )


def _gather(listen: Listen, speech: str, links: Links) -> str:
    begins, ends = _around(listen, links)
    return f"{begins}{speech}{ends}"


@lru_cache(1024)
def _around(listen: Listen, links: Links) -> tuple[str, str]:
    """What stands before and behind the speech of a question: the same for all callers."""
    begins = (
        f'<Gather input="dtmf" action={quoteattr(links.heard)} method="POST" '
        f'timeout="{listen.timeout}" numDigits="{listen.digits}" '
        f"finishOnKey={quoteattr(listen.finish_on_key)}>"
    )
    return begins, f'</Gather><Redirect method="POST">{escape(links.silence)}</Redirect>'


def _with_breaks(words: str, rest: str = _BREAK) -> str:
    # Control characters cannot stand in XML, not even escaped.
    shown = words if words.isprintable() else "".join(filter(str.isprintable, words))
    return rest.join([part.strip() for part in escape(shown).split(PAUSE)])
