"""Reply keywords: opt-out, wrong person, help, or something that a person must read.

Only the keywords that we announce and what people write in their place are understood, with and
without accents. The first line and the first sentence are judged by themselves as well: ``STOP``
and ``TEVES`` hold whatever stands behind them. A sentence that merely has such words in it is left
to people, with one exception: a short plea to be left alone counts as one, because one message more
is worse than one too few. ``YES`` and ``IGEN`` are nobody's consent: who knows to which question.
"""

import re
from collections.abc import Iterator

from backend.interface.codes import ReplyMeaning
from messages.content.folding import folded
from sms.message_parts import own_words, statements

MOST_WORDS = 12
"""A longer reply is a letter."""
SHORT = 6
"""Words in which a plea is understood although some of them are not."""

# All folded: no accents, no capitals. A star stands for any ending.

_PLEAS = """
ne kuld*, ne ir*, ne sms* ir*, ne sms* kuld*, ne uzenet* ir*, ne uzenet* kuld*, ne zakla*,
ne keres*, hagyj* beken, hagyj* mar beken, hagyj* abba, fejezz* be,
dont send, do not send, dont text, do not text, dont contact, do not contact, dont write,
do not write, leave me alone
"""
_CALL_PLEAS = "ne hivj*, ne hivog*"
"""Pleas about calls: with no word of messages beside them they are meant of us altogether."""
_WRITING = "sms*, uzenet*, irj*, irn*, kuldj*, kulden*, uzenj*, irasban"
_STOP_WORDS = """
stop, stopp, stopall, stop all, unsubscribe, optout, opt out, leiratkoz*, iratkoz* le,
le akarok iratkoz*, le szeretnek iratkoz*
"""
_OPT_OUT = """
end, quit, revoke, cancel, vege, tiltas, letiltas, tiltom, letiltom, tiltsa* le, lemondom,
lemondas, torolj*, torlest, leallitas, nem kerek tobb*, nem kerek sms*, nem kerek uzenet*,
nem kerek ertesit*, nem kerem az sms*, nem kerem az uzenet*, nem kell sms*, nem kell tobb*,
remove me, no more, no sms
"""
_WRONG_ADDRESSEE = """
teves, teves szam, teves szamot, teves szamra, teves szamon, teves telefonszam,
teves telefonszamot, teves telefonszamra, teves hivas*, teves uzenet*, teves cim*, teves szemely*,
teves ember*, teves kapcsolas*, nem en, nem en vagyok, nem en vagyok az, nem en vagyok a cimzett,
en nem vagyok az, nem engem, nem engem keres*, nem engem erint*, engem nem erint*, nem erint*,
nem vagyok erintett, nem en vagyok az erintett, nem nekem szol*, nem nekem kuld*, nem nekem irt*,
nem az en szamom, nem az o szama, rossz szam, rossz szamot, rossz szamra, rossz telefonszam,
rossz telefonszamot, rossz telefonszamra, rossz ember*, rossz szemely*, rossz cim*, rossz helyre,
wrong number, wrong person, not me, its not me, it is not me, this is not me, not my number
"""
_OPT_IN = "start, unstop, feliratkozas, feliratkozom"
_HELP = "help, info, informacio*, segitseg*, segitsen*, sugo"
_ENGLISH_HELP = "help"
"""Of these words the one that is no Hungarian."""

