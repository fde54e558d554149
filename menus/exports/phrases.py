"""The sentences of a line one by one, for those who translate them and those who record them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from menus.lengths import prompt_seconds
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.prompt_usage import is_of_form, is_text, written_prompt
from menus.recordings import Recording
from menus.tree import Form, Hangup, Info, Menu, Node, Transfer, Tree

Sound = Literal["", "missing", "recorded", "unmarked", "stale", "slots", "written"]
"""Whether a sentence is recorded: "" where nobody records, "slots" where nobody can.

"written" is one that is sent as a message and never heard.
"""

_SOUNDS: Mapping[str, Sound] = {"current": "recorded", "stale": "stale", "unmarked": "unmarked"}

ELSEWHERE = "another line"
ANYWHERE = "anywhere"
BY_MESSAGE = "menu by message"

_OPENING = "opening."

_AT_EACH: Mapping[str, str] = {
    "navigation.main": "first menu",
    "navigation.below": "every other menu",
    "navigation.info": "every item",
    "text_message.offer": "items that can be sent",
}
"""What the dialogue says after a menu's options or an item's statements."""

COLUMNS = ("prompt", "places", "slots", "seconds", "recording", "words")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A prompt in one language: where it is said, its slots, about how long, and its words.

    Published figures stand in ``words`` as they are spoken, ``{slots}`` as they are written.
    """

    prompt: str
    places: tuple[str, ...]
    slots: tuple[str, ...]
    seconds: float
    sound: Sound
    words: str


def sentences(
    line: Line,
    language: str,
    said_by_code: Collection[str],
    recordings: Mapping[tuple[str, str], Recording] | None = None,
) -> tuple[Sentence, ...]:
    """Every sentence of the language, in the order in which a listener hears the line.

    The opening and the first menu come first, then each option with what is below it. What a form
    says comes where its form is first offered, in the order of the file; what can be said anywhere
    comes after all this, and last what this line does not say.

    ``said_by_code`` are the prompts of the dialogue and the forms; ``recordings`` is None where
    nobody records. KeyError when the line does not speak the language.
    """
    book = line.phrasebooks[language]
    places = _places(line.tree, _in_file_order(line, language, said_by_code))
    said = [prompt for prompt in places if prompt in book]
    written = set(map(written_prompt, places))
    rest = _in_file_order(line, language, book.ids - places.keys())
    return tuple(
        Sentence(
            prompt,
            tuple(places.get(prompt, [BY_MESSAGE if prompt in written else ELSEWHERE])),
            tuple(sorted(book.slots(prompt))),
            0.0 if is_text(prompt) else prompt_seconds(book, prompt),
            _sound(book, language, prompt, recordings),
            as_written(book, prompt),
        )
        for prompt in (*said, *rest)
    )


def _in_file_order(line: Line, language: str, prompts: Collection[str]) -> list[str]:
    """The prompts in the order in which the language's file has them; others after them."""
    order = {prompt: index for index, prompt in enumerate(line.prompt_sources[language].keys)}
    last = len(order)
    return sorted(prompts, key=lambda prompt: (order.get(tuple(prompt.split(".")), last), prompt))


def table_rows(said: Iterable[Sentence]) -> Iterator[tuple[str, ...]]:
    """The sentences as rows of a table whose header is ``COLUMNS``."""
    for each in said:
        places, slots = ", ".join(each.places), ", ".join(each.slots)
        yield (each.prompt, places, slots, f"{each.seconds:.1f}", each.sound, each.words)


def _places(tree: Tree, said_by_code: Sequence[str]) -> dict[str, list[str]]:
    """Where each prompt is said, in the order of hearing."""
    places: dict[str, list[str]] = {}
    for prompt in (*tree.opening, *(each for each in said_by_code if each.startswith(_OPENING))):
        places.setdefault(prompt, ["opening"])
    waiting = dict.fromkeys(each for each in said_by_code if each not in places)
    for node in tree.walk():
        for prompt in _said_at(node):
            places.setdefault(prompt, []).append(node.path or "first menu")
        if isinstance(node, Menu):
            for option in node.options:
                menu = f"menu {node.path}" if node.path else "first menu"
                places.setdefault(option.prompt, []).append(f"{menu}, key {option.key}")
        for prompt in [each for each in waiting if _is_said_at(node, each)]:
            del waiting[prompt]
            places.setdefault(prompt, [_AT_EACH.get(prompt) or _said_by_form(tree, prompt)])
    for prompt in waiting:
        places.setdefault(prompt, [ANYWHERE])
    return places


def _is_said_at(node: Node, prompt: str) -> bool:
    """Whether the dialogue says the prompt at such a node, which a listener then comes to."""
    match node:
        case Menu():
            return prompt == ("navigation.below" if node.path else "navigation.main")
        case Info(text=text):
            sent = prompt == "text_message.offer" and text is not None
            return sent or prompt == "navigation.info"
        case Form():
            return is_of_form(prompt, node.form)
    return False


def _said_at(node: Node) -> Iterator[str]:
    match node:
        case Info(statements=statements, text=text):
            yield from statements
            if text is not None:
                yield text
        case Menu(say=str(introduction)):
            yield introduction
        case Transfer(statements=statements, say=say, closed=closed):
            yield from (*statements, say, closed)
        case Hangup(say=say):
            yield say


def _said_by_form(tree: Tree, prompt: str) -> str:
    """The forms of the prompt's family, if there are any in this tree."""
    forms = [
        node.path
        for node in tree.walk()
        if isinstance(node, Form) and is_of_form(prompt, node.form)
    ]
    return f"form at {', '.join(forms)}" if forms else ANYWHERE


def _sound(
    book: Phrasebook,
    language: str,
    prompt: str,
    recordings: Mapping[tuple[str, str], Recording] | None,
) -> Sound:
    if recordings is None:
        return ""
    if is_text(prompt):
        return "written"
    if book.slots(prompt):
        return "slots"
    recording = recordings.get((language, prompt))
    return "missing" if recording is None else _SOUNDS.get(recording.state, "missing")


def as_written(book: Phrasebook, prompt: str) -> str:
    """A sentence with its slots as they stand in the file, its published figures as spoken."""
    return "".join(
        part
        if isinstance(part, str)
        else f"{{{part.name}:{part.form}}}"
        if part.form
        else f"{{{part.name}}}"
        for part in book.parts(prompt)
    )
