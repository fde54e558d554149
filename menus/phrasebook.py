"""The sentences of one language, and how they become spoken words.

A sentence may hold slots, ``{name}`` or ``{name:form}``, and ``|`` where the voice rests. It is
taken apart once, and a slot that names a published figure is filled then; a sentence without other
slots is one look-up.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from common.findings import suggest
from menus.print_forms import written as in_writing
from menus.slots import PAUSE, SlotValue, Text, Verbatim, Words
from menus.speech import SpeechError, speaker

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z][a-z0-9_]*))?\}")


class PhraseError(Exception):
    """A sentence that cannot be spoken; names the prompt and the language, never a value."""

    def __init__(self, language: str, prompt: str, problem: str) -> None:
        self.language = language
        self.prompt = prompt
        self.problem = problem
        super().__init__(f"prompt '{prompt}' in '{language}': {problem}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence for a value, and the form it is spoken in ("" is the usual one)."""

    name: str
    form: str


Part: TypeAlias = str | Slot


@dataclass(frozen=True, slots=True)
class Printed:
    """A sentence for the eye: its words, and the facts in it that stand there in figures."""

    words: str
    figures: tuple[SlotValue, ...]


_NO_FACTS: Mapping[str, SlotValue] = MappingProxyType({})


class Phrasebook:
    """Every sentence of a language by prompt id. ``facts`` are the figures it may name.

    Building one raises PhraseError when a sentence has a malformed slot or asks for a form that a
    fact has not, and menus.speech.SpeechError when nobody speaks the language.
    """

    def __init__(
        self,
        language: str,
        prompts: Mapping[str, str],
        facts: Mapping[str, SlotValue] = _NO_FACTS,
    ) -> None:
        self.language = language
        self.speaker = speaker(language)
        self._paper = in_writing(language)
        self.ids = frozenset(prompts)
        for prompt, sentence in prompts.items():
            if not is_sentence(sentence):
                raise PhraseError(language, prompt, "a brace is not part of a slot")
        written = {prompt: _parse(sentence) for prompt, sentence in prompts.items()}
        self._written = written
        self._values = facts
        self._facts = {
            prompt: _slot_names(parts).intersection(facts) for prompt, parts in written.items()
        }
        self._parts = {
            prompt: tuple(
                self._speak_slot(prompt, part, facts)
                if isinstance(part, Slot) and part.name in facts
                else part
                for part in parts
            )
            for prompt, parts in written.items()
        }
        self._slots = {prompt: _slot_names(parts) for prompt, parts in self._parts.items()}
        self._plain = {
            prompt: "".join(part for part in parts if isinstance(part, str))
            for prompt, parts in self._parts.items()
            if not self._slots[prompt]
        }

    def __contains__(self, prompt: object) -> bool:
        return prompt in self.ids

    def parts(self, prompt: str) -> tuple[Part, ...]:
        """The sentence taken apart: words and slots in their order; facts are words already."""
        if prompt not in self._parts:
            raise self._missing(prompt)
        return self._parts[prompt]

    def slots(self, prompt: str) -> frozenset[str]:
        """The names of the sentence's slots, apart from those of facts."""
        if prompt not in self._slots:
            raise self._missing(prompt)
        return self._slots[prompt]

    def facts(self, prompt: str) -> frozenset[str]:
        """The names of the facts that the sentence says."""
        if prompt not in self._facts:
            raise self._missing(prompt)
        return self._facts[prompt]

    def speak(self, text: Text) -> str:
        """The words of a prompt with its slots filled, and ``|`` for each pause.

        Raises PhraseError when the prompt is missing, when the slots are not exactly those that
        the sentence has, or when a value cannot be spoken in the form asked for.
        """
        if not text.slots:
            plain = self._plain.get(text.prompt)
            if plain is not None:
                return plain
        values = dict(text.slots)
        self._compare_slots(text.prompt, values)
        return "".join(
            part if isinstance(part, str) else self._speak_slot(text.prompt, part, values)
            for part in self._parts[text.prompt]
        )

    def write(self, prompt: str) -> Printed:
        """The sentence as it is read: published figures in figures, and no pauses.

        Days, amounts and numbers stand there as the language writes them: "1-jétől", "4500
        forint". Raises PhraseError for a prompt that is missing or has a slot that is no fact.
        """
        self._compare_slots(prompt, ())
        figures = []
        words = []
        for part in self._written[prompt]:
            if isinstance(part, str):
                words.append(part)
                continue
            value = self._values[part.name]
            shown = self._paper.figure(value, part.form)
            if shown is not None:
                figures.append(value)
            words.append(shown or self._speak_slot(prompt, part, self._values))
        return Printed(" ".join("".join(words).replace(PAUSE, " ").split()), tuple(figures))

    def _speak_slot(self, prompt: str, slot: Slot, values: Mapping[str, SlotValue]) -> str:
        value = values[slot.name]
        if isinstance(value, Words):
            words = self.speak(Text(value.prompt))
            if not slot.form:
                return words
            value = Verbatim(words)
        try:
            return self.speaker.speak(value, slot.form)
        except SpeechError as error:
            problem = f"slot '{slot.name}': {error}"
            raise PhraseError(self.language, prompt, problem) from error

    def _compare_slots(self, prompt: str, given: Iterable[str]) -> None:
        wanted = self.slots(prompt)
        missing = wanted.difference(given)
        superfluous = set(given).difference(wanted)
        if missing:
            problem = f"nothing was given for {_listed(missing)}"
            raise PhraseError(self.language, prompt, problem)
        if superfluous:
            problem = f"the sentence has no place for {_listed(superfluous)}"
            raise PhraseError(self.language, prompt, problem)

    def _missing(self, prompt: str) -> PhraseError:
        problem = f"there is no such prompt. {suggest(prompt, self.ids)}"
        return PhraseError(self.language, prompt, problem)


def is_sentence(sentence: str) -> bool:
    """Whether every brace belongs to a well-formed slot."""
    return not any(sign in _SLOT.sub("", sentence) for sign in "{}")


def _slot_names(parts: Iterable[Part]) -> frozenset[str]:
    return frozenset(part.name for part in parts if isinstance(part, Slot))


def _parse(sentence: str) -> tuple[Part, ...]:
    sentence = " ".join(sentence.split())
    parts: list[Part] = []
    end = 0
    for match in _SLOT.finditer(sentence):
        parts += [sentence[end : match.start()], Slot(match[1], match[2] or "")]
        end = match.end()
    parts.append(sentence[end:])
    return tuple(part for part in parts if part != "")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))