_COURTESIES = """
kerem, kerek, kerjuk, kerlek, legyszi, legyszives, legyen szives, legyenek szivesek, koszonom,
koszonjuk, koszi, udv, udvozlettel, tisztelt, cim, jo napot, jo estet, hello, szia, szeretnek,
szeretnem, akarok, kivanok, please, pls, thanks, thank you, hi, sorry, i, want to, you have the,
sajnos, elnezest
"""
_SMALL_WORDS = """
a, az, ez, ezt, ezek, ezeket, es, is, mar, most, azonnal, tobbet, tobb, tobbe, tobbszor, soha,
tovabbi*, nekem, engem, ide, rola, erre, errol, szam, szamra, szamot, szamom, szamomra, szamomat,
szamrol, telefonszam, telefonszamra, telefonszamot, telefonszamom, telefonszamomra,
telefonszamomat, sms*, uzenet, uzenetet, uzenetek, uzeneteket, uzenetekrol, ertesites, ertesitest,
ertesiteseket, me, my, this, to, from, any, anymore, and, the, number, messages, message, texts,
texting, sending, again, irtak, irnak, kuldtek, kuldik, kuldve, kaptam
"""
_MATTERS = """
szaml*, telefonszaml*, ossz*, mero*, ora*, datum*, idopont*, hatarid*, allas*, leolvas*,
befizet*, fizet*, kifizet*, utal*, atutal*, dij*, tartoz*, hatralek*, fogyaszt*, aram*, villany*,
gaz*, egyenleg*, reszlet*, csekk*, szerzod*, ft, forint*, adat*, kikapcs*, papir*, level*, bill*,
invoice*, contract*, amount*, meter*
"""
"""What the utility deals with: a plea with one of these is about that, not about messages."""
_COMMANDS = frozenset({"stop", "stopp", "stopall", "unsubscribe"})
"""At the beginning they are meant, whatever else is denied behind them."""
_WRONG_ITSELF = frozenset({"teves", "rossz", "wrong"})
_ABOUT_MESSAGES = frozenset({"plea", "stop", "opt_out"})
_SALUTATIONS = frozenset({"tisztelt", "kedves", "dear"})
_LONGEST_SALUTATION = 4
_NEGATIONS = frozenset({"ne", "nem", "not", "dont", "never", "non", "sose", "sem"})

_FROM_OPT_OUT_TYPE: dict[str, ReplyMeaning] = {
    "STOP": ReplyMeaning.OPT_OUT,
    "START": ReplyMeaning.OPT_IN,
    "HELP": ReplyMeaning.HELP,
}

_Phrase = tuple[str, ...]


def meaning(body: str) -> ReplyMeaning:
    """What a reply means to us; ``other`` is for people to read (CO-17).

    What a mail program quotes or signs below does not count.
    """
    written = own_words(body)
    words = _words(written)
    if not words:
        return ReplyMeaning.OTHER
    found, unknown = _read(words)
    if "call_plea" in found and not found & _ABOUT_MESSAGES and _any_of(_WRITING_WORDS, words):
        return ReplyMeaning.OTHER
    if not unknown and len(words) <= MOST_WORDS:
        return _one_of(found)
    if len(words) <= SHORT and "?" not in written and not _any_of(_MATTER_WORDS, unknown):
        if words[0] == "teves":
            return ReplyMeaning.WRONG_ADDRESSEE
        meant = words[0] in _COMMANDS or _NEGATIONS.isdisjoint(unknown)
        if found & {"plea", "call_plea"} or ("stop" in found and meant):
            return ReplyMeaning.OPT_OUT
    return _of_the_beginning(written)


def _of_the_beginning(written: str) -> ReplyMeaning:
    """What the first line or sentence says when it is nothing but a keyword and courtesies."""
    first_line, below, _ = written.partition("\n")
    if below and "?" not in first_line and (told := _keyword_alone(_words(first_line))):
        return told
    for statement in statements(written):
        words = _words(statement.text)
        if _is_courtesy(words):
            continue
        told = None if statement.is_question else _keyword_alone(words)
        if told is None:
            return ReplyMeaning.OTHER
        if not statement.goes_on or _holds(words, _words(statement.rest)):
            return told
    return ReplyMeaning.OTHER


def _keyword_alone(words: list[str]) -> ReplyMeaning | None:
    """The stop or wrong addressee that words announce which say nothing else."""
    found, unknown = _read(words)
    if unknown or not words or len(words) > MOST_WORDS or found <= {"small", "call_plea"}:
        return None
    told = _one_of(found)
    return told if told in ("opt_out", "wrong_addressee") else None


