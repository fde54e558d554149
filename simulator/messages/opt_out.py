"""The carrier's own opt-out: the English words it acts on by itself, and whom they block.

Twilio blocks the pair of numbers, answers by itself and forwards the message all the same; with
Advanced Opt-Out the forwarded message says what was understood (``OptOutType``).
"""

from typing import Literal, get_args

OptOutMode = Literal["off", "default", "advanced"]
Keyword = Literal["STOP", "START", "HELP"]
MODES: tuple[OptOutMode, ...] = get_args(OptOutMode)

_WORDS: dict[Keyword, frozenset[str]] = {
    "STOP": frozenset(
        {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
    ),
    "START": frozenset({"START", "YES", "UNSTOP"}),
    "HELP": frozenset({"HELP", "INFO"}),
}
ANSWERS: dict[Keyword, str] = {
    "STOP": "You will get no more messages from this number. Reply START to get them again.",
    "START": "You will get messages from this number again. Reply STOP to end them.",
    "HELP": "Reply STOP to end messages from this number.",
}
"""What the carrier answers by itself."""


def keyword_in(body: str) -> Keyword | None:
    """The keyword that ``body`` consists of, whatever its case; more words are no keyword.

    Whether the real carrier also acts on a keyword among other words is not documented.
    """
    word = body.strip().upper()
    return next((keyword for keyword, words in _WORDS.items() if word in words), None)
