"""How long sentences take as a real voice says them, beside what is reckoned of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cli.menu.espeak import PROGRAM, WORDS_A_MINUTE, Speak
from cli.menu.surroundings import TreeSurroundings
from ivr.listening import Audience, before_option, listen
from ivr.opening_check import said_seconds, words_of
from menus.exports.phrases import Sentence
from menus.lengths import longest_words, prompt_seconds, seconds
from menus.loader import Line
from menus.prompt_usage import told_in_one_piece
from menus.slots import PAUSE

SPOKEN = "spoken"
"""The name of the column that is measured."""


@dataclass(frozen=True)
class Measure:
    """Something that is heard in one go: seconds as they are reckoned, and as they were spoken."""

    what: str
    reckoned: float
    spoken: float


def spoken_seconds(
    line: Line, language: str, said: Sequence[Sentence], speak: Speak
) -> Mapping[str, float]:
    """Seconds of each sentence that is heard, its slots filled with what takes longest to say."""
    book = line.phrasebooks[language]
    return {
        each.prompt: speak(language, longest_words(book, each.prompt)).seconds
        for each in said
        if each.sound != "written" and each.seconds
    }


def measures(
    line: Line,
    surroundings: TreeSurroundings,
    language: str,
    spoken: Mapping[str, float],
    speak: Speak,
) -> Iterator[Measure]:
    """When the options begin, the longest piece of an item, and all sentences together."""
    opening = listen(line, surroundings.hours, surroundings.forms, Audience(language))[0].said
    for number, ordinal in ((1, "first"), (6, "sixth")):
        before = before_option(opening, number)
        if before is not None:
            aloud = sum(speak(each.language, words_of(line, each)).seconds for each in before)
            yield Measure(f"until the {ordinal} option", said_seconds(line, before), aloud)
    book = line.phrasebooks[language]
    pieces = [
        (sum(prompt_seconds(book, prompt) for prompt in piece), node.id, piece)
        for node in line.tree.walk()
        for piece in told_in_one_piece(node)
    ]
    if pieces:
        reckoned, node_id, piece = max(pieces)
        aloud = sum(spoken.get(prompt, 0.0) for prompt in piece)
        yield Measure(f"longest piece of an item ({node_id})", reckoned, aloud)
    reckoned = sum(seconds(longest_words(book, prompt)) for prompt in spoken)
    yield Measure("all sentences", reckoned, sum(spoken.values()))


def measure_table(
    line: Line, language: str, found: Sequence[Measure], spoken: Mapping[str, float]
) -> str:
    """The measures as rows of a Markdown table, and the voice with its rate under it."""
    book = line.phrasebooks[language]
    letters = sum(len(longest_words(book, prompt).replace(PAUSE, "")) for prompt in spoken)
    rate = letters / max(sum(spoken.values()), 1.0)
    rows = [f"| {each.what} | {each.reckoned:.1f} s | {each.spoken:.1f} s |" for each in found]
    voice = f"{PROGRAM} at {WORDS_A_MINUTE} words a minute: {rate:.1f} characters a second"
    head = [f"| {language} | reckoned | {SPOKEN} |", "|---|---|---|"]
    return "\n".join([*head, *rows, "", f"{voice}, rests included."])
