"""Sentences that a studio has spoken: sounds that take the place of synthetic speech.

A folder has one folder a language, and in it a sound for each recorded sentence, named like its
prompt: ``hu/opening.welcome.wav``. ``manifest.yaml`` beside the sounds tells which words each of
them says, as hashes, so that a sentence that was changed since is spoken by the carrier's voice
again, in its new words. A sentence with slots cannot be recorded.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from common.findings import Code, Finding, TreeError
from common.yaml_source import Source, read_yaml
from menus.phrasebook import Phrasebook
from menus.slots import Text

SOUNDS: Mapping[str, str] = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
"""The endings of sounds that every carrier plays, and their media types."""

MANIFEST = "manifest.yaml"

State = Literal["current", "unmarked", "stale", "unknown", "of-slots"]
"""What a sound is to its sentence; only a current or an unmarked one is played."""

_HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound and what it is to the sentence of its name; ``version`` changes with the sound."""

    language: str
    prompt: str
    file: Path
    version: str
    state: State

    @property
    def is_played(self) -> bool:
        """Whether the sound is heard in the place of the carrier's voice."""
        return self.state in ("current", "unmarked")


@dataclass(frozen=True, slots=True)
class _Marked:
    """What the manifest says of a sound: the words that it says, and which sound that was."""

    words: str
    sound: str


def load_recordings(
    folder: Path | None, books: Mapping[str, Phrasebook]
) -> dict[tuple[str, str], Recording]:
    """Every sound of the line's languages, by language and prompt; none without a folder.

    A manifest that cannot be read counts as empty; ``check_recordings`` tells about it.
    """
    found: dict[tuple[str, str], Recording] = {}
    for language, book in books.items():
        marked, _ = _read_manifest(folder, language)
        for file in _sounds(folder, language):
            version = _hash(file.read_bytes())
            state = _state(book, file.stem, version, marked.get(file.stem))
            recording = Recording(language, file.stem, file, version, state)
            found.setdefault((language, file.stem), recording)
    return found


def check_recordings(
    folder: Path | None, books: Mapping[str, Phrasebook], spoken_elsewhere: Collection[str] = ()
) -> Iterator[Finding]:
    """A warning for each sound that nobody hears, or whose words nobody has vouched for."""
    recordings = load_recordings(folder, books)
    for language in books:
        marked, source = _read_manifest(folder, language)
        if isinstance(source, TreeError):
            yield from source.findings
            continue
        for prompt in sorted(marked):
            if source is not None and (language, prompt) not in recordings:
                message = f"the manifest lists '{prompt}', and there is no such sound"
                hint = _MARK.format(language)
                yield source.finding(
                    (prompt,), "recording-unknown", message, hint, severity="warning"
                )
    for recording in recordings.values():
        if recording.state != "current" and recording.prompt not in spoken_elsewhere:
            yield _finding(recording)


def mark_recorded(folder: Path, language: str, book: Phrasebook) -> tuple[str, ...]:
    """Vouch in the manifest that each sound which is new or replaced says the present words.

    A sound that is as it was when its words changed stays stale. Returns what was vouched for.
    """
    before, _ = _read_manifest(folder, language)
    after: dict[str, _Marked] = {}
    vouched: list[str] = []
    for file in _sounds(folder, language):
        prompt, sound = file.stem, _hash(file.read_bytes())
        known = before.get(prompt)
        if known is not None and known.sound == sound:
            after[prompt] = known
        elif prompt in book and not book.slots(prompt):
            after[prompt] = _Marked(_words_hash(book, prompt), sound)
            vouched.append(prompt)
    lines = [
        f"{prompt}: {{words: {each.words}, sound: {each.sound}}}" for prompt, each in after.items()
    ]
    text = "\n".join([_HEADING.format(language), *lines, ""])
    (folder / language / MANIFEST).write_text(text, "utf-8")
    return tuple(vouched)


_MARK = "Run 'zoldszam menu phrases --language {} --mark-recorded'."
_HEADING = """\
# Which words each sound says, and which sound that is. Written by:
#   zoldszam menu phrases --language {} --mark-recorded"""


def _state(book: Phrasebook, prompt: str, sound: str, marked: _Marked | None) -> State:
    if prompt not in book:
        return "unknown"
    if book.slots(prompt):
        return "of-slots"
    if marked is None or marked.sound != sound:
        return "unmarked"
    return "current" if marked.words == _words_hash(book, prompt) else "stale"


def _finding(recording: Recording) -> Finding:
    prompt, language = recording.prompt, recording.language
    code: Code
    match recording.state:
        case "unknown":
            code, message = "recording-unknown", f"there is no prompt '{prompt}' in '{language}'"
            hint = "Rename the sound, or take it away."
        case "of-slots":
            code, message = (
                "recording-of-slots",
                f"prompt '{prompt}' has slots: it cannot be played",
            )
            hint = "Take the sound away; sentences with slots are spoken by the carrier's voice."
        case "stale":
            code = "recording-stale"
            message = f"prompt '{prompt}' has other words than when it was recorded: not played"
            hint = f"Record it again in its present words. {_MARK.format(language)}"
        case _:
            code = "recording-unmarked"
            message = f"nobody has vouched that the sound says what prompt '{prompt}' says"
            hint = f"Listen to it. {_MARK.format(language)}"
    return Finding(str(recording.file), 1, 1, "warning", code, message, hint)


def _sounds(folder: Path | None, language: str) -> list[Path]:
    """The sounds of a language by name; of two with one name the first kind comes first."""
    if folder is None or not (folder / language).is_dir():
        return []
    kinds = list(SOUNDS)
    files = [file for file in (folder / language).iterdir() if file.suffix in SOUNDS]
    return sorted(files, key=lambda file: (file.stem, kinds.index(file.suffix)))


def _read_manifest(
    folder: Path | None, language: str
) -> tuple[dict[str, _Marked], Source | TreeError | None]:
    path = folder / language / MANIFEST if folder is not None else None
    if path is None or not path.is_file():
        return {}, None
    try:
        source = read_yaml(path)
        return {prompt: _marked(source, prompt) for prompt in source.root}, source
    except TreeError as error:
        return {}, error


def _marked(source: Source, prompt: str) -> _Marked:
    entry = source.root[prompt]
    match entry:
        case {"words": str(words), "sound": str(sound)} if len(entry) == len(("words", "sound")):
            return _Marked(words, sound)
    hint = "Write {words: …, sound: …}, or take the line out and mark the sound again."
    message = f"'{prompt}' does not tell the hashes of its words and its sound"
    raise TreeError([source.finding((prompt,), "wrong-kind", message, hint)])


def _words_hash(book: Phrasebook, prompt: str) -> str:
    return _hash(book.speak(Text(prompt)).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]
