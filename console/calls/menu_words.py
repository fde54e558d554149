"""What the menu says, as the console shows it: topics and sentences in the user's language."""

from console.web.parts import parts
from console.web.words import _, language, word
from ivr.lines.shown_lines import Shown
from ivr.lines.topic_names import topic_of
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.slots import PAUSE, Key, Text
from menus.tree import Node


def shown() -> Shown:
    """The lines as their files are now."""
    return parts().lines.now()


def spoken_language(line: Line) -> str:
    """The user's language, else the line's first."""
    return language() if language() in line.phrasebooks else line.tree.languages[0]


def line_name(line: Line) -> str:
    """What the line is called: by its service, of which each line has its own."""
    return word("service", line.tree.service)


def lines() -> list[tuple[str, str]]:
    """The lines that can be shown, each with its name for people, the default one first."""
    found = shown()
    return [
        (entry.name, line_name(found.lines[entry.name]))
        for entry in found.entries
        if entry.name in found.lines
    ]


def topic(line: Line, node: Node) -> str:
    """What a node is about in the user's language."""
    return topic_of(line, node, spoken_language(line)) if node.path else _("First menu")


def offer(book: Phrasebook, prompt: str, key: str) -> str:
    """The sentence that offers an option, with its key said."""
    if prompt not in book or book.slots(prompt) != {"key"}:
        return sentence(book, prompt)
    return on_paper(book.speak(Text(prompt, (("key", Key(key)),))))


def sentence(book: Phrasebook, prompt: str) -> str:
    """A sentence as it is written, with an ellipsis where a call fills something in."""
    if prompt not in book:
        return ""
    told = "".join(each if isinstance(each, str) else "…" for each in book.parts(prompt))
    # An ellipsis at the end of a sentence has no full stop behind it.
    return on_paper(told).replace("….", "…")


def on_paper(spoken: str) -> str:
    """The words without the rests of the voice."""
    return " ".join(spoken.replace(PAUSE, " ").split())
