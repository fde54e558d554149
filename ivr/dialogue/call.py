"""The call as a form sees it: questions that come back answered, confirmations, transfers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from backend.interface.queries import AskOpening, RememberLanguage, RememberPace
from ivr.dialogue.commands import STARRED_COMMANDS, lone_commands, typed_path
from ivr.dialogue.fields import Choice, Field, MenuPath, Rejected
from ivr.dialogue.line import OpenLine, Patience, text
from ivr.dialogue.navigation import (
    BackError,
    CallEndedError,
    FaultKind,
    JumpError,
    OperatorClosedError,
    TooManyFaultsError,
)
from ivr.dialogue.transcript import Silence
from menus.slots import SlotValue, Text
from menus.tree import (
    BACK_KEY,
    OPERATOR_KEY,
    PACE_KEY,
    PATH_KEY,
    REPEAT_KEY,
    Node,
)

T = TypeVar("T")

YES = "1"
NO = "2"

MAX_TRANSFER_ATTEMPTS = 3
"""How often one transfer is tried before the line says when to call again."""

REPEATS_BEFORE_PACE = 2
"""Once may be noise in the street; twice, and the line may be speaking too fast."""

TALKED = frozenset({"completed", "answered"})
CANCELED = "canceled"
_NOT_REACHED = {"busy": "transfer.busy", "no-answer": "transfer.no_answer"}


class Call(OpenLine):
    """One call during one replay."""

    _faults = 0
    _repeats = 0

    async def ask(self, prompt: str, field: Field[T], **slots: SlotValue) -> T:
        """Ask one question until it is answered; see ``ask_all``."""
        return await self.ask_all((text(prompt, **slots),), field)

    async def ask_all(
        self,
        question: Sequence[Text],
        field: Field[T],
        *,
        step: str = "ask",
        patience: Patience | None = None,
        must_be_heard: bool = False,
    ) -> T:
        """Ask until the field accepts an answer, and return it.

        Silence and wrong keys are counted apart and answered with tapered prompts, after which the
        question is asked again; the hash key says everything again. Global keys are obeyed on the
        spot or raise navigation errors; ``TooManyFaultsError`` says that the tree's patience is
        used up. A surplus key of the entry before is passed over where the question
        ``must_be_heard``, as a one-key question has to be that follows an answer in a form.
        """
        patience = patience or self.setting.patience_at(field.digits)
        preface, language = self._preface, self.language
        everything = [*self._speech, *question]
        self._speech = everything
        noinput = nomatch = 0
        must_be_heard |= field.digits == 1 and self._in_form and self._form_answers > 0
        hash_may_follow, self._hash_may_follow = self._hash_may_follow, False
        while True:
            self.at(step, question[-1].prompt)
            heard = await self.listen(field.digits, field.finish_on_key, patience.timeout)
            if heard.early and (hash_may_follow if isinstance(heard, Silence) else must_be_heard):
                hash_may_follow = False
                self._speech += everything
                continue
            if isinstance(heard, Silence):
                noinput += 1
                self._fault("noinput", noinput, patience.max_noinput)
                self._reprompt(question, field, Text(_for_kind(field, "noinput")), noinput)
                continue
            outcome = await self._command(heard.keys, field)
            if outcome is None:
                if self.language != language:
                    # What the law wants told is heard in the language that was chosen.
                    self._preface, language = preface, self.language
                self._say_again(everything, heard.keys, field)
                continue
            if not isinstance(outcome, Rejected):
                self._note_answer(heard.keys, field)
                return outcome
            nomatch += 1
            self._fault("nomatch", nomatch, patience.max_nomatch)
            self._reprompt(question, field, Text(outcome.prompt, outcome.slots), nomatch)

    async def ask_or_silence(
        self,
        question: Sequence[Text],
        choice: Choice,
        *,
        patience: Patience | None = None,
        must_be_heard: bool = False,
    ) -> str | None:
        """Ask a question to which silence is an answer, too; return ``None`` for it.

        Silence counts when the tree's patience, or the given one, is used up.
        """
        try:
            return await self.ask_all(
                question, choice, patience=patience, must_be_heard=must_be_heard
            )
        except TooManyFaultsError as fault:
            if fault.kind != "noinput":
                raise
            return None

    async def confirm(
        self, prompt: str, *, before: Sequence[Text] = (), **slots: SlotValue
    ) -> bool:
        """Read back and ask for a yes (1) or a no (2); only a yes lets the form submit.

        An answer counts only when some of the question can have been heard (``Keys.early``).
        What stands ``before``, such as warnings, belongs to the question: it is heard again
        whenever that is.
        """
        question = [*before, text(prompt, **slots)]
        answer = await self.ask_all(question, Choice(YES + NO), step="confirm", must_be_heard=True)
        self._confirmed = answer == YES
        return self._confirmed

    async def transfer(
        self,
        desk: str,
        say: str,
        *,
        reason: str,
        told: Sequence[Text] = (),
        closed: str = "transfer.closed",
        stay: str = "transfer.stay",
    ) -> tuple[Text, ...]:
        """Connect the caller with a desk, if it answers at this hour; what is ``told`` comes first.

        Ends the call with ``CallEndedError`` after a talk. Returns what is still to be said when
        the desk is closed or out of reach: why, if that is a holiday or the like, and when to call.
        """
        hours = self.setting.hours[desk]
        opening = await self.look_up(AskOpening(desk))
        if not opening.open:
            why = (Text(f"closed_day.{opening.reason}"),) if opening.reason else ()
            return (*told, *why, text(closed, hours=hours))
        self.say_all(told)
        self.say(say)
        for attempt in range(1, MAX_TRANSFER_ATTEMPTS + 1):
            ended = await self.dial(desk, reason)
            if ended.outcome in TALKED:
                self.at("end", "talked")
                raise CallEndedError
            if ended.outcome == CANCELED:
                # The caller hung up while it rang: the path ends in the transfer.
                raise CallEndedError
            if attempt < MAX_TRANSFER_ATTEMPTS:
                await self._stay(_NOT_REACHED.get(ended.outcome, "transfer.failed"), stay)
        return (text("transfer.unreachable", hours=hours),)

    async def _stay(self, problem: str, prompt: str) -> None:
        """Offer to try again; who stays on the line in silence is connected again, too."""
        self.say(problem)
        again = Choice(YES + OPERATOR_KEY)
        await self.ask_or_silence((Text(prompt),), again, patience=self.setting.one_silence)
        self.say("transfer.again")

    def _fault(self, kind: FaultKind, count: int, most: int) -> None:
        # Where no silence is borne, it is an answer and no fault.
        self._faults += most > 0
        if count >= most or self._faults >= self.setting.tree.limits.max_faults:
            raise TooManyFaultsError(kind)

    def _reprompt(
        self, question: Sequence[Text], field: Field[object], fault: Text, count: int
    ) -> None:
        """Ask again behind what was wrong, and from the second time on with more help."""
        self._speech.append(fault)
        if count > 1:
            self.say(_for_kind(field, "help"))
            if field.digits > 1 and not self.slow:
                # Longer waits: a number takes its time to find and to type.
                self._offer_pace(field)
        self._speech += question

    def _say_again(self, everything: Sequence[Text], keys: str, field: Field[object]) -> None:
        self._speech += everything
        if keys in (REPEAT_KEY, ""):
            self._repeats += 1
            if self._repeats >= REPEATS_BEFORE_PACE or self.offers_pace:
                self._offer_pace(field)

    def _note_answer(self, keys: str, field: Field[object]) -> None:
        self._form_answers += 1
        self._answers_since_submit += 1
        # The entry ended by its length, where people are used to press the hash key.
        self._hash_may_follow = field.finish_on_key == REPEAT_KEY and len(keys) == field.digits

    def _offer_pace(self, field: Field[object]) -> None:
        """Offer slower speech, or the usual one again; from then on its key works in menus.

        Before that it is no command there: it is the key next to those that lead somewhere.
        """
        self.offers_pace = True
        self.say(_for_kind(field, "usual_pace" if self.slow else "slower"))

    async def _command(self, keys: str, field: Field[T]) -> T | Rejected | None:
        """Obey a global key, or let the field read; ``None`` when the question is to be repeated.

        In a menu each global key stands alone. Where a number is typed they follow the star key,
        because 0 and 9 are digits there; alone they are commands only where they cannot be values.
        """
        if keys in (REPEAT_KEY, ""):
            return None
        if field.digits == 1:
            value = field.read(keys)
            if not isinstance(value, Rejected):
                return value
        if keys == PATH_KEY:
            return await self._dial_path("")
        if keys.startswith(PATH_KEY) and keys[1] != PATH_KEY:
            if keys[1:] in STARRED_COMMANDS:
                return await self._obey(keys[1:])
            if len(keys) == field.digits:
                # The field was full before the caller could finish the path.
                return await self._dial_path(keys[1:])
            return _go_to(typed_path(self.setting.tree, "", keys[1:]))
        if keys in lone_commands(field, offers_pace=self.offers_pace):
            return await self._obey(keys)
        return field.read(keys)

    async def _obey(self, key: str) -> Rejected | None:
        if key == OPERATOR_KEY:
            operator = self.setting.tree.operator
            failed = await self.transfer(operator, "transfer.connecting", reason="asked")
            if not self._in_form:
                raise OperatorClosedError(failed)
            self.say_all(failed)
        elif key == BACK_KEY:
            raise BackError
        elif key == PACE_KEY:
            self.slow = not self.slow
            await self.look_up(RememberPace(self.slow))
            self.say("slower.now" if self.slow else "usual_pace.now")
        elif len(self.setting.tree.languages) == 1:
            return Rejected("nomatch.key")
        else:
            self.language = self.other_language
            await self.look_up(RememberLanguage(self.language))
        return None

    async def _dial_path(self, begun: str) -> Rejected | None:
        """Ask for a path, of which the caller may have typed the beginning, and go there."""
        self.at("path", "path.ask")
        self.say("path.ask")
        field = MenuPath()
        timeout = self.setting.tree.limits.entry_timeout
        heard = await self.listen(field.digits, field.finish_on_key, timeout)
        if isinstance(heard, Silence) or heard.keys in (REPEAT_KEY, ""):
            return Rejected("noinput.entry")
        keys = heard.keys.removeprefix(PATH_KEY)
        if not begun and keys in STARRED_COMMANDS:
            return await self._obey(keys)
        return _go_to(typed_path(self.setting.tree, begun, keys))


def _go_to(target: Node | Rejected) -> Rejected:
    if isinstance(target, Rejected):
        return target
    raise JumpError(target.id)


def _for_kind(field: Field[object], prompt: str) -> str:
    return f"{prompt}.choice" if field.digits == 1 else f"{prompt}.entry"