def _holds(words: list[str], behind: list[str]) -> bool:
    """Whether a keyword is meant although its sentence goes on behind a dash, colon or comma."""
    if behind[:1] == ["hanem"]:
        return False
    if not _COMMANDS.isdisjoint(words):
        return True
    found, _ = _read(words)
    is_plain = "plea" in found or not _WRONG_ITSELF.isdisjoint(words)
    return is_plain and not _any_of(_MATTER_WORDS, behind)


def _is_courtesy(words: list[str]) -> bool:
    """Whether words only greet: "Jó napot", "Tisztelt Ügyfélszolgálat"."""
    found, unknown = _read(words)
    if unknown:
        return len(words) <= _LONGEST_SALUTATION and words[0] in _SALUTATIONS
    return found <= {"small"}


def is_english_help(body: str) -> bool:
    """Whether a reply that means ``help`` asks for it in English only."""
    asked = {word for word in _words(body) if _is_in(_HELP_WORDS, word)}
    return asked == {_ENGLISH_HELP}


def meaning_of_opt_out_type(opt_out_type: str | None) -> ReplyMeaning | None:
    """What the carrier's own reading says, which it has also answered; ``None`` without one."""
    return _FROM_OPT_OUT_TYPE.get((opt_out_type or "").strip().upper())


def _words(body: str) -> list[str]:
    text = folded(re.sub(r"['’‘`´]", "", body))  # "don't" is one word, and so is "sms-t"
    text = re.sub(r"\bsms-(?=[etbrn])", "sms", text)
    words = re.findall(r"[^\W_]+", text)
    spelled_out = len(words) > 2 and all(len(word) == 1 for word in words)
    return ["".join(words)] if spelled_out else words


def _read(words: list[str]) -> tuple[set[str], list[str]]:
    """The kinds of phrases found, the longest first at each place, and the words left over."""
    found: set[str] = set()
    unknown: list[str] = []
    place = 0
    while place < len(words):
        for kind, phrase in _PHRASES:
            here = words[place : place + len(phrase)]
            if len(here) == len(phrase) and all(map(_fits, phrase, here)):
                found.add(kind)
                place += len(phrase)
                break
        else:
            unknown.append(words[place])
            place += 1
    return found, unknown


def _one_of(found: set[str]) -> ReplyMeaning:
    kinds = found - {"small"}
    if kinds == {"opt_in"}:
        return ReplyMeaning.OPT_IN
    if "opt_in" in kinds:
        return ReplyMeaning.OTHER
    if "wrong_addressee" in kinds:
        return ReplyMeaning.WRONG_ADDRESSEE
    if kinds & {"plea", "call_plea", "stop", "opt_out"}:
        return ReplyMeaning.OPT_OUT
    return ReplyMeaning.HELP if kinds else ReplyMeaning.OTHER


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _any_of(patterns: tuple[_Phrase, ...], words: list[str]) -> bool:
    return any(_is_in(patterns, word) for word in words)


def _is_in(patterns: tuple[_Phrase, ...], word: str) -> bool:
    return any(_fits(pattern, word) for (pattern,) in patterns)


def _phrases(table: str) -> Iterator[_Phrase]:
    return (tuple(phrase.split()) for phrase in table.split(","))


_MATTER_WORDS = tuple(_phrases(_MATTERS))
_WRITING_WORDS = tuple(_phrases(_WRITING))
_HELP_WORDS = tuple(_phrases(_HELP))
_PHRASES: tuple[tuple[str, _Phrase], ...] = tuple(
    sorted(
        (
            (kind, phrase)
            for kind, table in {
                "plea": _PLEAS,
                "call_plea": _CALL_PLEAS,
                "stop": _STOP_WORDS,
                "opt_out": _OPT_OUT,
                "wrong_addressee": _WRONG_ADDRESSEE,
                "opt_in": _OPT_IN,
                "help": _HELP,
                "small": f"{_COURTESIES},{_SMALL_WORDS}",
            }.items()
            for phrase in _phrases(table)
        ),
        key=lambda entry: -len(entry[1]),
    )
)
