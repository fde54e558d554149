"""What is said at a node: each sentence in every language, its recordings and its rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.calls.menu_words import offer, sentence
from console.menu.chosen import Chosen
from console.web.memo import Memo
from console.web.parts import parts
from ivr.code_prompts import REQUIRED
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.prompt_usage import is_of_form, is_text
from menus.recordings import Recording, load_recordings
from menus.tree import Form, Hangup, Info, Menu, Node, Option, Transfer

RECORDINGS = Memo(seconds=60)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A prompt: ``words`` by language, ``sounds`` by language as codes of their words."""

    prompt: str
    words: Mapping[str, str]
    sounds: Mapping[str, str]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a node says: how it is offered, its own sentences, and those of its transaction."""

    offered: tuple[Sentence, ...]
    own: tuple[Sentence, ...]
    by_form: tuple[Sentence, ...]
    rules: tuple[str, ...]


def said_at(chosen: Chosen) -> Said | None:
    """The sentences of the chosen node; ``None`` where none is chosen."""
    node, line = chosen.node, chosen.line
    if node is None:
        return None
    parent = line.tree.parent(node)
    offers = [] if parent is None else [each for each in parent.options if each.node is node]
    sounds = _sounds(chosen)
    rules = line.tree.rules.get(node.form if isinstance(node, Form) else node.id, ())
    return Said(
        tuple(_offer(line, sounds, option) for option in offers),
        tuple(_own(line, sounds, node)),
        tuple(_sentence(line, sounds, prompt) for prompt in _prompts_of_form(line, node)),
        rules,
    )


def _own(line: Line, sounds: "_Sounds", node: Node) -> Iterator[Sentence]:
    prompts: tuple[str, ...] = ()
    match node:
        case Menu(say=say, options=options):
            if not node.path:
                prompts = line.tree.opening
            prompts = (*prompts, say) if say else prompts
            yield from (_sentence(line, sounds, prompt) for prompt in prompts)
            yield from (_offer(line, sounds, option) for option in options)
            return
        case Info(statements=statements, text=text):
            prompts = (*statements, text) if text else statements
        case Transfer(statements=statements, say=say, closed=closed):
            prompts = (*statements, say, closed)
        case Hangup(say=say):
            prompts = (say,)
    yield from (_sentence(line, sounds, prompt) for prompt in prompts)


def _prompts_of_form(line: Line, node: Node) -> list[str]:
    """The sentences of a transaction, in the order of the first language's file."""
    if not isinstance(node, Form):
        return []
    prompts = {prompt for prompt in REQUIRED if is_of_form(prompt, node.form)}
    order = (".".join(map(str, key)) for key in line.prompt_sources[line.tree.languages[0]].keys)
    return [prompt for prompt in order if prompt in prompts]


def _offer(line: Line, sounds: "_Sounds", option: Option) -> Sentence:
    """An option with its key said."""
    told = _sentence(line, sounds, option.prompt)
    words = {
        language: offer(line.phrasebooks[language], option.prompt, option.key)
        for language in told.words
    }
    return Sentence(told.prompt, words, told.sounds, told.rules)


_Sounds = Mapping[tuple[str, str], Recording] | None


def _sentence(line: Line, sounds: _Sounds, prompt: str) -> Sentence:
    books = line.phrasebooks.items()
    return Sentence(
        prompt,
        {language: sentence(book, prompt) for language, book in books if prompt in book},
        {language: _sound(book, sounds, prompt) for language, book in books if prompt in book},
        line.tree.rules.get(prompt, ()),
    )


def _sound(book: Phrasebook, sounds: _Sounds, prompt: str) -> str:
    """A code of whether the sentence is recorded."""
    if is_text(prompt):
        return "written"
    if book.slots(prompt):
        return "slots"
    found = (sounds or {}).get((book.language, prompt))
    return "missing" if found is None else found.state


def _sounds(chosen: Chosen) -> _Sounds:
    folder = parts().lines.defaults.recordings
    if folder is None:
        return None
    key = (str(folder), chosen.line.tree_hash)
    books = chosen.line.phrasebooks
    return RECORDINGS.get(key, parts().clock(), lambda: load_recordings(folder, books))


def is_recorded_at_all() -> bool:
    """Whether there is a folder of sounds; without one the carrier's voice says everything."""
    return parts().lines.defaults.recordings is not None
