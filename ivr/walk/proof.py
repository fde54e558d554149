"""What the walk proves of a line, and what is to be corrected where it does not."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backend.interface.place import Place
from backend.interface.queries import AskOpening
from common.findings import Code, Finding
from ivr.dialogue.effects import Dial, HangUp, Said
from ivr.dialogue.menu import FormCode
from ivr.dialogue.transcript import Answered, DialEnded, Entry, Keys, Silence
from ivr.published_texts import published_texts
from ivr.twiml import Links, TwimlRenderer, Voice
from ivr.walk.explorer import Exploration, Fault, Progress, State
from ivr.walk.termination import endless_habits
from menus.loader import Line
from menus.phrasebook import PhraseError
from menus.prompt_usage import place_of
from menus.slots import Hours
from menus.tree import Goto

_LINKS = Links("turn", "turn?heard=silence", "turn?heard=dial")
_NUMBER = "+3612345678"
_SHOWN_INPUTS = 30
_HINT = "This is a fault of the program or of a form: it has to bear these keys."


@dataclass(frozen=True)
class Proof:
    """How much was walked, and what was found: nothing when every call comes to a good end."""

    states: int
    steps: int
    findings: tuple[Finding, ...]


def prove(
    line: Line,
    forms: Mapping[str, FormCode],
    hours: Mapping[str, Hours],
    progress: Progress = lambda _walked, _known: None,
) -> Proof:
    """Walk a line that ``menus.check.check_line`` finds no error in.

    Proves that no input makes the dialogue or the rendering of its words fail, that every node is
    reached, that every published path lands where it must, that a person or the end is within
    reach from everywhere, that a silent caller's call ends, and that nobody outlasts the limits.
    """
    walk = Exploration(line.tree, hours, forms, published_texts(line))
    walk.explore(progress)
    states = list(walk.states.values())
    failures = [*_failures(line, walk.faults), *_unspeakable(line, walk, hours)]
    if failures:
        # Beyond a failure nothing was walked: what seems out of reach may not be.
        return Proof(len(states), walk.tried, tuple(failures))
    trapped = list(_trapped(states))
    findings = [
        *_unreached(line, states),
        *_astray(line, walk),
        *_each_path_once(line, trapped, "walk-trapped", "neither a person nor the end is in reach"),
        *_each_path_once(
            line,
            (state for state in _going_round(states) if state not in trapped),
            "walk-endless",
            "a caller who keeps silent is never let go",
        ),
    ]
    if not findings:
        findings += _outlasted(line, hours, forms)
    return Proof(len(states), walk.tried, tuple(findings))


def _failures(line: Line, faults: Iterable[Fault]) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for fault in faults:
        problem = _problem(fault.problem)
        if (fault.path, problem) not in told:
            told.add((fault.path, problem))
            message = f"the dialogue fails after the keys {keys_of(fault.transcript)}: {problem}"
            yield _at(line, fault.path, "walk-failed", message, _HINT)


def _unspeakable(line: Line, walk: Exploration, hours: Mapping[str, Hours]) -> Iterator[Finding]:
    """What is said anywhere, said in every language: who changes it hears the same again."""
    voices = {language: Voice("voice", language) for language in line.phrasebooks}
    renderer = TwimlRenderer(line.phrasebooks, voices, dict.fromkeys(hours, _NUMBER))
    told: set[str] = set()
    for turn in walk.turns:
        for language in line.phrasebooks:
            said = tuple(Said(language, each.text) for each in turn.said)
            try:
                renderer.document(said, turn.wait, _LINKS, "")
            except Exception as error:
                problem = _problem(error)
                if problem not in told:
                    told.add(problem)
                    path = Place.parse(turn.place).path
                    message = f"what is said here cannot be spoken: {problem}"
                    hint = "Correct the sentence, or what fills it."
                    yield _at(line, path, "walk-unspeakable", message, hint)


def _problem(error: Exception) -> str:
    """What is wrong, alike in all languages."""
    if isinstance(error, PhraseError):
        return f"prompt '{error.prompt}': {error.problem}".rstrip(".?")
    return f"{type(error).__name__}: {error}".rstrip(".?")


def _unreached(line: Line, states: list[State]) -> Iterator[Finding]:
    reached = {state.path for state in states}
    for node in line.tree.walk():
        if node.path not in reached and not isinstance(node, Goto):
            if node.path in line.tree.published_paths:
                continue  # told as going astray
            message = f"no call comes to '{node.id}', whatever is pressed"
            yield _at(line, node.path, "walk-unreached", message, _HINT)


def _astray(line: Line, walk: Exploration) -> Iterator[Finding]:
    tree = line.tree
    for path in tree.published_paths:
        node = tree.at(path)
        if node is None:
            continue
        wanted = tree.target(node).path
        digits = path.replace(".", "")
        ways = [list(digits)] + ([["*", digits]] if len(digits) > 1 else [])
        for way in ways:
            landed = walk.arrives(way)
            if landed != wanted:
                message = f"the keys {' '.join(way)} lead to {landed or 'the first menu'}"
                place = ("published_paths", path)
                yield line.tree_source.finding(place, "walk-astray", message, _HINT)
                break


def _trapped(states: list[State]) -> Iterator[State]:
    """Where nothing that a caller does comes to a person or to the end."""
    comes_from: dict[State, list[State]] = {state: [] for state in states}
    for state in states:
        for _, after in state.leads_to:
            comes_from[after].append(state)
    good = [state for state in states if isinstance(state.turn.wait, HangUp | Dial)]
    free = set(good)
    waiting = deque(good)
    while waiting:
        for before in comes_from[waiting.popleft()]:
            if before not in free:
                free.add(before)
                waiting.append(before)
    return (state for state in states if state not in free)


def _going_round(states: list[State]) -> Iterator[State]:
    """Where keeping silent, however transfers end and desks answer, can come to the same again."""
    leads_to = {
        state: [after for heard, after in state.leads_to if isinstance(heard, Silence | DialEnded)]
        for state in states
    }
    comes_from: dict[State, list[State]] = {state: [] for state in states}
    for state, afters in leads_to.items():
        for after in afters:
            comes_from[after].append(state)
    # What ends, seen from the end, and what nothing comes round to, seen from the beginning.
    done = _peeled(leads_to, comes_from)
    done |= _peeled(comes_from, leads_to, done)
    return (state for state in states if state not in done)


def _peeled(
    onward: Mapping[State, list[State]],
    back: Mapping[State, list[State]],
    gone: Collection[State] = (),
) -> set[State]:
    """The stands that are left with no way onward, when those without one are taken away."""
    left = {state: sum(other not in gone for other in others) for state, others in onward.items()}
    waiting = deque(state for state, ways in left.items() if not ways and state not in gone)
    peeled = set(waiting)
    while waiting:
        for state in back[waiting.popleft()]:
            left[state] -= 1
            if not left[state] and state not in peeled and state not in gone:
                peeled.add(state)
                waiting.append(state)
    return peeled


def _outlasted(
    line: Line, hours: Mapping[str, Hours], forms: Mapping[str, FormCode]
) -> Iterator[Finding]:
    for habit in endless_habits(line.tree, hours, forms):
        message = f"a caller who goes on with the keys {' '.join(habit)} outlasts the call's limits"
        yield _at(line, "", "walk-endless", message, _HINT)


def _each_path_once(
    line: Line, states: Iterable[State], code: Code, what: str
) -> Iterator[Finding]:
    told: set[str] = set()
    for state in states:
        if state.path not in told:
            told.add(state.path)
            message = f"{what} after the keys {keys_of(state.transcript)}"
            yield _at(line, state.path, code, message, _HINT)


def _at(line: Line, path: str, code: Code, message: str, hint: str) -> Finding:
    place = place_of(path) or ("menu",)
    return line.tree_source.finding(place, code, message, hint)


def keys_of(transcript: Iterable[Entry]) -> str:
    """What was done, as ``zoldszam call --keys`` takes it; ends of transfers stand in brackets."""
    done = [told for entry in transcript if (told := _told(entry))]
    shown = done[-_SHOWN_INPUTS:]
    return " ".join(["…"] * (len(done) > len(shown)) + shown) or "(none)"


def _told(entry: Entry) -> str:
    match entry:
        case Keys(keys=keys):
            return keys or "#"
        case Silence():
            return "-"
        case DialEnded(outcome=outcome):
            return f"({outcome})"
        case Answered(name=AskOpening.__name__, value=value) if b"false" in bytes(value):
            return "(closed)"
        case _:
            return ""
