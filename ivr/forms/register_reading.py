"""One register's value: asked, judged against what is known of the meter, read back.

A doubt is asked about with its own sentence, which reads the value back at the same time; what
cannot be true by the meter's own figures goes to a person.
"""

from __future__ import annotations

from datetime import date

from backend.interface.answers import Meter, Register
from backend.interface.commands import RegisterReading
from backend.rules.plausibility import Verdict, consumption, judge, roll_over
from backend.rules.registers import register_name
from ivr.dialogue.call import YES, Call
from ivr.dialogue.fields import Choice, MeterValue
from ivr.dialogue.line import text
from ivr.dialogue.navigation import HandOverError
from menus.slots import Count, Digits, Text

Confirmed = tuple[RegisterReading, Count]
"""A confirmed reading, and the consumption since the last one."""


async def read_register(call: Call, meter: Meter, register: Register, today: date) -> Confirmed:
    """Ask until a value is confirmed; never stores, and never lets a doubt pass in silence."""
    question = text(f"meter_reading.which.{register_name(meter, register)}")
    doubts = _Doubts(call, register, today)
    while True:
        value = await call.ask_all((question,), MeterValue(register.digits))
        confirmed = await doubts.settle(value)
        if confirmed is not None:
            return confirmed


class _Doubts:
    """What was doubted of one register so far, so that the second time is answered otherwise."""

    def __init__(self, call: Call, register: Register, today: date) -> None:
        self._call = call
        self._register = register
        self._today = today
        self._too_high: int | None = None
        self._was_too_low = False
        self._was_impossible = False

    async def settle(self, value: int) -> Confirmed | None:
        """Return the confirmed reading, or ``None`` when the caller is to type it again."""
        match judge(self._register, value, self._today):
            case Verdict.TOO_LOW:
                return await self._too_low(value)
            case Verdict.IMPOSSIBLE:
                await self._impossible()
                return None
            case Verdict.TOO_HIGH if value != self._too_high:
                self._too_high = value
                return await self._read_back("meter_reading.too_high", value, "high")
            case Verdict.TOO_HIGH:
                # The same value typed again is what the meter shows: take it, flagged.
                return await self._read_back("meter_reading.read_back", value, "high")
            case Verdict.UNCHANGED:
                return await self._read_back("meter_reading.unchanged", value, "unchanged")
            case Verdict.PLAUSIBLE:
                return await self._read_back("meter_reading.read_back", value)
            case Verdict.TOO_LONG:
                # The field has refused it; were it to come here, it is asked for again.
                return None

    async def _read_back(self, prompt: str, value: int, *flags: str) -> Confirmed | None:
        if not await self._call.confirm(prompt, value=Digits(str(value))):
            return None
        used = consumption(self._register, value)
        return RegisterReading(self._register.register, value, flags), Count(used)

    async def _too_low(self, value: int) -> Confirmed | None:
        """Lower than the last: mistyped (1), or replaced or rolled over (2). Twice is for staff."""
        if self._was_too_low:
            raise _for_staff("reading_too_low")
        if await self._call.ask("meter_reading.too_low", Choice("12")) == YES:
            self._was_too_low = True
            return None
        used = roll_over(self._register, value, self._today)
        if used is None:
            raise _for_staff("meter_replaced")
        if not await self._call.confirm(
            "meter_reading.rolled_over", value=Digits(str(value)), used=Count(used)
        ):
            return None
        return RegisterReading(self._register.register, value, ("rollover",)), Count(used)

    async def _impossible(self) -> None:
        """More than the connection can carry: mistyped, or for staff; silence leads there, too."""
        if self._was_impossible:
            raise _for_staff("reading_impossible")
        self._was_impossible = True
        question = (Text("meter_reading.impossible"),)
        patience = self._call.setting.one_silence
        if await self._call.ask_or_silence(question, Choice(YES), patience=patience) is None:
            raise _for_staff("reading_impossible")


def _for_staff(reason: str) -> HandOverError:
    return HandOverError("meter_reading.person", "meter_reading.person_closed", reason)
