"""Which prompts a tree says, and where in its file it asks for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from common.yaml_source import Location
from menus.phrasebook import Part, Phrasebook
from menus.slots import PAUSE
from menus.tree import Hangup, Info, Menu, Node, Transfer, Tree

WRITTEN_PROMPTS = ("texts.", "topics.", "written.", "labels.")
"""Prompts of these families are read, in messages or on paper, and never heard."""

LINE_WORD = "topics.line"
"""The prompt with the word that chooses a line by message, where it has one."""

READING_FORM = "meter_reading"
"""The transaction that has a message of its own."""

_PRESS = re.compile(r"\b(nyomja meg|press)\b")
_PRESS_AT_ONCE = re.compile(r"(kérjük,? |please )?(nyomja meg|press)\b", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(rf"[.!?;:{re.escape(PAUSE)}]\s*")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A prompt that the tree says at ``location`` of its file, with exactly these slots filled.

    ``slots`` is None where the dialogue decides what it fills.
    """

    prompt: str
    location: Location
    slots: frozenset[str] | None


def spoken_prompts(tree: Tree) -> Iterator[Spoken]:
    """Every prompt that the tree itself says, in the order of its file."""
    for index, prompt in enumerate(tree.opening):
        yield Spoken(prompt, ("opening", index), None)
    yield from _said_at(tree.root)
    for menu in tree.walk():
        if isinstance(menu, Menu):
            for option in menu.options:
                place = place_of(option.node.path)
                yield Spoken(option.prompt, place, frozenset({"key"}))
                yield from _said_at(option.node)


def _said_at(node: Node) -> Iterator[Spoken]:
    said: tuple[str, ...] = ()
    match node:
        case Info(statements=statements, text=text):
            said = (*statements, text) if text else statements
        case Menu(say=str(introduction)):
            said = (introduction,)
        case Transfer(statements=statements, say=say, closed=closed):
            said = (*statements, say)
            if closed.startswith("closed."):
                # The usual sentence is the dialogue's.
                yield Spoken(closed, place_of(node.path), frozenset({"hours"}))
        case Hangup(say=say):
            said = (say,)
    for prompt in said:
        yield Spoken(prompt, place_of(node.path), frozenset())


def is_of_form(prompt: str, form: str) -> bool:
    """Whether the form of that name says a prompt of the dialogue: its family is the form's."""
    family = prompt.partition(".")[0]
    return form == family or form.startswith(f"{family}_")


def told_in_one_piece(node: Node) -> tuple[tuple[str, ...], ...]:
    """The statements of a node as they are heard, in the pieces between which the line rests.

    Before a transfer that is what its caller hears at most: what is told, and that it is closed.
    """
    match node:
        case Info():
            return node.stretches()
        case Transfer(statements=statements, closed=closed):
            return ((*statements, closed),)
    return ()


def written_prompt(statement: str) -> str:
    """The prompt with which a statement is read in a message, if anybody has written it."""
    return f"written.{statement.partition('.')[2]}"


def label_prompt(option: str) -> str:
    """The prompt with which an option is listed on paper and in messages, if anybody wrote it."""
    return f"labels.{option.partition('.')[2]}"


def is_text(prompt: str) -> bool:
    """Whether a prompt is read in a message, and not heard."""
    return prompt.startswith(WRITTEN_PROMPTS)


def place_of(path: str) -> Location:
    """Where the node at a path stands in its tree file."""
    return tuple(step for key in path.split(".") if key for step in ("options", key))


def action_first(parts: tuple[Part, ...]) -> bool:
    """Whether at least two thirds of the sentence's letters come before its key slot.

    Callers act on the key that they heard last, so the purpose comes first and the key at the
    end: "a számlához nyomja meg a kettes gombot", never "a kettes gomb a számla".
    """
    before = after = 0
    met = False
    for part in parts:
        if isinstance(part, str):
            letters = sum(character.isalpha() for character in part)
            before, after = (before, after + letters) if met else (before + letters, after)
        else:
            met = met or part.name == "key"
    return before > 0 and before >= 2 * after


def keys_last(parts: tuple[Part, ...]) -> bool:
    """Whether no clause begins with the key: "press 1 to go on" is heard too late to be obeyed."""
    sentence = "".join(part if isinstance(part, str) else "…" for part in parts)
    return not any(map(_PRESS_AT_ONCE.match, _CLAUSE_ENDS.split(sentence)))


def option_label(book: Phrasebook, node: str) -> str:
    """What a node is called where options are listed in writing.

    Its ``labels.<id>``, else what its option is about by ear; "" when it has neither.
    """
    option = f"options.{node}"
    label = label_prompt(option)
    if label in book:
        return book.write(label).words
    return option_words(book.parts(option)) if option in book else ""


def option_words(parts: tuple[Part, ...]) -> str:
    """What an option is about: its sentence before "press", else before the key."""
    sentence = "".join(part if isinstance(part, str) else "…" for part in parts)
    before, _, _ = sentence.replace(PAUSE, " ").partition("…")
    press = _PRESS.search(before)
    sentence = before[: press.start()] if press else before
    return " ".join(sentence.split()).strip(" .,:;")
